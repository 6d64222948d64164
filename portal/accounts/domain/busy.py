"""Absences in a calendar of another system (spec accounts 4): pure, iCalendar in, stretches out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

if TYPE_CHECKING:
    from icalendar import Event

MOST_EVENTS = 500
LONGEST = timedelta(days=400)
ONE_DAY = timedelta(days=1)
REPEATING = frozenset({"RRULE", "RDATE", "RECURRENCE-ID"})


class UnreadableCalendar(ValueError):
    """What came is no calendar we can use; the text says why."""


@dataclass(frozen=True)
class Busy:
    """One event: its key is the UID and, where it repeats, the instant of the repetition."""

    key: str
    start: datetime
    end: datetime
    first_on: date | None = None
    last_on: date | None = None


def busy_times(body: bytes, zone: str, start: datetime, end: datetime) -> list[Busy]:
    """Every event between two instants, repetitions written out, cancelled ones left out, by beginning.

    Whole days and times without a zone are of `zone`. Raises `UnreadableCalendar`; at most 500 events.
    """
    try:
        calendar = Calendar.from_ical(body)
        series = {str(event["UID"]) for event in calendar.walk("VEVENT") if REPEATING & set(event)}
        events = recurring_ical_events.of(calendar).between(start, end)
        found = [
            _busy(event, ZoneInfo(zone), series) for event in events if str(event.get("STATUS", "")) != "CANCELLED"
        ]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        message = f"This is no calendar file: {type(error).__name__}."
        raise UnreadableCalendar(message) from error
    if len(found) > MOST_EVENTS:
        message = f"{len(found)} events in the coming year. Connect a calendar that holds absences alone."
        raise UnreadableCalendar(message)
    fitting = [each for each in found if each.start < each.end and each.end - each.start <= LONGEST]
    return sorted(fitting, key=lambda each: (each.start, each.key))


def _busy(event: Event, zone: ZoneInfo, series: set[str]) -> Busy:
    begin, finish = event.start, event.end
    number = str(event["UID"])
    key = f"{number[:200]}#{_repetition(event)}" if number in series else number[:200]
    if isinstance(begin, datetime):
        return Busy(key, _aware(begin, zone), _aware(finish, zone))
    last = finish - ONE_DAY if finish > begin else begin
    first_at, end_at = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (begin, last + ONE_DAY))
    return Busy(key, first_at, end_at, begin, last)


def _repetition(event: Event) -> str:
    found = event.decoded("RECURRENCE-ID")
    if not isinstance(found, date):
        message = "RECURRENCE-ID is no instant"
        raise TypeError(message)
    return found.isoformat()


def _aware(moment: date, zone: ZoneInfo) -> datetime:
    instant = moment if isinstance(moment, datetime) else datetime.combine(moment, time())
    return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)
