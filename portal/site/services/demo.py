"""The demo workspace: the cast, a real dbt manifest through the real importer, and requests in many states.

Everything is written by the rooms' own services at past instants, before the engine looks: what is armed or queued
from the past is cancelled with the reason `demo`, so that no late notice goes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from ownership.domain.states import PRIMARY
from ownership.models import Asset, Ownership
from ownership.services.owning import Nomination, accept_ownership, propose_owner
from portal.accounts.models import Person, Team
from portal.accounts.services.memberships import Place, add_member
from portal.accounts.services.people import create_person, set_flags
from portal.accounts.services.teams import TeamProfile, create_team
from portal.core.errors import Conflict
from portal.core.models import BusinessCalendar, Setting
from portal.core.services.calendars import create_calendar, publish_calendar_version
from portal.core.services.imports import FileToImport, apply_import, plan_import
from portal.engine.domain.subjects import subject_of
from portal.engine.models import Deadline, Notice
from portal.engine.services.notices import cancel_queued, settle_notices
from portal.site.demo.people import BACKUPS, PEOPLE, TEAMS, DemoPerson
from portal.site.demo.requests import HISTORY
from portal.site.services.demo_answers import write_answers
from portal.site.services.demo_boundaries import load_boundaries
from portal.site.services.demo_duty import add_ways_to_wake, ask_for_a_shift, load_duty, serve_past
from portal.site.services.demo_night import load_night
from portal.site.services.demo_people import settle_people
from portal.site.services.demo_planning import play_planning
from portal.site.services.demo_plans import play_plans
from portal.site.services.demo_requests import file_watched, keep_desk, play
from portal.site.services.demo_sources import load_sources

if TYPE_CHECKING:
    from portal.core.models import CalendarVersion

MANIFEST = Path(__file__).parents[1] / "demo" / "manifest.json"
AROUND_THE_CLOCK = "Around the clock"
SETTING = "demo"
REASON = "demo"
WEEKS = 13


@dataclass(frozen=True)
class Loaded:
    """What `demo_load` tells: whether anything was written, and the promise that is about to break."""

    is_new: bool
    watched: str
    breaks_at: datetime


@transaction.atomic
def load_demo(*, password: str, anchor: date | None = None, at: datetime) -> Loaded:
    """Write the workspace once, and a fresh request to watch each time. Raises `Conflict` where other people are.

    Repeating it changes nothing but the watched request. The password is that of every login, set on the first load.
    """
    is_new = not Setting.objects.filter(pk=SETTING).exists()
    if is_new:
        _refuse_other_data()
        _write(password, anchor, at)
    watched, breaks_at = file_watched(at=at)
    return Loaded(is_new, watched, breaks_at)


def _refuse_other_data() -> None:
    if Person.objects.exists() or Team.objects.filter(is_system=False).exists():
        raise Conflict("site.not_empty", "This workspace has people or teams already. The demo needs an empty one.")


def monday_of(instant: datetime) -> date:
    """The Monday of the week, the usual anchor of the demo."""
    day = instant.date()
    return day - timedelta(days=day.weekday())


def _write(password: str, anchor: date | None, at: datetime) -> None:
    since = at - timedelta(weeks=WEEKS)
    admin = _people(password, since)
    always = _always_open(admin, since)
    for team in TEAMS:
        _team(team.slug, team.name, team.discipline, always if team.slug == "core-data" else None, since)
    for entry in PEOPLE:
        _place(entry, since)
    add_ways_to_wake(at=since)
    rotas = load_duty(admin=admin, anchor=anchor or monday_of(since), at=since)
    _assets(at - timedelta(weeks=WEEKS - 1))
    _backups(at - timedelta(weeks=WEEKS - 2))
    load_boundaries(admin=admin, since=at - timedelta(weeks=WEEKS - 3), at=at)
    load_sources(at=at)
    keep_desk(at=at - timedelta(weeks=WEEKS - 2))
    for story in HISTORY:
        request = play(story=story, at=at)
        settle_notices(actor=None, subject=subject_of(request), reason=REASON, at=at)
    load_night(since=at - timedelta(weeks=WEEKS - 1) + timedelta(days=1, hours=1), at=at)
    play_planning(at=at)
    serve_past(rotas=rotas, at=at)
    ask_for_a_shift(rota=rotas["core-pipelines"], at=at)
    write_answers(at=at)
    play_plans(at=at)
    settle_people(at=at)
    _cancel_the_past(at)
    Notice.objects.filter(settled_reason=REASON, read_at=None).update(read_at=F("created_at"))
    Setting.objects.create(key=SETTING, value=True)


def _people(password: str, since: datetime) -> Person:
    for entry in PEOPLE:
        create_person(
            actor=None, handle=entry.handle, name=entry.name, email=entry.email, zone=entry.zone, password=password,
            at=since,
        )  # fmt: skip
    for entry in PEOPLE:
        if entry.is_admin or entry.is_auditor:
            person = Person.objects.get(handle=entry.handle)
            set_flags(
                actor=None, person=person, is_admin=entry.is_admin, is_auditor=entry.is_auditor, reason=REASON, at=since
            )
    return Person.objects.get(is_admin=True)


def _always_open(admin: Person, since: datetime) -> CalendarVersion:
    """A promise that can be watched breaking at any hour needs hours that never end."""
    calendar: BusinessCalendar = create_calendar(actor=admin, name=AROUND_THE_CLOCK, at=since)
    return publish_calendar_version(
        actor=admin, calendar=calendar, weekly={}, exceptions={}, zone="Europe/Madrid", always_open=True, at=since
    )


def _team(slug: str, name: str, discipline: str, hours: CalendarVersion | None, since: datetime) -> None:
    profile = TeamProfile(name=name, discipline=discipline, calendar_id=hours.calendar_id if hours else None)
    create_team(actor=None, slug=slug, profile=profile, at=since)


def _place(entry: DemoPerson, since: datetime) -> None:
    if entry.team:
        place = Place(
            discipline=entry.discipline, role="lead" if entry.is_lead else "member", since=since.date(),
        )  # fmt: skip
        team = Team.objects.get(slug=entry.team)
        add_member(actor=None, team=team, person=Person.objects.get(handle=entry.handle), place=place, at=since)


def _assets(at: datetime) -> None:
    """The manifest through the importer; the declared owners say yes, except where the demo shows an open question."""
    with MANIFEST.open("rb") as file:
        run = plan_import(actor=None, given=FileToImport("dbt", file, MANIFEST.name), at=at)
    apply_import(actor=None, run=run, at=at)
    declared = Ownership.objects.filter(person__isnull=False, valid__upper_inf=True).select_related("person", "asset")
    for row in declared.exclude(asset__name="experiment_exposures").order_by("pk"):
        if row.person is not None:
            accept_ownership(actor=row.person, row=row, at=at + timedelta(days=1))


def _backups(at: datetime) -> None:
    """The lead asks, the backup accepts a day later."""
    lead = Person.objects.get(handle="ruth")
    for name, handle in BACKUPS.items():
        asset, person = Asset.objects.get(name=name), Person.objects.get(handle=handle)
        asked = Nomination(person=person, rank=PRIMARY + 1)
        row = propose_owner(actor=lead, asset=asset, nomination=asked, at=at)
        accept_ownership(actor=person, row=row, at=at + timedelta(days=1))
        settle_notices(actor=None, subject=subject_of(asset), reason=REASON, at=at + timedelta(days=1))


def _cancel_the_past(at: datetime) -> None:
    Deadline.objects.filter(state="armed", due_at__lt=at).update(
        state="cancelled", cancelled_at=at, cancel_reason=REASON
    )
    queued = Notice.objects.filter(deliveries__state="queued").distinct()
    cancel_queued(notice_ids=list(queued.values_list("pk", flat=True)), reason=REASON, at=at)
