"""Why a date is what it is: the stretches of a clock, whose counted ones add up to its elapsed time (spec sla 9)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from portal.core.domain.working_time import open_segments
from portal.core.models import CalendarVersion
from portal.core.queries.calendars import load_calendar
from requests_queue.queries.clocks import events_of, read_clock

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from portal.core.domain.working_time import Calendar
    from requests_queue.domain.sla_clock import ClockView
    from requests_queue.models import ClockEvent, SlaClock

MOST_ROWS = 400
SECOND, MOMENT = timedelta(seconds=1), timedelta(microseconds=1)
KINDS = ("counted", "paused", "closed")
ENDS = {"stop", "cancel"}


@dataclass(frozen=True)
class Stretch:
    """A piece of time: `kind` is counted, closed or paused; `seconds` is its length."""

    start: datetime
    end: datetime
    kind: str
    seconds: int
    label: str


@dataclass(frozen=True)
class Explanation:
    """A clock, its stretches in order, its events and what they add up to in seconds."""

    clock: SlaClock
    view: ClockView
    stretches: tuple[Stretch, ...]
    events: tuple[ClockEvent, ...]
    totals: dict[str, int]


def explain_clock(clock: SlaClock, at: datetime) -> Explanation:
    """The life of a clock until `at` or its end; one query beside the calendar. The last 400 stretches are listed."""
    events = events_of([clock])[clock.pk]
    view = read_clock(clock, events, at)
    ended = [event.occurred_at for event in events if event.kind in ENDS]
    until = ended[0] if ended else at
    stretches = tuple(_whole(_stretches(events, until)))
    totals = {kind: sum(row.seconds for row in stretches if row.kind == kind) for kind in KINDS}
    return Explanation(clock, view, stretches[-MOST_ROWS:], tuple(events), totals)


def _whole(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Whole seconds to each stretch, so that those of a kind add up to the whole seconds of their sum."""
    passed = dict.fromkeys(KINDS, timedelta())
    for row in stretches:
        before = passed[row.kind]
        passed[row.kind] = before + (row.end - row.start)
        yield replace(row, seconds=passed[row.kind] // SECOND - before // SECOND)


def _stretches(events: Sequence[ClockEvent], until: datetime) -> Iterator[Stretch]:
    """The time from the start to `until`, cut where a pause or another calendar begins or ends.

    A pause that was entered late stands where it was, as `domain.sla_clock` counts it.
    """
    holidays = _holidays({event.data["calendar"] for event in events if "calendar" in event.data})
    phases = [(event.occurred_at, event.data["calendar"]) for event in events if "calendar" in event.data]
    pauses = _pauses(events)
    start = events[0].occurred_at
    marks = {instant for begin, end, _ in pauses for instant in (begin, end or until)} | {begin for begin, _ in phases}
    inside = sorted({start, until} | {mark for mark in marks if start < mark < until})
    held: Stretch | None = None
    for begin, end in pairwise(inside):
        label = next((why for since, to, why in pauses if since <= begin and (to is None or begin < to)), "")
        if held is not None and held.label != label:
            yield held
            held = None
        if label:
            held = replace(held, end=end) if held is not None else _stretch(begin, end, "paused", label)
        else:
            version = [key for since, key in phases if since <= begin][-1]
            yield from _cut(load_calendar(version), holidays.get(version, {}), begin, end)
    if held is not None:
        yield held


def _pauses(events: Sequence[ClockEvent]) -> list[tuple[datetime, datetime | None, str]]:
    """The pauses with their end, None while they last, and what the page says of them."""
    found: list[tuple[datetime, datetime | None, str]] = []
    keys: list[str] = []
    for event in events:
        key = event.data.get("reason")
        if event.kind == "pause":
            found.append((event.occurred_at, None, event.reason or "paused"))
            keys.append(str(key or ""))
        if event.kind == "resume":
            for index, (begin, end, why) in enumerate(found):
                if end is None and key in (None, keys[index]):
                    found[index] = (begin, event.occurred_at, why)
    return found


def _cut(calendar: Calendar, holidays: Mapping[date, str], start: datetime, end: datetime) -> Iterator[Stretch]:
    zone = ZoneInfo(calendar.zone)

    def closed(begin: datetime, until: datetime) -> Stretch:
        first, last = begin.astimezone(zone).date(), (until - MOMENT).astimezone(zone).date()
        named = [f"{name} on {on.day} {on:%b}" for on, name in sorted(holidays.items()) if first <= on <= last]
        return _stretch(begin, until, "closed", ", ".join(["outside the team's hours", *named]))

    cursor = start
    for opens, closes in open_segments(calendar, start, end):
        if opens > cursor:
            yield closed(cursor, opens)
        yield _stretch(opens, closes, "counted", "counted")
        cursor = closes
    if cursor < end:
        yield closed(cursor, end)


def _holidays(versions: Collection[int]) -> dict[int, dict[date, str]]:
    """The closed days of some calendar versions with their names; one query."""
    rows = CalendarVersion.objects.filter(pk__in=versions).values_list("pk", "exceptions")
    return {
        pk: {on: _name(exceptions[on.isoformat()]) for on, hours in load_calendar(pk).exceptions.items() if not hours}
        for pk, exceptions in rows
    }


def _name(given: Any) -> str:
    name = given.get("name", "") if isinstance(given, dict) else ""
    return str(name) or "closed"


def _stretch(start: datetime, end: datetime, kind: str, label: str) -> Stretch:
    return Stretch(start, end, kind, 0, label)
