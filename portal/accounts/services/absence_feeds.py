"""Absences read from a calendar of another system, every hour (spec accounts 4)."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from portal.accounts.domain.busy import Busy, UnreadableCalendar, busy_times
from portal.accounts.domain.vocabulary import AbsenceKind, PersonState
from portal.accounts.models import Absence, AbsenceFeed, Person
from portal.accounts.services.absences import apply_steps
from portal.accounts.services.changing import locked
from portal.core import clock, egress
from portal.core.errors import DomainError
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

JOB = "accounts.read_absence_feeds"
SECONDS = 15.0
AHEAD = timedelta(days=366)
OK, UNCHANGED = 200, 304


@transaction.atomic
def connect_absence_feed(*, actor: Person, url: str, at: datetime) -> AbsenceFeed:
    """From now on the events of this calendar are absences of `actor`; another one replaces it.

    The address is kept encrypted. Raises `DomainError` for one that may not be called from here.
    """
    egress.check_new_url(url)
    person = locked(Person, actor.pk)
    AbsenceFeed.objects.filter(person=person).delete()
    feed = AbsenceFeed(person=person, url=url, connected_at=at)
    feed.save(force_insert=True)
    record_audit(actor=actor, verb="accounts.feed_connected", subject=feed, at=at)
    return feed


@transaction.atomic
def disconnect_absence_feed(*, actor: Person, at: datetime) -> None:
    """The calendar is forgotten, and its absences ahead are cancelled; those entered by hand stay. Idempotent."""
    feed = AbsenceFeed.objects.select_for_update().filter(person=actor).first()
    if feed is None:
        return
    for row in _standing(actor, at):
        _cancel(row, at)
    record_audit(actor=actor, verb="accounts.feed_disconnected", subject=feed, at=at)
    feed.delete()


def read_absence_feeds(args: Mapping[str, Any], progress: Any) -> Mapping[str, Any]:
    """The hourly job: every calendar of somebody who is here, each for itself."""
    del args, progress
    at = clock.now()
    feeds = AbsenceFeed.objects.filter(person__state=PersonState.ACTIVE).select_related("person").order_by("pk")
    return {"read": sum(read_absence_feed(feed=feed, at=at) for feed in feeds)}


def read_absence_feed(*, feed: AbsenceFeed, at: datetime) -> bool:
    """Bring the absences of one calendar up to date; False, with the reason on the row, if it could not be read.

    A calendar that fails leaves what it said before. Hand rows are never touched.
    """
    try:
        answer = _fetched(feed)
        if answer.status == UNCHANGED:
            return _noted(feed, feed.etag, "", at)
        found = busy_times(answer.body, feed.person.zone, at, at + AHEAD)
    except (egress.EgressError, DomainError, UnreadableCalendar) as error:
        return not _noted(feed, feed.etag, str(error) or type(error).__name__, at)
    said = _take_over(feed.person, {busy.key: busy for busy in found}, at)
    return _noted(feed, answer.headers.get("etag", "")[:200], said, at)


def _fetched(feed: AbsenceFeed) -> egress.Answer:
    """The calendar, or that it has not changed."""
    headers = {"Accept": "text/calendar"} | ({"If-None-Match": feed.etag} if feed.etag else {})
    stop_at = time.monotonic() + SECONDS
    answer = egress.post(feed.url, body=b"", headers=headers, stop_at=stop_at, method="GET")
    said = "The calendar has more than 1 MiB." if answer.is_cut else f"The address answers {answer.status}."
    if answer.is_cut or answer.status not in (OK, UNCHANGED):
        raise UnreadableCalendar(said)
    return answer


def _noted(feed: AbsenceFeed, etag: str, error: str, at: datetime) -> bool:
    failed = at if error else None
    read = feed.read_at if error else at
    AbsenceFeed.objects.filter(pk=feed.pk).update(etag=etag, read_at=read, failed_at=failed, error=error[:300])
    return True


def _take_over(person: Person, found: dict[str, Busy], at: datetime) -> str:
    """New, moved and removed events, each in its own transaction; what a room refuses is said, the rest goes on."""
    known = {row.external_id: row for row in Absence.objects.filter(person=person, source="ical")}
    refusals = []
    for busy in found.values():
        try:
            _lay(person, known.get(busy.key), busy, at)
        except DomainError as refusal:
            refusals.append(refusal.message)
    for row in _standing(person, at):
        if row.external_id not in found:
            _cancel(row, at)
    return " ".join(refusals)


@transaction.atomic
def _lay(person: Person, row: Absence | None, busy: Busy, at: datetime) -> None:
    during = DateTimeTZRange(busy.start, busy.end)
    if row is None:
        row = Absence(person=person, during=during, first_on=busy.first_on, last_on=busy.last_on, entered_by=person,
                      kind=AbsenceKind.AWAY, source="ical", external_id=busy.key)  # fmt: skip
        row.save(force_insert=True)
    elif row.cancelled_at is None and (row.during.lower, row.during.upper) == (busy.start, busy.end):
        return
    else:
        if row.cancelled_at is None:
            apply_steps(row, "cancelled", at)
        row.during, row.first_on, row.last_on, row.cancelled_at = during, busy.first_on, busy.last_on, None
        row.version += 1
        row.save(update_fields=["during", "first_on", "last_on", "cancelled_at", "version"])
    after = {"starts_at": busy.start.isoformat(), "ends_at": busy.end.isoformat()}
    record_audit(actor=None, verb="accounts.absence_read", subject=row, after=after, at=at)
    apply_steps(row, "created", at)


@transaction.atomic
def _cancel(row: Absence, at: datetime) -> None:
    row.cancelled_at = at
    row.version += 1
    row.save(update_fields=["cancelled_at", "version"])
    record_audit(actor=None, verb="accounts.absence_cancelled", subject=row, at=at)
    apply_steps(row, "cancelled", at)


def _standing(person: Person, at: datetime) -> list[Absence]:
    """What the calendar said of the time ahead; what is over is history."""
    rows = Absence.objects.select_related("person").filter(person=person, source="ical", cancelled_at=None)
    return list(rows.filter(during__endswith__gt=at).order_by("pk"))
