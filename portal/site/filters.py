"""One filter set for the page of changes, its CSV and the list of the API."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db.models import Q

from portal.accounts.models import Membership, Team
from portal.core import clock
from portal.core.models import AuditEntry
from portal.core.queries.changes import DOWNLOADED
from portal.core.registries import verb_registry
from portal.engine.registries import subject_handlers
from portal.site.queries.change_words import verb_words

if TYPE_CHECKING:
    from django.db.models import QuerySet

PERIODS = [("1", "1 day"), ("30", "30 days"), ("90", "90 days"), ("0", "Since the beginning")]
WEEK = timedelta(days=7)
DOORS = [("web", "the pages"), ("api", "the API"), ("import", "an import"), ("link", "a link in a message"),
         ("task", "a worker"), ("engine", "the engine"), ("command", "a command")]  # fmt: skip
OF_PEOPLE = ("accounts.absence", "accounts.deputy", "accounts.endpoint", "accounts.grant", "accounts.membership",
             "accounts.person", "accounts.team")  # fmt: skip
HANDLE = RegexValidator(r"^[a-z0-9][a-z0-9._-]{0,39}\Z")
OBJECT = RegexValidator(r"^[a-z_]{1,40}\.[a-z_]{1,60}:[A-Za-z0-9-]{1,40}\Z")
NUMBER = [MinValueValidator(0), MaxValueValidator(2**62)]


ROOMS = {"accounts": "People", "oncall": "On-call", "ownership": "Ownership", "requests": "Requests",
         "requests_queue": "Requests", "faq": "Answers",
         "site": "The house", "engine": "The house", "core": "The house", "imports": "Imports"}  # fmt: skip
THINGS = {
    "accounts.absence": "Absences", "accounts.deputy": "Deputies", "accounts.endpoint": "Endpoints",
    "accounts.grant": "Grants", "accounts.membership": "Memberships", "accounts.person": "People",
    "accounts.team": "Teams", "oncall.agreementversion": "3 am agreements", "oncall.compday": "Days off",
    "oncall.coverrequest": "Covers", "oncall.guardrailfire": "Guardrails", "oncall.incident": "Incidents",
    "oncall.rota": "Rotas", "oncall.rotaedit": "Changes of rotas", "oncall.shiftchange": "Changes of shifts",
    "oncall.specialperiod": "Special periods", "oncall.upstreamticket": "Upstream tickets",
    "ownership.announcement": "Announcements", "ownership.announcementrecipient": "Answers to announcements",
    "ownership.asset": "Assets", "ownership.changeplan": "Rebuilds and moves", "ownership.crossing": "Crossings",
    "ownership.handoff": "Handoffs", "ownership.ownership": "Owners", "ownership.plantrigger": "Runs of pipelines",
    "ownership.reference": "References", "ownership.reviewcampaign": "Reviews", "ownership.talk": "Talks",
    "requests_queue.breakglass": "Emergency access", "requests_queue.budgetperiod": "Budgets",
    "requests_queue.datarequest": "Requests", "requests_queue.faqentry": "Answers",
    "requests_queue.quarterplan": "Plans", "requests_queue.slaclock": "Promises", "requests_queue.teamdesk": "Desks",
}  # fmt: skip
Grouped = list[tuple[str, list[tuple[str, str]]]]


def _kinds() -> list[tuple[str, str]]:
    names = {*OF_PEOPLE, "ownership.asset", *(name for name, _ in subject_handlers.items())}
    return sorted(((name, THINGS.get(name, name.partition(".")[2])) for name in names), key=lambda one: one[1])


def _verbs() -> Grouped:
    """By room, each act by its sentence."""
    rooms: dict[str, list[tuple[str, str]]] = {}
    for verb, known in verb_registry.items():
        rooms.setdefault(ROOMS.get(verb.partition(".")[0], "More"), []).append((verb, verb_words(verb, known.sentence)))
    return [(room, sorted(acts, key=lambda one: one[1].lower())) for room, acts in sorted(rooms.items())]


def _teams() -> list[tuple[str, str]]:
    rows = Team.objects.filter(is_system=False).order_by("name")
    return list(rows.values_list("slug", "name")[:500])


class ChangesFilter(django_filters.FilterSet):
    """Seven days unless a period, an object, a group or a number to go on from is given.

    `object` is "<type>:<id>" as links of other pages write it; `team` are the acts of its people of today, and those
    on the team itself. Downloads change nothing, so they are listed only when they are asked for.
    """

    object = django_filters.CharFilter(method="of_object", widget=forms.HiddenInput, validators=[OBJECT])
    group = django_filters.UUIDFilter(widget=forms.HiddenInput)
    verb = django_filters.ChoiceFilter(label="What", choices=_verbs, empty_label="Any change")
    kind = django_filters.ChoiceFilter(label="About", field_name="object_type", choices=_kinds, empty_label="Anything")
    actor = django_filters.CharFilter(
        label="By whom", field_name="actor__handle", validators=[HANDLE],
        widget=forms.TextInput(attrs={"placeholder": "handle"}),
    )  # fmt: skip
    team = django_filters.ChoiceFilter(label="Team", method="of_team", choices=_teams, empty_label="Any team")
    via = django_filters.ChoiceFilter(label="Through", choices=DOORS, empty_label="Any door")
    days = django_filters.ChoiceFilter(label="Period", method="as_it_is", choices=PERIODS, empty_label="7 days")
    after = django_filters.NumberFilter(field_name="pk", lookup_expr="gt", widget=forms.HiddenInput, validators=NUMBER)

    class Meta:
        model = AuditEntry
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = clock.now()

    def filter_queryset(self, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        given = self.form.cleaned_data
        if given.get("verb") != DOWNLOADED:
            queryset = queryset.exclude(verb=DOWNLOADED)
        rows: Any = super().filter_queryset(queryset).select_related("actor", "on_behalf_of", "undone_by")
        days = given.get("days")
        if days:
            return rows if days == "0" else rows.filter(at__gte=self.at - timedelta(days=int(days)))  # type: ignore[no-any-return]  # django-filter's untyped base
        is_narrow = given.get("object") or given.get("group") or given.get("after") is not None
        return rows if is_narrow else rows.filter(at__gte=self.at - WEEK)  # type: ignore[no-any-return]  # as above

    def of_object(self, queryset: QuerySet[AuditEntry], name: str, value: str) -> QuerySet[AuditEntry]:
        del name
        kind, _, number = value.rpartition(":")
        return queryset.filter(object_type=kind, object_id=number)

    def of_team(self, queryset: QuerySet[AuditEntry], name: str, value: str) -> QuerySet[AuditEntry]:
        del name
        here = Membership.objects.filter(team__slug=value, during__contains=self.at.date())
        itself = Team.objects.filter(slug=value).values_list("pk", flat=True)
        own = Q(object_type="accounts.team", object_id__in=[str(pk) for pk in itself])
        return queryset.filter(Q(actor__in=here.values("person")) | own)

    def as_it_is(self, queryset: QuerySet[AuditEntry], name: str, value: str) -> QuerySet[AuditEntry]:
        del name, value
        return queryset
