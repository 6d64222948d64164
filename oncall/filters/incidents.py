"""The filters of lists of incidents and agreements, for pages and API."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import django_filters as filters
from django.db.models import Q

from oncall.domain.agreements import CLASS_WORDS, AgreementState
from oncall.domain.failure_kinds import KIND_WORDS
from oncall.domain.incident_states import OPEN, STATE_WORDS
from oncall.models import Agreement, AgreementVersion, Incident, UpstreamTicket
from oncall.models.upstream import TICKET_STATES
from portal.core import clock

if TYPE_CHECKING:
    from django.db.models import QuerySet

GROUPS = {"open": "Open", "closed": "Closed"}
STATES = [*GROUPS.items(), *((state.value, words.capitalize()) for state, words in STATE_WORDS.items())]
STANDINGS = (
    ("agreed", "Agreed"), ("to_sign", "Waits for a signature"), ("not_agreed", "Not agreed"), ("ending", "Ends soon"),
    ("review", "To review"),
)  # fmt: skip
SOON = timedelta(days=30)


class IncidentFilter(filters.FilterSet):
    """`state` takes a state or the groups open and closed."""

    state = filters.ChoiceFilter(choices=STATES, method="in_state", label="State", empty_label="All states")
    kind = filters.ChoiceFilter(
        choices=[(kind.value, words.capitalize()) for kind, words in KIND_WORDS.items()], field_name="failure_kind",
        label="Kind", empty_label="All kinds",
    )  # fmt: skip
    team = filters.CharFilter(field_name="team__slug", label="Team")
    asset = filters.CharFilter(method="of_asset", label="Asset")
    opened = filters.DateFromToRangeFilter(field_name="opened_at", label="Opened")
    q = filters.CharFilter(field_name="title", lookup_expr="icontains", label="Words")

    class Meta:
        model = Incident
        fields: list[str] = []

    def in_state(self, rows: QuerySet[Incident], _name: str, value: str) -> QuerySet[Incident]:
        if value == "open":
            return rows.filter(state__in=sorted(OPEN))
        return rows.exclude(state__in=sorted(OPEN)) if value == "closed" else rows.filter(state=value)

    def of_asset(self, rows: QuerySet[Incident], _name: str, value: str) -> QuerySet[Incident]:
        return rows.filter(Q(root_asset__slug=value) | Q(alerts__asset__slug=value)).distinct()


class AgreementFilter(filters.FilterSet):
    """`standing` is what the agreement is worth today."""

    standing = filters.ChoiceFilter(choices=STANDINGS, method="that_stand", label="Standing", empty_label="All")
    night_class = filters.ChoiceFilter(
        choices=[(each.value, words.capitalize()) for each, words in CLASS_WORDS.items()], field_name="live_class",
        label="At night", empty_label="Any class",
    )  # fmt: skip
    team = filters.CharFilter(field_name="downstream_team__slug", label="Downstream team")
    asset = filters.CharFilter(field_name="asset__slug", label="Asset")
    q = filters.CharFilter(method="with_words", label="Words")

    class Meta:
        model = Agreement
        fields: list[str] = []

    def with_words(self, rows: QuerySet[Agreement], _name: str, value: str) -> QuerySet[Agreement]:
        return rows.filter(Q(asset__name__icontains=value) | Q(downstream_team__name__icontains=value))

    def that_stand(self, rows: QuerySet[Agreement], _name: str, value: str) -> QuerySet[Agreement]:
        today = clock.now().date()
        active = AgreementVersion.objects.filter(state=AgreementState.ACTIVE, expires_on__gte=today)
        live = Q(pk__in=active.values("agreement"))
        ending = active.filter(expires_on__lte=today + SOON).values("agreement")
        drafts = AgreementVersion.objects.filter(state=AgreementState.DRAFT).values("agreement")
        return {
            "agreed": rows.filter(live), "ending": rows.filter(pk__in=ending), "to_sign": rows.filter(pk__in=drafts),
            "review": rows.filter(review_wanted_at__isnull=False),
        }.get(value, rows.exclude(live).filter(downstream_team__archived_at=None))  # fmt: skip


class TicketFilter(filters.FilterSet):
    """Tickets to upstream owners."""

    state = filters.ChoiceFilter(
        choices=[("live", "Live"), *((state, state.capitalize()) for state in TICKET_STATES)], method="in_state",
        label="State", empty_label="All states",
    )  # fmt: skip
    team = filters.CharFilter(field_name="team__slug", label="Upstream team")
    asset = filters.CharFilter(field_name="upstream_asset__slug", label="Asset")
    q = filters.CharFilter(field_name="title", lookup_expr="icontains", label="Words")

    class Meta:
        model = UpstreamTicket
        fields: list[str] = []

    def in_state(self, rows: QuerySet[UpstreamTicket], _name: str, value: str) -> QuerySet[UpstreamTicket]:
        return rows.filter(state__in=["open", "unblocked"]) if value == "live" else rows.filter(state=value)
