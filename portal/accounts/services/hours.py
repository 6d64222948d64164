"""The working hours of one person: a calendar of their own, version by version (spec accounts 3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.accounts.domain.checks import clean_zone
from portal.accounts.domain.vocabulary import PersonState
from portal.accounts.models import Person
from portal.accounts.services.changing import apply_changes, locked
from portal.core.models import BusinessCalendar, CalendarVersion
from portal.core.policies import Decision, require
from portal.core.services.audit import record_audit
from portal.core.services.calendars import create_calendar, publish_calendar_version

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

CHANGED = "accounts.hours_published"


@dataclass(frozen=True)
class Hours:
    """Intervals by weekday (`mon` to `sun`) and by date, in one zone."""

    zone: str
    weekly: Mapping[str, Any]
    exceptions: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def publish_hours(*, actor: Person, person: Person, hours: Hours, at: datetime) -> CalendarVersion:
    """From now on the person works these hours; what was counted before stays. Idempotent for the same hours.

    One's own alone. Locks the person. Raises `DomainError` naming the field: a wrong zone, interval or date, no hours.
    """
    row = _own(actor, person)
    calendar = row.calendar if row.calendar is not None and row.calendar.name == _name(row) else None
    if calendar is None:
        calendar = BusinessCalendar.objects.filter(name=_name(row)).first()
    if calendar is None:
        calendar = create_calendar(actor=None, name=_name(row), at=at)
    before = CalendarVersion.objects.filter(calendar=calendar).order_by("n").last()
    version = publish_calendar_version(
        actor=None, calendar=calendar, zone=clean_zone(hours.zone), weekly=hours.weekly, exceptions=hours.exceptions,
        at=at,
    )  # fmt: skip
    has_moved = apply_changes(row, {"calendar_id": calendar.pk}, actor=actor, verb=CHANGED, at=at)
    if not has_moved and version != before:
        record_audit(actor=actor, verb=CHANGED, subject=row, after={"version": version.n}, at=at)
    return version


@transaction.atomic
def drop_hours(*, actor: Person, person: Person, at: datetime) -> Person:
    """Back to the hours of the main team. Idempotent; one's own alone."""
    row = _own(actor, person)
    apply_changes(row, {"calendar_id": None}, actor=actor, verb=CHANGED, at=at)
    return row


def _own(actor: Person, person: Person) -> Person:
    is_own = actor.pk == person.pk and actor.state == PersonState.ACTIVE and not actor.is_service
    require(Decision(is_own, "" if is_own else "Hours are one's own."))
    row: Person = locked(Person, person.pk)
    return row


def _name(person: Person) -> str:
    return f"Hours of {person.handle}"
