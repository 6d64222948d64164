"""The filters of changes of shifts and of requests for cover: one set for page, CSV and API."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import django_filters as filters
from django import forms
from django.db.models import Q

from oncall.domain.swap_words import SWAP_STATES
from oncall.domain.words import ROLE_WORDS, ChangeKind, ChangeState
from oncall.models import CompDay, CoverRequest, ShiftChange
from oncall.queries.board import asked

if TYPE_CHECKING:
    from django.db.models import QuerySet

ONE_DAY = timedelta(days=1)
DAY = forms.DateInput(attrs={"type": "date"})
WAITING = forms.Select(choices=[("", "Or not"), ("true", "Yes"), ("false", "No")])
ROLES = [(role.value, words.capitalize()) for role, words in ROLE_WORDS.items()]
KINDS = [(kind.value, kind.value.capitalize()) for kind in ChangeKind]
STATES = [(state.value, state.value.capitalize()) for state in ChangeState]
COVERS = [(state, state.capitalize()) for state in ("open", "taken", "expired", "withdrawn")]


class ChangeFilter(filters.FilterSet):
    """What touches the days from `since` to `until` is shown. `person` gives or gets the shift."""

    rota = filters.CharFilter(field_name="rota__slug", label="Rota")
    team = filters.CharFilter(field_name="rota__team__slug", label="Team")
    kind = filters.ChoiceFilter(choices=KINDS, label="Kind", empty_label="All kinds")
    state = filters.ChoiceFilter(choices=STATES, label="State", empty_label="All states")
    role = filters.ChoiceFilter(choices=ROLES, label="Role", empty_label="All roles")
    person = filters.CharFilter(method="of_person", label="Person")
    since = filters.DateFilter(method="from_day", label="From", widget=DAY)
    until = filters.DateFilter(method="to_day", label="To", widget=DAY)

    class Meta:
        model = ShiftChange
        fields: list[str] = []

    def of_person(self, rows: QuerySet[ShiftChange], _name: str, value: str) -> QuerySet[ShiftChange]:
        return rows.filter(Q(to_person__handle=value) | Q(from_person__handle=value))

    def from_day(self, rows: QuerySet[ShiftChange], _name: str, value: date) -> QuerySet[ShiftChange]:
        return rows.filter(during__endswith__gt=midnight(value))

    def to_day(self, rows: QuerySet[ShiftChange], _name: str, value: date) -> QuerySet[ShiftChange]:
        return rows.filter(during__startswith__lt=midnight(value + ONE_DAY))


class SwapFilter(filters.FilterSet):
    """`person` offers or is asked. `waiting` leaves the offers that wait for the caller's yes."""

    rota = filters.CharFilter(field_name="rota__slug", label="Rota")
    team = filters.CharFilter(field_name="rota__team__slug", label="Team")
    state = filters.ChoiceFilter(field_name="swap_state", choices=SWAP_STATES, label="State", empty_label="All states")
    person = filters.CharFilter(method="of_person", label="Person")
    since = filters.DateFilter(method="from_day", label="Offered from", widget=DAY)
    until = filters.DateFilter(method="to_day", label="Offered to", widget=DAY)
    waiting = filters.BooleanFilter(method="that_wait", label="Waiting for my yes", widget=WAITING)

    class Meta:
        model = ShiftChange
        fields: list[str] = []

    def of_person(self, rows: QuerySet[ShiftChange], _name: str, value: str) -> QuerySet[ShiftChange]:
        return rows.filter(Q(requested_by__handle=value) | Q(to_person__handle=value))

    def that_wait(self, rows: QuerySet[ShiftChange], _name: str, value: bool) -> QuerySet[ShiftChange]:  # noqa: FBT001 (django-filter calls it)
        mine = {"swap_state": ChangeState.PROPOSED, "to_person": self.request.user}
        return rows.filter(**mine) if value else rows

    def from_day(self, rows: QuerySet[ShiftChange], _name: str, value: date) -> QuerySet[ShiftChange]:
        return rows.filter(created_at__gte=midnight(value))

    def to_day(self, rows: QuerySet[ShiftChange], _name: str, value: date) -> QuerySet[ShiftChange]:
        return rows.filter(created_at__lt=midnight(value + ONE_DAY))


class CoverFilter(filters.FilterSet):
    """`person` needs cover, is asked, or has taken it."""

    rota = filters.CharFilter(field_name="rota__slug", label="Rota")
    team = filters.CharFilter(field_name="rota__team__slug", label="Team")
    state = filters.ChoiceFilter(choices=COVERS, label="State", empty_label="All states")
    role = filters.ChoiceFilter(choices=ROLES, label="Role", empty_label="All roles")
    person = filters.CharFilter(method="of_person", label="Person")
    since = filters.DateFilter(method="from_day", label="From", widget=DAY)
    until = filters.DateFilter(method="to_day", label="To", widget=DAY)
    waiting = filters.BooleanFilter(method="that_wait", label="Waiting for my yes")

    class Meta:
        model = CoverRequest
        fields: list[str] = []

    def of_person(self, rows: QuerySet[CoverRequest], _name: str, value: str) -> QuerySet[CoverRequest]:
        named = Q(from_person__handle=value) | Q(candidate__handle=value) | Q(taken_by__handle=value)
        return rows.filter(named)

    def that_wait(self, rows: QuerySet[CoverRequest], _name: str, value: bool) -> QuerySet[CoverRequest]:  # noqa: FBT001 (django-filter calls it)
        return rows.filter(asked(self.request.user)) if value else rows

    def from_day(self, rows: QuerySet[CoverRequest], _name: str, value: date) -> QuerySet[CoverRequest]:
        return rows.filter(during__endswith__gt=midnight(value))

    def to_day(self, rows: QuerySet[CoverRequest], _name: str, value: date) -> QuerySet[CoverRequest]:
        return rows.filter(during__startswith__lt=midnight(value + ONE_DAY))


class CompDayFilter(filters.FilterSet):
    """Days off that are earned."""

    state = filters.ChoiceFilter(choices=[("open", "To be taken"), ("taken", "Taken")], label="State")
    rota = filters.CharFilter(field_name="rota__slug", label="Rota")

    class Meta:
        model = CompDay
        fields: list[str] = []


def midnight(day: date) -> datetime:
    """The beginning of a day in UTC: the rows of several rotas share no zone."""
    return datetime.combine(day, time(), UTC)
