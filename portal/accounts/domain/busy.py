"""Absences in a calendar of another system (spec accounts 4): pure, iCalendar in, stretches out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icalendar import Event

MOST_BYTES = 1_048_576
MOST_ENTRIES = 5000
MOST_EVENTS = 500
MOST_REPETITIONS = 1000
# A rule that repeats within a day is no absence, and writing it out would take minutes.
RHYTHMS = frozenset({"YEARLY", "MONTHLY", "WEEKLY", "DAILY"})
WITHIN_A_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
AT_ONCE = timedelta(days=31)
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
    name: str = field(default="", compare=False)


def busy_times(body: bytes, zone: str, start: datetime, end: datetime) -> list[Busy]:
    """Every event between two instants, repetitions written out, cancelled ones left out, by beginning.

    Whole days and times without a zone are of `zone`. Raises `UnreadableCalendar`, also for one that is larger than
    1 MiB, has more than 5,000 entries or 500 events, or repeats more often than daily or more than 1,000 times.
    """
    if len(body) > MOST_BYTES:
        raise UnreadableCalendar("The calendar has more than 1 MiB.")
    try:
        found = _written_out(Calendar.from_ical(body), zone, start, end)
    except UnreadableCalendar:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        message = f"This is no calendar file: {type(error).__name__}."
        raise UnreadableCalendar(message) from error
    fitting = [each for each in found if each.start < each.end and each.end - each.start <= LONGEST]
    return sorted(fitting, key=lambda each: (each.start, each.key))


def _written_out(calendar: Calendar, zone: str, start: datetime, end: datetime) -> list[Busy]:
    """A month at a time, so that a calendar with too many events is refused before all are written out."""
    entries = calendar.walk("VEVENT")
    _check(entries)
    series = {str(event["UID"]) for event in entries if REPEATING & set(event)}
    events, known = recurring_ical_events.of(calendar), ZoneInfo(zone)
    found: dict[tuple[str, datetime], Busy] = {}
    for first, last in _months(start, end):
        for event in events.between(first, last):
            if str(event.get("STATUS", "")) != "CANCELLED":
                busy = _busy(event, known, series)
                found[busy.key, busy.start] = busy
        if len(found) > MOST_EVENTS:
            message = (
                f"More than {MOST_EVENTS} events in the coming year. Connect a calendar that holds absences alone."
            )
            raise UnreadableCalendar(message)
    return list(found.values())


def _months(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    while start < end:
        yield start, min(start + AT_ONCE, end)
        start += AT_ONCE


def _check(entries: list[Any]) -> None:
    """What would take too long is refused before anything is written out."""
    rules = [rule for event in entries for rule in _rules(event)]
    if len(entries) > MOST_ENTRIES or len(rules) > MOST_EVENTS:
        raise UnreadableCalendar("The calendar has too many entries. Connect one that holds absences alone.")
    for rule in rules:
        repeats = rule.get("COUNT", [0])
        within = any(len(rule.get(part, [])) > 1 for part in WITHIN_A_DAY)
        if within or not RHYTHMS.issuperset(str(word).upper() for word in rule.get("FREQ", [])):
            raise UnreadableCalendar("An event repeats more often than daily. Connect a calendar of absences alone.")
        if max(repeats) > MOST_REPETITIONS:
            message = f"An event repeats more than {MOST_REPETITIONS:,} times."
            raise UnreadableCalendar(message)


def _rules(event: Any) -> list[dict[str, list[Any]]]:
    """The RRULEs of an event, of which a file may hold none, one or several."""
    found = event.get("RRULE", [])
    return list(found) if isinstance(found, list) else [found]


def _busy(event: Event, zone: ZoneInfo, series: set[str]) -> Busy:
    begin, finish = event.start, event.end
    number = str(event["UID"])
    key = f"{number[:200]}#{_repetition(event)}" if number in series else number[:200]
    name = str(event.get("SUMMARY", "")).strip()
    if isinstance(begin, datetime):
        return Busy(key, _aware(begin, zone), _aware(finish, zone), name=name)
    last = finish - ONE_DAY if finish > begin else begin
    first_at, end_at = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (begin, last + ONE_DAY))
    return Busy(key, first_at, end_at, begin, last, name)


def _repetition(event: Event) -> str:
    found = event.decoded("RECURRENCE-ID")
    if not isinstance(found, date):
        message = "RECURRENCE-ID is no instant"
        raise TypeError(message)
    return found.isoformat()


def _aware(moment: date, zone: ZoneInfo) -> datetime:
    instant = moment if isinstance(moment, datetime) else datetime.combine(moment, time())
    return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)
