"""One filter set for rotas: the page of who is on call, its CSV, and both API lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import django_filters
from django.db.models import Q

from oncall.domain.words import RotaKind
from oncall.models import Rota

if TYPE_CHECKING:
    from django.db.models import QuerySet

KINDS = [(RotaKind.PIPELINE.value, "Pipelines"), (RotaKind.QUESTIONS.value, "Questions")]


class RotaFilter(django_filters.FilterSet):
    """`person` is a member of the rules that are not over."""

    q = django_filters.CharFilter(method="called", label="Name")
    team = django_filters.CharFilter(field_name="team__slug", label="Team")
    kind = django_filters.ChoiceFilter(choices=KINDS, label="Kind", empty_label="All kinds")
    person = django_filters.CharFilter(method="of_person", label="Member")

    class Meta:
        model = Rota
        fields: list[str] = []

    def called(self, rows: QuerySet[Rota], _name: str, value: str) -> QuerySet[Rota]:
        return rows.filter(Q(name__icontains=value) | Q(slug__icontains=value))

    def of_person(self, rows: QuerySet[Rota], _name: str, value: str) -> QuerySet[Rota]:
        handle = value.strip().lstrip("@")
        return rows.filter(versions__members__person__handle=handle, versions__valid__isempty=False).distinct()


class NowFilter(RotaFilter):
    rota = django_filters.CharFilter(field_name="slug", label="Rota")
