"""The filters of the list of ladders, for page, CSV and API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters

from oncall.models import EscalationPolicyVersion

if TYPE_CHECKING:
    from django.db.models import QuerySet

STANDINGS = (("current", "In force"), ("former", "Former"), ("all", "All"))


class LadderFilter(filters.FilterSet):
    """`standing` is whether a version is in force or was replaced."""

    standing = filters.ChoiceFilter(choices=STANDINGS, method="that_stand", label="Standing", empty_label=None)
    team = filters.CharFilter(field_name="policy__team__slug", label="Team")
    q = filters.CharFilter(field_name="policy__team__name", lookup_expr="icontains", label="Words")

    class Meta:
        model = EscalationPolicyVersion
        fields: list[str] = []

    def that_stand(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows if value == "all" else rows.filter(is_former=value == "former")
