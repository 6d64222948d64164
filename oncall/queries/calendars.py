"""Shifts as a calendar: the same stretches as pages and API, in iCalendar (spec oncall 5)."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from icalendar import Calendar, Event, vDatetime, vText

from oncall.domain.words import ROLE_WORDS, DutyRole
from oncall.models import CalendarFeed, Rota, ShiftChange
from oncall.models.spans import ends
from oncall.queries.facts import newest_version
from oncall.queries.working_out import facts_between

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from oncall.domain.effective import Effective
    from oncall.queries.people import DutyPerson

BACK, AHEAD = timedelta(days=92), timedelta(days=366)
PRODUCT = "-//Headwater//On-call//EN"


def rotas_of_feed(feed: CalendarFeed) -> list[Rota]:
    """The rotas that a feed shows."""
    rows = Rota.objects.filter(is_archived=False).select_related("team").order_by("slug")
    if feed.kind == "rota":
        return list(rows.filter(slug=feed.subject))
    if feed.kind == "team":
        return list(rows.filter(team__slug=feed.subject))
    return list(rows.filter(pk__in=feed.person.planned_shifts.values("rota")))


def render_feed(feed: CalendarFeed, at: datetime) -> bytes:
    """The calendar of a feed: three months back, twelve ahead; the same facts give the same bytes."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    start, end = at - BACK, at + AHEAD
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    for rota in rotas_of_feed(feed):
        rows, people = facts_between(rota, start.replace(minute=0, second=0, microsecond=0), day + AHEAD, widen=True)
        stamp, number, changes = _history(rota, start, end)
        for row in rows:
            if row.person is not None and (feed.kind != "me" or row.person == feed.person_id):
                calendar.add_component(_event(rota, row, people[row.person], stamp, number + _moves(row, changes)))
    found: bytes = calendar.to_ical()
    return found


def _history(rota: Rota, start: datetime, end: datetime) -> tuple[datetime, int, list[ShiftChange]]:
    """When the rules were made, their number, and every change that ever touched the window."""
    version = newest_version(rota)
    rows = ShiftChange.objects.filter(rota=rota, during__overlap=(start, end)).exclude(state="proposed")
    stamp = version.created_at if version is not None else start
    return stamp, version.number if version is not None else 0, list(rows)


def _moves(row: Effective, changes: Sequence[ShiftChange]) -> int:
    """How often the slot changed hands in this stretch, withdrawn changes twice: the sequence never falls."""
    count = 0
    for change in changes:
        low, high = ends(change.during)
        if (change.role, change.slot) == (row.role, row.slot) and low < row.end and row.start < high:
            count += 2 if change.state == "withdrawn" else 1
    return count


def _event(rota: Rota, row: Effective, person: DutyPerson, stamp: datetime, sequence: int) -> Event:
    event = Event()
    begins = row.start.astimezone(UTC)
    event.add("uid", vText(f"{rota.slug}-{row.role}-{row.slot}-{begins:%Y%m%dT%H%M%SZ}@headwater"))
    event.add("sequence", sequence)
    event.add("dtstamp", vDatetime(stamp.astimezone(UTC)))
    event.add("dtstart", vDatetime(begins))
    event.add("dtend", vDatetime(row.end.astimezone(UTC)))
    event.add("summary", vText(f"{person.name}: {rota.name}, {ROLE_WORDS[DutyRole(row.role)]}"))
    provisional = " Provisional." if row.provisional else ""
    event.add("description", vText(f"Handoffs are in {rota.zone}.{provisional}"))
    return event
