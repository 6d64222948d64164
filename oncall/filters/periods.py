"""The filters of special periods and of major holidays: one set for page, CSV and API."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import django_filters as filters
from django import forms

from oncall.domain.words import DRAFT_WORDS
from oncall.models import MajorHoliday, SpecialPeriod

if TYPE_CHECKING:
    from django.db.models import QuerySet

DAY = forms.DateInput(attrs={"type": "date"})
DRAFTS = [(state.value, words.capitalize()) for state, words in DRAFT_WORDS.items()]


class PeriodFilter(filters.FilterSet):
    """What touches the days from `since` to `until` is shown."""

    rota = filters.CharFilter(field_name="rota__slug", label="Rota")
    team = filters.CharFilter(field_name="rota__team__slug", label="Team")
    draft_state = filters.ChoiceFilter(choices=DRAFTS, label="Draft", empty_label="Any draft")
    since = filters.DateFilter(method="from_day", label="From", widget=DAY)
    until = filters.DateFilter(method="to_day", label="To", widget=DAY)

    class Meta:
        model = SpecialPeriod
        fields: list[str] = []

    def from_day(self, rows: QuerySet[SpecialPeriod], _name: str, value: date) -> QuerySet[SpecialPeriod]:
        return rows.filter(during__endswith__gt=datetime.combine(value, time(), UTC))

    def to_day(self, rows: QuerySet[SpecialPeriod], _name: str, value: date) -> QuerySet[SpecialPeriod]:
        return rows.filter(during__startswith__lt=datetime.combine(value + timedelta(days=1), time(), UTC))


class MajorFilter(filters.FilterSet):
    """Holidays that touch the days from `since` to `until`."""

    team = filters.CharFilter(field_name="team__slug", label="Team")
    q = filters.CharFilter(field_name="name", lookup_expr="icontains", label="Name")
    person = filters.CharFilter(field_name="last_held_by__handle", label="Held last by")
    since = filters.DateFilter(field_name="dates", lookup_expr="endswith__gt", label="From", widget=DAY)
    until = filters.DateFilter(field_name="dates", lookup_expr="startswith__lte", label="To", widget=DAY)

    class Meta:
        model = MajorHoliday
        fields: list[str] = []
