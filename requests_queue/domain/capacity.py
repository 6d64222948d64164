"""The people-minutes of a team in a quarter, from calendars, shares, places and absences (spec budget 2).

On-call and maintenance are uses of capacity, not deductions: "5-10 % of the team's time" is true of people's time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from portal.core.domain.working_time import open_segments

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from portal.core.domain.quarter import Quarter
    from portal.core.domain.working_time import Calendar

NOMINAL_DAY_MINUTES = 480
HALF = 2
Span = tuple[datetime, datetime]
Stretch = tuple[date, date | None]


@dataclass(frozen=True)
class Place:
    """A share of a person's time in the team over half-open days; no end is for good."""

    days: Stretch
    fte_percent: int = 100


@dataclass(frozen=True)
class PersonTime:
    """What a person can give: the days that are open for them, the days they are away, and their places."""

    open_days: Collection[date]
    leave_days: Collection[date]
    places: Sequence[Place]
    nominal_minutes: int = NOMINAL_DAY_MINUTES


@dataclass(frozen=True)
class PersonCapacity:
    """What came out, with the days behind it; `fte_percent` is that of the last place of the quarter."""

    minutes: int
    working_days: int
    leave_days: int
    fte_percent: int


def capacity_of_person(time: PersonTime, quarter: Quarter) -> PersonCapacity:
    """Minutes of one person: each open day of a place gives `floor(nominal * share)` unless it is leave.

    Leaves that overlap each other or a closed day count once, because days are a set.
    """
    minutes = worked = left = fte = 0
    for day in sorted(set(time.open_days)):
        place = _place_on(time.places, day) if quarter.holds(day) else None
        if place is None:
            continue
        fte = place.fte_percent
        if day in time.leave_days:
            left += 1
            continue
        worked += 1
        minutes += time.nominal_minutes * place.fte_percent // 100
    return PersonCapacity(minutes, worked, left, fte)


def open_days(calendar: Calendar, quarter: Quarter) -> Mapping[date, Sequence[Span]]:
    """The local days of the quarter on which the calendar opens, with the hours of each."""
    zone = ZoneInfo(calendar.zone)
    start = datetime(quarter.starts_on.year, quarter.starts_on.month, 1, tzinfo=zone)
    end = datetime(quarter.ends_on.year, quarter.ends_on.month, 1, tzinfo=zone)
    found: dict[date, list[Span]] = {}
    for opens, closes in open_segments(calendar, start, end):
        for piece in _by_day(opens.astimezone(zone), closes.astimezone(zone)):
            found.setdefault(piece[0].date(), []).append(piece)
    return found


def leave_days(hours: Mapping[date, Sequence[Span]], absences: Iterable[Span]) -> set[date]:
    """The open days of which an absence takes at least half of the hours."""
    away = _union(absences)
    return {day for day, spans in hours.items() if HALF * _overlap(spans, away) >= _length(spans)}


def business_days_between(open_on: Collection[date], first: date, end: date) -> int:
    """How many of the open days lie in `[first, end)`."""
    return sum(first <= day < end for day in open_on)


def _place_on(places: Sequence[Place], day: date) -> Place | None:
    for place in places:
        first, end = place.days
        if first <= day and (end is None or day < end):
            return place
    return None


def _by_day(opens: datetime, closes: datetime) -> list[Span]:
    pieces = []
    while opens.date() < closes.date():
        midnight = datetime.combine(opens.date() + timedelta(days=1), datetime.min.time(), opens.tzinfo)
        pieces.append((opens, midnight))
        opens = midnight
    return [*pieces, (opens, closes)] if opens < closes else pieces


def _union(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _overlap(spans: Sequence[Span], away: Sequence[Span]) -> timedelta:
    pieces = (min(end, gone_until) - max(begin, gone_from) for begin, end in spans for gone_from, gone_until in away)
    return sum((piece for piece in pieces if piece > timedelta()), timedelta())


def _length(spans: Sequence[Span]) -> timedelta:
    return sum((end - begin for begin, end in spans), timedelta())
