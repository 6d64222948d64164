"""One filter set for the list page and the list of the API."""

from __future__ import annotations

from datetime import UTC, datetime

import django_filters
from django.core.validators import MaxValueValidator, MinValueValidator

from portal.accounts.models import Absence, Deputy, Endpoint, Grant, Membership, Person, Team

YEARS = [MinValueValidator(datetime(2000, 1, 1, tzinfo=UTC)), MaxValueValidator(datetime(2100, 1, 1, tzinfo=UTC))]


class PersonFilter(django_filters.FilterSet):
    team = django_filters.CharFilter(field_name="memberships__team__slug", distinct=True)
    state = django_filters.CharFilter()
    kind = django_filters.CharFilter()

    class Meta:
        model = Person
        fields = ["team", "state", "kind"]


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

    class Meta:
        model = Grant
        fields = ["person"]


class AbsenceFilter(django_filters.FilterSet):
    person = django_filters.CharFilter(field_name="person__handle")

    class Meta:
        model = Absence
        fields = ["person"]


class DeputyFilter(django_filters.FilterSet):
    at = django_filters.IsoDateTimeFilter(field_name="during", lookup_expr="contains", validators=YEARS)
    person = django_filters.CharFilter(field_name="person__handle")

    class Meta:
        model = Deputy
        fields = ["person"]


class EndpointFilter(django_filters.FilterSet):
    team = django_filters.CharFilter(field_name="team__slug")

    class Meta:
        model = Endpoint
        fields = ["team"]
