"""Being away: checked against every room, entered, cancelled (spec accounts 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from portal.accounts.domain import checks
from portal.accounts.domain.clashes import AbsenceStep, Clash, checks_sha256
from portal.accounts.domain.vocabulary import AbsenceKind
from portal.accounts.models import Absence, Deputy, Person
from portal.accounts.policies import may
from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import teams_of
from portal.accounts.services.changing import apply_changes, check_seen, locked
from portal.accounts.services.grants import lay_deputy
from portal.accounts.services.refusing import refusing
from portal.core import context
from portal.core.errors import Conflict, DomainError
from portal.core.policies import ALLOWED, Decision, refused, require
from portal.core.registries import contributions
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import date

LONGEST = timedelta(days=400)
SICK_BACK = timedelta(days=14)
ONE_DAY = timedelta(days=1)
OVERLAP = {"accounts_absence_once": Conflict("accounts.absence_overlap", "Away in some of this time already.")}


@dataclass(frozen=True)
class Away:
    """Whole local days of the person, both included; sick without a last day is today alone."""

    first_on: date
    last_on: date
    kind: str = AbsenceKind.AWAY
    note: str = ""
    briefing: str = ""


def steps() -> list[AbsenceStep]:
    """What the rooms have to say about absences, lower orders first."""
    found: list[AbsenceStep] = [provide() for provide in contributions("person.absence")]
    return sorted(found, key=lambda step: (step.order, step.key))


def check_absence(*, actor: Person | None, person: Person, away: Away, at: datetime) -> list[Clash]:
    """Every clash of every room, each address once; reads only. Raises `DomainError` for days that cannot be.

    Somebody else than the person is not told what may be private to them.
    """
    during = _during(person, away)
    told = [step for step in steps() if actor == person or not step.is_personal]
    found: dict[tuple[str, ...], Clash] = {}
    for clash in (clash for step in told for clash in step.find(person, during, at)):
        found.setdefault((clash.action,) if clash.action else (clash.kind, clash.subject, clash.sentence), clash)
    return list(found.values())


@transaction.atomic
def enter_absence(
    *, actor: Person | None, person: Person, away: Away, seen: str | None = None, deputy: Person | None = None,
    at: datetime,
) -> Absence:  # fmt: skip
    """Writes the absence, and who stands in, and runs every room's step in the same transaction.

    `seen` is the mark of the clashes the person was shown; another list now is `Conflict` with the new one. The
    person or their lead (or the lead's deputy) may.
    """
    _require_may_enter(actor, person, at)
    person = locked(Person, person.pk)
    _check_start(person, away, at)
    clashes = check_absence(actor=actor, person=person, away=away, at=at)
    if seen is not None and seen != checks_sha256(clashes):
        shown = [clash.sentence for clash in clashes]
        raise Conflict("accounts.checks_changed", "Something changed meanwhile. Look again.", clashes=shown)
    row = Absence(
        person=person, during=_during(person, away), first_on=away.first_on, last_on=away.last_on, kind=away.kind,
        note=checks.clean_text(away.note, "note", longest=500, is_required=False),
        briefing=away.briefing.strip()[:2000], entered_by=actor or person,
    )  # fmt: skip
    with refusing(OVERLAP):
        row.save(force_insert=True)
    after = {"first_on": away.first_on.isoformat(), "last_on": away.last_on.isoformat()}
    record_audit(actor=actor, verb="accounts.absence_entered", subject=row, after=after, at=at)
    if deputy is not None:
        start, end = _period(person, away)
        lay_deputy(actor=actor, person=person, deputy=deputy, period=(max(start, at), end), absence=row, at=at)
    apply_steps(row, "created", at)
    return row


@transaction.atomic
def move_absence(
    *, actor: Person | None, absence: Absence, first_on: date, last_on: date, version: int | None = None, at: datetime
) -> Absence:
    """Other days for the same absence; every room takes back what it did for the old ones and looks anew.

    A deputyship of the absence keeps its own days. Raises `Conflict` for one that was cancelled, `Stale`.
    """
    _require_may_enter(actor, absence.person, at)
    person = locked(Person, absence.person_id)
    row: Absence = locked(Absence, absence.pk)
    check_seen(row, version)
    if row.cancelled_at is not None:
        raise Conflict("accounts.absence_cancelled", "This absence was cancelled. Enter a new one.")
    away = Away(first_on, last_on, row.kind)
    during = _during(person, away)
    if row.first_on is None or first_on < row.first_on:
        _check_start(person, away, at)
    apply_steps(row, "cancelled", at)
    changes = {"during": during, "first_on": first_on, "last_on": last_on}
    with refusing(OVERLAP):
        apply_changes(row, changes, actor=actor, verb="accounts.absence_moved", at=at)
    apply_steps(row, "created", at)
    return row


def apply_steps(row: Absence, change: str, at: datetime) -> None:
    """What every room does about an absence; backwards when it goes."""
    ordered = steps() if change == "created" else reversed(steps())
    for step in ordered:
        step.apply(row, change, at)


@transaction.atomic
def cancel_absence(*, actor: Person | None, absence: Absence, at: datetime) -> Absence:
    """Runs the rooms' steps backwards; what a colleague took stays theirs. Idempotent."""
    _require_may_enter(actor, absence.person, at)
    row: Absence = locked(Absence, absence.pk)
    if row.cancelled_at is not None:
        return row
    changes = {"cancelled_at": at, "cancelled_by_id": actor.pk if actor else row.person_id}
    apply_changes(row, changes, actor=actor, verb="accounts.absence_cancelled", at=at)
    Deputy.objects.filter(absence=row, ended_at=None).update(ended_at=at)
    apply_steps(row, "cancelled", at)
    return row


def _require_may_enter(actor: Person | None, person: Person, at: datetime) -> None:
    if actor is None:
        return
    decision = require(can_enter_absence(actor, person, at))
    if decision.on_behalf_of is not None:
        context.note(on_behalf_of=decision.on_behalf_of)


def can_enter_absence(actor: Person, person: Person, at: datetime) -> Decision:
    """Oneself; for another the lead of one of their teams, or that lead's deputy."""
    if actor.pk == person.pk:
        return ALLOWED
    for team in teams_of(person, local_day(person, at)):
        decision = may(actor, "enter_absence", team, at)
        if decision.allowed:
            return decision
    return refused("accounts.not_allowed", "Absences are entered by the person or their lead.")


def can_read_reason(viewer: Person, person: Person, at: datetime) -> bool:
    """Kind and note are for the person and their leads; never for colleagues, auditors or admins."""
    if viewer.pk == person.pk:
        return True
    return any(may(viewer, "read_load", team, at).allowed for team in teams_of(person, local_day(person, at)))


def _during(person: Person, away: Away) -> DateTimeTZRange:
    return DateTimeTZRange(*_period(person, away))


def _period(person: Person, away: Away) -> tuple[datetime, datetime]:
    """From local midnight to local midnight, so a day of 23 or 25 hours is one day."""
    if away.kind not in list(AbsenceKind):
        raise DomainError("accounts.unknown_kind", "away, sick, training or rest.", "kind")
    if away.last_on < away.first_on:
        raise DomainError("accounts.bad_days", "The last day is before the first.", "last_on")
    zone = ZoneInfo(person.zone)
    starts_at = datetime.combine(away.first_on, time(), zone)
    ends_at = datetime.combine(away.last_on + ONE_DAY, time(), zone)
    if away.last_on - away.first_on >= LONGEST:
        raise DomainError("accounts.absence_length", "At most 400 days.", "last_on")
    return starts_at, ends_at


def _check_start(person: Person, away: Away, at: datetime) -> None:
    today = local_day(person, at)
    earliest = today - SICK_BACK if away.kind == AbsenceKind.SICK else today
    if away.first_on < earliest:
        message = "Days that are over stay as they were; being sick may start up to 14 days back."
        raise DomainError("accounts.absence_past", message, "first_on")
