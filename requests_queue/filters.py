"""The one set of filters of lists of requests, for pages and API (spec requests 11)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import django_filters as filters
from django import forms
from django.db.models import Count, Exists, OuterRef, Q

from portal.core import clock
from portal.core.instants import InstantFilter
from requests_queue.domain.budget import EntryKind, Size
from requests_queue.domain.kinds import KINDS
from requests_queue.domain.states import GROUPS, OPEN, State
from requests_queue.models import (
    BudgetEntry,
    DataRequest,
    RequestEvent,
    RequestMessage,
    RequestUpstream,
    SlaClock,
    Supporter,
)
from requests_queue.models.promises import CLOCK_STATES
from requests_queue.queries.attainment import decided_in
from requests_queue.queries.listing import about_data_of
from requests_queue.services.ladder import PROMISES

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

OUTCOMES = {
    "kept": Q(state="met"), "late": ~Q(state="met"), "excused": ~Q(state="met") & Q(is_excused=True),
    "premature": Q(state="met", is_premature=True),
}  # fmt: skip
STATES = [
    *((group, group.capitalize()) for group in GROUPS),
    *((state.value, state.replace("_", " ")) for state in State),
]
SIZES = [(size.value, size.value.capitalize()) for size in Size]
URGENCIES = (("normal", "Normal"), ("urgent", "Urgent"))
MOST_SUPPORTERS = 100_000
DUE = (("breached", "Late"), ("today", "Within a day"), ("week", "Within a week"))


DAY = forms.DateInput(attrs={"type": "date"})


class RequestFilter(filters.FilterSet):
    """The URL is the state; a group of states counts as one choice."""

    state = filters.ChoiceFilter(choices=STATES, method="in_state", label="State", empty_label="All states")
    kind = filters.ChoiceFilter(
        choices=[(code, kind.label) for code, kind in KINDS.items()], label="Kind", empty_label="All kinds"
    )
    team = filters.CharFilter(field_name="team__slug", label="Team")
    requester_team = filters.CharFilter(field_name="requester_team__slug", label="Asked by team")
    assignee = filters.CharFilter(method="of_assignee", label="Who has it")
    requester = filters.CharFilter(method="of_requester", label="Who asked")
    asset = filters.CharFilter(field_name="assets__asset__slug", label="Asset")
    owner = filters.CharFilter(method="of_owner", label="Owner of the data")
    size = filters.ChoiceFilter(choices=SIZES, label="Size", empty_label="All sizes")
    urgency = filters.ChoiceFilter(choices=URGENCIES, label="Urgency", empty_label="Any urgency")
    due = filters.ChoiceFilter(choices=DUE, method="falls_due", label="Due", empty_label="Any time")
    exempt = filters.BooleanFilter(field_name="exemption", lookup_expr="isnull", exclude=True, label="Exempt work")
    has_upstream = filters.BooleanFilter(method="of_upstream", label="Waits or waited upstream")
    supporters = filters.NumberFilter(method="wanted_by", label="Wanted by at least so many others")
    filed_after = filters.DateFilter(method="from_day", label="Filed from", widget=DAY)
    filed_before = filters.DateFilter(method="to_day", label="Filed until", widget=DAY)
    updated_since = InstantFilter(method="moved_since", label="Something happened since")
    q = filters.CharFilter(method="with_words", label="Words")

    class Meta:
        model = DataRequest
        fields: list[str] = []

    def in_state(self, rows: QuerySet[DataRequest], _name: str, value: str) -> QuerySet[DataRequest]:
        return rows.filter(state__in=GROUPS[value]) if value in GROUPS else rows.filter(state=value)

    def of_assignee(self, rows: QuerySet[DataRequest], _name: str, value: str) -> QuerySet[DataRequest]:
        if value == "nobody":
            return rows.filter(assignee=None)
        return rows.filter(assignee__handle=self._handle(value))

    def of_requester(self, rows: QuerySet[DataRequest], _name: str, value: str) -> QuerySet[DataRequest]:
        return rows.filter(requester__handle=self._handle(value))

    def of_owner(self, rows: QuerySet[DataRequest], _name: str, value: str) -> QuerySet[DataRequest]:
        """Requests about data that the person answers for today."""
        return rows.filter(Exists(about_data_of(self._handle(value)).filter(request=OuterRef("pk"))))

    def of_upstream(self, rows: QuerySet[DataRequest], _name: str, value: bool) -> QuerySet[DataRequest]:  # noqa: FBT001 (the filter calls it so)
        linked = Exists(RequestUpstream.objects.filter(request=OuterRef("pk")))
        return rows.filter(linked if value else ~linked)

    def wanted_by(self, rows: QuerySet[DataRequest], _name: str, value: Any) -> QuerySet[DataRequest]:
        """Requests that at least so many people joined; from 1 on, a larger number than people is nobody."""
        if not 1 <= value <= MOST_SUPPORTERS:
            return rows.none() if value > MOST_SUPPORTERS else rows
        ids = Supporter.objects.values("request").annotate(n=Count("pk")).filter(n__gte=int(value)).values("request")
        return rows.filter(pk__in=ids)

    def falls_due(self, rows: QuerySet[DataRequest], _name: str, value: str) -> QuerySet[DataRequest]:
        at = clock.now()
        live = rows.filter(state__in=sorted(OPEN))
        if value == "breached":
            running = SlaClock.objects.filter(request=OuterRef("pk"), state="running")
            return live.filter(Exists(running), due_at__lt=at)
        return live.filter(due_at__gte=at, due_at__lt=at + timedelta(days=1 if value == "today" else 7))

    def from_day(self, rows: QuerySet[DataRequest], _name: str, value: date) -> QuerySet[DataRequest]:
        return rows.filter(filed_at__gte=self._midnight(value))

    def to_day(self, rows: QuerySet[DataRequest], _name: str, value: date) -> QuerySet[DataRequest]:
        """The day itself belongs to it."""
        return rows.filter(filed_at__lt=self._midnight(value + timedelta(days=1)))

    def moved_since(self, rows: QuerySet[DataRequest], _name: str, value: datetime) -> QuerySet[DataRequest]:
        """A move, an act or a public word at or after the instant; what the team says among itself is no news."""
        acts = RequestEvent.objects.filter(request=OuterRef("pk"), at__gte=value)
        words = RequestMessage.objects.filter(request=OuterRef("pk"), is_public=True, created_at__gte=value)
        return rows.filter(Exists(acts) | Exists(words))

    def with_words(self, rows: QuerySet[DataRequest], _name: str, value: str) -> QuerySet[DataRequest]:
        for word in value.split()[:8]:
            rows = rows.filter(Q(title__icontains=word) | Q(number=word.upper()))
        return rows

    def _midnight(self, day: date) -> datetime:
        """The beginning of a day on the reader's clock."""
        zone = getattr(getattr(self.request, "user", None), "zone", "UTC")
        return datetime.combine(day, time(), ZoneInfo(zone))

    def _handle(self, value: str) -> str:
        user: Any = getattr(self.request, "user", None)
        return str(user.handle) if value == "me" and user is not None else value


class EntryFilter(filters.FilterSet):
    """Which lines of a ledger."""

    kind = filters.ChoiceFilter(
        choices=[(kind.value, kind.value.replace("_", " ").capitalize()) for kind in EntryKind], label="What",
        empty_label="Everything",
    )  # fmt: skip
    request = filters.CharFilter(field_name="request__number", lookup_expr="iexact", label="Number of the request")
    person = filters.CharFilter(
        method="of_person",
        label="Whose lines",
        widget=forms.TextInput(attrs={"placeholder": "me, or a handle"}),
    )
    since = filters.DateFilter(
        field_name="recorded_at", lookup_expr="date__gte", label="Entered since",
        widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip

    class Meta:
        model = BudgetEntry
        fields: list[str] = []

    def of_person(self, rows: QuerySet[BudgetEntry], _name: str, value: str) -> QuerySet[BudgetEntry]:
        """Only one's own: the minutes of others are not for filtering."""
        return rows.filter(person=self.user) if value in {"me", self.user.handle} else rows.none()

    @property
    def user(self) -> Any:
        asking: Any = self.request
        return asking.user


class TeamEntryFilter(EntryFilter):
    """The same for who may see whose minutes a line is: the lead."""

    def of_person(self, rows: QuerySet[BudgetEntry], _name: str, value: str) -> QuerySet[BudgetEntry]:
        """The lines of anybody, by handle."""
        return rows.filter(person__handle=self.user.handle if value == "me" else value)


def entry_filter(*, sees_people: bool) -> type[EntryFilter]:
    """The filters of a ledger as somebody may use them."""
    return TeamEntryFilter if sees_people else EntryFilter


class ClockFilter(filters.FilterSet):
    """Which clocks; `breaching_before` asks for running ones due before an instant.

    `decided_from`, `decided_to` and `outcome` ask for cycles that were kept or broken, as the figures count them.
    """

    breaching_before = InstantFilter(method="due_before", label="Running and due before")
    team = filters.CharFilter(field_name="request__team__slug", label="Team")
    kind = filters.ChoiceFilter(choices=list(PROMISES.items()), label="Promise", empty_label="All promises")
    state = filters.ChoiceFilter(choices=[(state, state) for state in CLOCK_STATES], label="State")
    request = filters.CharFilter(field_name="request__number", label="Number of the request")
    request_kind = filters.ChoiceFilter(
        field_name="request__kind", choices=[(code, kind.label) for code, kind in KINDS.items()], label="Kind",
        empty_label="All kinds",
    )  # fmt: skip
    urgency = filters.ChoiceFilter(
        field_name="request__urgency", choices=[("normal", "Ordinary"), ("urgent", "Urgent")], label="Urgency",
        empty_label="Any",
    )  # fmt: skip
    decided_from = InstantFilter(method="as_given", label="Decided since")
    decided_to = InstantFilter(method="as_given", label="Decided before")
    outcome = filters.ChoiceFilter(
        method="as_given", label="How it ended", empty_label="Kept or late",
        choices=[("kept", "Kept"), ("late", "Late"), ("excused", "Late and excused"), ("premature", "Kept too early")],
    )  # fmt: skip

    class Meta:
        model = SlaClock
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[SlaClock]) -> QuerySet[SlaClock]:
        rows: QuerySet[SlaClock] = super().filter_queryset(queryset)
        given = self.form.cleaned_data
        start, end, outcome = given["decided_from"], given["decided_to"], given["outcome"]
        if start is None and end is None and not outcome:
            return rows
        return rows.filter(decided_in(start, end, clock.now()) & OUTCOMES.get(outcome, Q()))

    def due_before(self, rows: QuerySet[SlaClock], _name: str, value: Any) -> QuerySet[SlaClock]:
        return rows.filter(state="running", due_at__lt=value)

    def as_given(self, rows: QuerySet[SlaClock], _name: str, _value: Any) -> QuerySet[SlaClock]:
        """One of a condition of several fields: see `filter_queryset`."""
        return rows
