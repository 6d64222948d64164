"""The filters of edits that were asked about: one set for page, CSV and API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import django_filters as filters

from oncall.domain.consent import STATE_WORDS, Answer, EditKind, EditState
from oncall.filters.shifts import WAITING
from oncall.models import RotaEdit

if TYPE_CHECKING:
    from django.db.models import QuerySet

KINDS = [(kind.value, kind.value.capitalize()) for kind in EditKind]
STATES = [(state.value, words.capitalize()) for state, words in STATE_WORDS.items()]


class EditFilter(filters.FilterSet):
    """`person` is asked. `waiting` leaves what waits for the caller's own yes."""

    rota = filters.CharFilter(field_name="rota__slug", label="Rota")
    team = filters.CharFilter(field_name="rota__team__slug", label="Team")
    kind = filters.ChoiceFilter(choices=KINDS, label="Kind", empty_label="All kinds")
    state = filters.ChoiceFilter(choices=STATES, label="State", empty_label="All states")
    person = filters.CharFilter(field_name="consents__person__handle", label="Who is asked")
    waiting = filters.BooleanFilter(method="that_wait", label="Waiting for my yes", widget=WAITING)

    class Meta:
        model = RotaEdit
        fields: list[str] = []

    def that_wait(self, rows: QuerySet[RotaEdit], _name: str, value: bool) -> QuerySet[RotaEdit]:  # noqa: FBT001 (django-filter calls it)
        mine = {"consents__person": self.request.user, "consents__answer": Answer.NONE}
        return rows.filter(state=EditState.WAITING, **mine) if value else rows
