"""One filter set for rules about kinds of failures: page, CSV and API."""

from __future__ import annotations

import django_filters as filters

from oncall.domain.failure_kinds import KIND_WORDS
from oncall.models import FailureRule

KINDS = [(kind.value, words.capitalize()) for kind, words in KIND_WORDS.items()]


class FailureRuleFilter(filters.FilterSet):
    q = filters.CharFilter(field_name="phrase", lookup_expr="icontains", label="Words")
    team = filters.CharFilter(field_name="team__slug", label="Team")
    kind = filters.ChoiceFilter(field_name="failure_kind", choices=KINDS, label="Kind", empty_label="All kinds")
    person = filters.CharFilter(field_name="made_by__handle", label="Made by")

    class Meta:
        model = FailureRule
        fields: list[str] = []
