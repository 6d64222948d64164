"""One filter set for the list page and the list of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import django_filters
from django import forms
from django.db.models import Q

from portal.accounts.domain.holidays import region_of
from portal.accounts.domain.vocabulary import DISCIPLINE_LABELS, GrantName, PersonKind, PersonState
from portal.accounts.models import Absence, ApiToken, Deputy, Endpoint, Grant, HolidaySet, Membership, Person, Team
from portal.core import clock
from portal.core.instants import InstantFilter
from portal.core.models import SavedView

if TYPE_CHECKING:
    from django.db.models import QuerySet

DISCIPLINES = [(craft.value, label.capitalize()) for craft, label in DISCIPLINE_LABELS.items() if craft]
STATES = [
    (PersonState.ACTIVE.value, "Active"), (PersonState.LEAVING.value, "Leaving"), (PersonState.INACTIVE.value, "Left"),
    (PersonState.INVITED.value, "Invited"),
]  # fmt: skip
KINDS = [(PersonKind.PERSON.value, "People"), (PersonKind.SERVICE.value, "Programs")]


class PersonFilter(django_filters.FilterSet):
    """Team and discipline are those of the day `at`, today unless the address says another."""

    q = django_filters.CharFilter(label="Name or handle", method="named")
    team = django_filters.CharFilter(label="Team", method="placed")
    discipline = django_filters.ChoiceFilter(label="Craft", choices=DISCIPLINES, method="placed", empty_label="Any")
    at = django_filters.DateFilter(label="On the day", method="placed", widget=forms.DateInput({"type": "date"}))
    state = django_filters.ChoiceFilter(label="State", choices=STATES, empty_label="Here")
    kind = django_filters.ChoiceFilter(label="Who", choices=KINDS, empty_label="People and programs")

    class Meta:
        model = Person
        fields = ["q", "team", "discipline", "at", "state", "kind"]

    def named(self, rows: QuerySet[Person], _: str, value: str) -> QuerySet[Person]:
        return rows.filter(Q(name__icontains=value) | Q(handle__istartswith=value.removeprefix("@")))

    def placed(self, rows: QuerySet[Person], _: str, __: object) -> QuerySet[Person]:
        """In a place with all that was asked, on the day; saying it twice changes nothing."""
        asked = self.form.cleaned_data
        places = Membership.objects.filter(during__contains=asked["at"] or clock.now().date())
        if asked["team"]:
            places = places.filter(team__slug=asked["team"])
        if asked["discipline"]:
            places = places.filter(discipline=asked["discipline"])
        return rows.filter(pk__in=places.values("person"))


class TeamFilter(django_filters.FilterSet):
    discipline = django_filters.CharFilter()

    class Meta:
        model = Team
        fields = ["discipline"]


class MembershipFilter(django_filters.FilterSet):
    at = django_filters.DateFilter(field_name="during", lookup_expr="contains")
    team = django_filters.CharFilter(field_name="team__slug")
    person = django_filters.CharFilter(field_name="person__handle")

    class Meta:
        model = Membership
        fields = ["team", "person"]


class GrantFilter(django_filters.FilterSet):
    at = django_filters.DateFilter(field_name="during", lookup_expr="contains")
    person = django_filters.CharFilter(field_name="person__handle")
    team = django_filters.CharFilter(field_name="team__slug")
    name = django_filters.ChoiceFilter(choices=[(name.value, name.value) for name in GrantName])

    class Meta:
        model = Grant
        fields = ["at", "person", "team", "name"]


class TokenFilter(django_filters.FilterSet):
    """The caller's own unless a person is named."""

    person = django_filters.CharFilter(field_name="person__handle")

    class Meta:
        model = ApiToken
        fields = ["person"]

    def filter_queryset(self, queryset: QuerySet[ApiToken]) -> QuerySet[ApiToken]:
        if self.form.cleaned_data["person"]:
            return super().filter_queryset(queryset)  # type: ignore[no-any-return]  # django-filter ships no types
        return queryset.filter(person=self.request.user)


class AbsenceFilter(django_filters.FilterSet):
    person = django_filters.CharFilter(field_name="person__handle")

    class Meta:
        model = Absence
        fields = ["person"]


class DeputyFilter(django_filters.FilterSet):
    at = InstantFilter(field_name="during", lookup_expr="contains")
    person = django_filters.CharFilter(field_name="person__handle")

    class Meta:
        model = Deputy
        fields = ["person"]


class EndpointFilter(django_filters.FilterSet):
    team = django_filters.CharFilter(field_name="team__slug")

    class Meta:
        model = Endpoint
        fields = ["team"]


class SavedViewFilter(django_filters.FilterSet):
    """Kept views of one list."""

    page = django_filters.CharFilter(label="List", max_length=60)

    class Meta:
        model = SavedView
        fields = ["page"]


class HolidaySetFilter(django_filters.FilterSet):
    """A region written DE or DE-BE, and a year."""

    region = django_filters.CharFilter(label="Region", method="of_region")
    year = django_filters.NumberFilter(label="Year", min_value=2000, max_value=2099)

    class Meta:
        model = HolidaySet
        fields = ["region", "year"]

    def of_region(self, rows: QuerySet[HolidaySet], _: str, value: str) -> QuerySet[HolidaySet]:
        region = region_of(value)
        rows = rows.filter(country=region.country)
        return rows.filter(subdivision=region.subdivision) if region.subdivision else rows
