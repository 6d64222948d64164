"""The one filter of handovers: page, export and API read the same address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import django_filters
from django.db.models import Q

from ownership.domain.handoffs import STATE_WORDS
from ownership.models import Handoff, HandoffItem
from ownership.queries.handoffs import concerning
from portal.core import clock

if TYPE_CHECKING:
    from django.db.models import QuerySet


class HandoffFilter(django_filters.FilterSet):
    """State, giver and taker (a handle or a team's slug), asset (a slug), and what concerns the viewer."""

    state = django_filters.ChoiceFilter(
        label="State",
        choices=[(state, words.capitalize()) for state, words in STATE_WORDS.items()],
        empty_label="Any state",
    )
    giver = django_filters.CharFilter(method="given_by", label="From", max_length=60)
    taker = django_filters.CharFilter(method="taken_by", label="To", max_length=60)
    asset = django_filters.CharFilter(method="of_asset", label="Asset", max_length=200)
    view = django_filters.ChoiceFilter(
        method="of_viewer", label="Whose", choices=[("mine", "Mine"), ("all", "All")], empty_label="All"
    )

    class Meta:
        model = Handoff
        fields = ["state", "giver", "taker", "asset", "view"]

    def given_by(self, rows: QuerySet[Handoff], _: str, value: str) -> QuerySet[Handoff]:
        return rows.filter(Q(from_person__handle=value) | Q(from_team__slug=value))

    def taken_by(self, rows: QuerySet[Handoff], _: str, value: str) -> QuerySet[Handoff]:
        return rows.filter(Q(to_person__handle=value) | Q(to_team__slug=value))

    def of_asset(self, rows: QuerySet[Handoff], _: str, value: str) -> QuerySet[Handoff]:
        return rows.filter(pk__in=HandoffItem.objects.filter(asset__slug=value).values("handoff_id"))

    def of_viewer(self, rows: QuerySet[Handoff], _: str, value: str) -> QuerySet[Handoff]:
        return rows.filter(concerning(self.request.user, clock.now())) if value == "mine" else rows
