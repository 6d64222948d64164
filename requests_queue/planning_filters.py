"""Filters of lists of planning, for pages and API."""

from __future__ import annotations

from typing import Any

import django_filters as filters

from portal.core.domain.quarter import quarter_called
from portal.core.errors import DomainError
from requests_queue.domain.plan import CANDIDATE_STATES, ITEM_STATES, NEED_STATES, SOURCES
from requests_queue.models import ModelOutcome, PlanCandidate, PlanItem, PlanNeed, RequestCluster


class _OfPlan(filters.FilterSet):
    """Team and quarter of the plan; `plan` is the way to it."""

    plan = "plan"

    team = filters.CharFilter(method="of_team", label="Team")
    quarter = filters.CharFilter(method="in_quarter", label="Quarter, such as 2027q1")

    def of_team(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(**{f"{self.plan}__team__slug": value})

    def in_quarter(self, rows: Any, _name: str, value: str) -> Any:
        try:
            start = quarter_called(value).starts_on
        except DomainError:
            return rows.none()
        return rows.filter(**{f"{self.plan}__quarter_start": start})


class LineFilter(_OfPlan):
    state = filters.ChoiceFilter(choices=[(state, state) for state in ITEM_STATES], label="State")

    class Meta:
        model = PlanItem
        fields: list[str] = []


class CandidateFilter(_OfPlan):
    request = filters.CharFilter(method="of_request", label="Number of a request behind it")
    source = filters.ChoiceFilter(
        field_name="source_type", choices=[(source, source) for source in SOURCES], label="Where it comes from"
    )
    status = filters.ChoiceFilter(choices=[(state, state) for state in CANDIDATE_STATES], label="Answer")

    class Meta:
        model = PlanCandidate
        fields: list[str] = []

    def of_request(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(requests__number__iexact=value, requests__is_private=False)


class NeedFilter(_OfPlan):
    plan = "item__plan"
    state = filters.ChoiceFilter(choices=[(state, state) for state in NEED_STATES], label="State")
    asked = filters.CharFilter(field_name="team__slug", label="Of team")

    class Meta:
        model = PlanNeed
        fields: list[str] = []


class ClusterFilter(filters.FilterSet):
    team = filters.CharFilter(field_name="team__slug", label="Team")
    state = filters.ChoiceFilter(
        choices=[(state, state) for state in ("live", "proposed", "shipped", "rejected")], label="State"
    )

    class Meta:
        model = RequestCluster
        fields: list[str] = []


class OutcomeFilter(_OfPlan):
    plan = "item__plan"
    verdict = filters.ChoiceFilter(
        choices=[(word, word) for word in ("fell", "not_shown", "too_early")], label="Verdict"
    )

    class Meta:
        model = ModelOutcome
        fields: list[str] = []
