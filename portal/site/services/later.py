"""Later: a row of "Needs you" moves to a working day that its person chooses, at most twice (spec site 3)."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import transaction

from portal.accounts.queries.working import next_working_days
from portal.core.errors import Conflict, DomainError, NotVisible
from portal.core.models import Later
from portal.core.models.later import MOST_TIMES
from portal.core.services.audit import record_audit
from portal.site.queries.day import need_called

if TYPE_CHECKING:
    from datetime import date

    from portal.core.models import AuditEntry

CHOICES = 10


def days_to_choose(person: Any, at: datetime) -> list[date]:
    """The next ten working days of a person, absences left out."""
    return next_working_days(person, at, CHOICES)


@transaction.atomic
def put_off(*, actor: Any, key: str, day: date, at: datetime) -> Later:
    """Hide what waits for the actor until the beginning of the day where they live.

    Locks the actor's row. Raises `NotVisible`, `DomainError` (`site.not_a_working_day`, `site.after_it_is_due`), or
    `Conflict` (`site.later_twice`) at the third time.
    """
    need = need_called(actor, key, at)
    if day not in days_to_choose(actor, at):
        raise DomainError("site.not_a_working_day", "Choose one of your next ten working days.", "day")
    until = datetime.combine(day, time(), ZoneInfo(actor.zone))
    if need.due_at is not None and at < need.due_at < until:
        raise DomainError("site.after_it_is_due", "It is due before that day. Choose an earlier one.", "day")
    Later.objects.get_or_create(person=actor, key=key, defaults={"said_at": at})
    row = Later.objects.select_for_update().get(person=actor, key=key)
    times = row.times if need.since <= row.said_at else 0
    if times >= MOST_TIMES:
        raise Conflict("site.later_twice", "This was put off twice. Do it, hand it on, or say no to it.", "day")
    row.until_at, row.times, row.said_at = until, times + 1, at
    row.save(update_fields=["until_at", "times", "said_at"])
    record_audit(actor=actor, verb="site.need_put_off", subject=row, after={"until_at": until.isoformat()}, at=at)
    return row


@transaction.atomic
def take_back(*, actor: Any, key: str, at: datetime) -> Later:
    """Show it again now, as if it had not been put off. Locks the actor's row; raises `NotVisible`."""
    row = Later.objects.select_for_update().filter(person=actor, key=key).exclude(until_at=None).first()
    if row is None:
        raise NotVisible
    row.until_at, row.times = None, row.times - 1
    row.save(update_fields=["until_at", "times"])
    record_audit(actor=actor, verb="site.need_taken_back", subject=row, at=at)
    return row


def undo_later(*, actor: Any, entry: AuditEntry, at: datetime) -> Later:
    """The inverse of putting off, from `/changes/`: one's own alone, and only what is still put off."""
    row = Later.objects.filter(pk=int(entry.object_id), person=actor).exclude(until_at=None).first()
    if row is None or row.until_at is None or row.until_at.isoformat() != entry.after["until_at"]:
        raise Conflict("core.undo_superseded", "This was put off again or has come back since.")
    return take_back(actor=actor, key=row.key, at=at)
