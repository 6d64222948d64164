"""Working time: what counts, when a counted duration is over, and when it is exceeded (spec sla 3).

One rule decides about daylight saving: an instant is open if its local wall time lies in an interval of its local day.
A calendar's open stretches are laid out once as UTC intervals with running sums, so that a due instant costs two
bisections however far away it is. Instants are aware, durations whole seconds, intervals half-open.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from itertools import accumulate
from types import MappingProxyType
from typing import TYPE_CHECKING

from portal.core.domain.zones import SECOND, from_microseconds, offset_periods, to_microseconds, year_start
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

DAY = 86_400
HORIZON = 800 * DAY * SECOND
FIRST_YEAR, LAST_YEAR = 1969, 2203
UNIX_DAY = date(1970, 1, 1).toordinal()

Interval = tuple[int, int]
Pause = tuple[datetime, datetime | None]


@dataclass(frozen=True)
class Calendar:
    """Weekly hours and dated exceptions in one IANA zone; seconds of the local day, `[from, to)`.

    `weekly` holds seven lists, Monday first; an exception replaces its day. `always_open` ignores everything else.
    Build one with `portal.core.domain.calendars.parse_calendar`, which checks it.
    """

    zone: str
    weekly: tuple[tuple[Interval, ...], ...] = ((),) * 7
    exceptions: Mapping[date, tuple[Interval, ...]] = field(default_factory=lambda: MappingProxyType({}))
    always_open: bool = False

    def intervals_on(self, day: date) -> tuple[Interval, ...]:
        """The open hours of a local day."""
        return self.exceptions[day] if day in self.exceptions else self.weekly[day.weekday()]

    @cached_property
    def timeline(self) -> Timeline:
        """The open stretches laid out so far; they are worked out as far as somebody asks."""
        return Timeline(self)


class Timeline:
    """Open stretches of a calendar in microseconds, in order, with the time counted before each."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self.covers = (0, 0)
        self.begins: Sequence[int] = ()
        self.ends: Sequence[int] = ()
        self.sums: Sequence[int] = (0,)
        if calendar.always_open:
            self._lay_out(FIRST_YEAR, LAST_YEAR)

    def upto(self, first: int, last: int) -> Timeline:
        """Itself, laid out over at least `[first, last]`."""
        low, high = self.covers
        if first < low or last >= high:
            years = from_microseconds(first).year, from_microseconds(last).year
            known = (from_microseconds(low).year, from_microseconds(high).year) if high else years
            self._lay_out(max(min(years[0] - 1, known[0]), FIRST_YEAR), min(max(years[1] + 3, known[1]), LAST_YEAR))
        return self

    def opened_before(self, instant: int) -> int:
        """Open microseconds laid out before `instant`."""
        index = bisect_right(self.begins, instant) - 1
        if index < 0:
            return 0
        return self.sums[index] + min(instant, self.ends[index]) - self.begins[index]

    def opened(self, first: int, last: int) -> int:
        """Open microseconds of `[first, last)`."""
        self.upto(first, last)
        return self.opened_before(last) - self.opened_before(first)

    def reached(self, first: int, need: int, *, exceeded: bool) -> int | None:
        """The instant by which `need` open microseconds have passed since `first`, or after which they are exceeded."""
        target = self.opened_before(first) + need
        index = (bisect_right if exceeded else bisect_left)(self.sums, target) - 1
        if index < 0:
            return first
        if index >= len(self.begins):
            return None
        return max(first, self.begins[index] + target - self.sums[index])

    def _lay_out(self, low: int, high: int) -> None:
        span = year_start(low) * SECOND, year_start(high) * SECOND
        stretches = [span] if self._calendar.always_open else _stretches(self._calendar, low, high)
        self.begins, self.ends = [begin for begin, _ in stretches], [end for _, end in stretches]
        self.sums = [0, *accumulate(end - begin for begin, end in stretches)]
        self.covers = span


def _stretches(calendar: Calendar, low: int, high: int) -> list[Interval]:
    """The open stretches of some UTC years, merged where one ends as the next begins."""
    merged: list[Interval] = []
    for year in range(low, high):
        for period in offset_periods(calendar.zone, year):
            for begin, end in _open_stretches(calendar, *period):
                if merged and begin <= merged[-1][1]:
                    merged[-1] = (merged[-1][0], end)
                else:
                    merged.append((begin, end))
    return merged


def _open_stretches(calendar: Calendar, begin: int, end: int, offset: int) -> Iterable[Interval]:
    """Open stretches, in microseconds UTC, of a period in which the zone keeps one offset."""
    for number in range((begin + offset) // DAY, (end - 1 + offset) // DAY + 1):
        midnight = number * DAY - offset
        for opens, closes in calendar.intervals_on(date.fromordinal(number + UNIX_DAY)):
            first, last = max(midnight + opens, begin), min(midnight + closes, end)
            if first < last:
                yield first * SECOND, last * SECOND


def open_segments(calendar: Calendar, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The open stretches within `[start, end)`, in order."""
    first, last = to_microseconds(start), to_microseconds(end)
    line = calendar.timeline.upto(first, last)
    return [
        (from_microseconds(max(line.begins[index], first)), from_microseconds(min(line.ends[index], last)))
        for index in range(bisect_right(line.ends, first), bisect_left(line.begins, last))
    ]


def counted(calendar: Calendar, start: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> int:
    """Whole seconds of `[start, end)` that are open and in no pause; an open pause lasts."""
    first, last = to_microseconds(start), to_microseconds(end)
    if last <= first:
        return 0
    total = calendar.timeline.opened(first, last)
    for begin, finish in _union(pauses, first) if pauses else ():
        stop = last if finish is None else min(finish, last)
        if begin < stop:
            total -= calendar.timeline.opened(begin, stop)
    return total // SECOND


def add(calendar: Calendar, start: datetime, seconds: int, pauses: Sequence[Pause] = ()) -> datetime | None:
    """The earliest instant by which `seconds` have been counted since `start`: the due instant.

    A day that fills exactly is due on its closing edge. None while an open pause begins before it is reached.
    Raises `DomainError` `sla.unreachable` beyond 800 days.
    """
    return _reached(calendar, start, seconds, pauses, exceeded=False)


def breach_at(calendar: Calendar, start: datetime, seconds: int, pauses: Sequence[Pause] = ()) -> datetime | None:
    """The first instant from which any further counted time exceeds `seconds`; equals `add` inside open time."""
    return _reached(calendar, start, seconds, pauses, exceeded=True)


def step_seconds(allowance: int, percent: int) -> int:
    """A share of the allowance in whole minutes, rounded down, at least one minute; 100 % is the allowance itself."""
    if percent == 100:  # noqa: PLR2004 (percent)
        return allowance
    return max(60, allowance * percent // 100 // 60 * 60)


def _reached(
    calendar: Calendar, start: datetime, seconds: int, pauses: Sequence[Pause], *, exceeded: bool
) -> datetime | None:
    """Walk from pause to pause until the stretch in which the count is complete."""
    first, need = to_microseconds(start), seconds * SECOND
    horizon = first + HORIZON
    line = calendar.timeline.upto(first, horizon)
    for begin, finish in _union(pauses, first) if pauses else ():
        before = line.opened_before(begin) - line.opened_before(first)
        if need < before or (need == before and not exceeded):
            break
        if finish is None:
            return None
        need -= before
        first = finish
    instant = line.reached(first, need, exceeded=exceeded)
    if instant is None or instant > horizon:
        message = "This calendar does not open for that long within 800 days. Choose a shorter target or longer hours."
        raise DomainError("sla.unreachable", message, "duration_seconds")
    return from_microseconds(instant)


def _union(pauses: Sequence[Pause], start: int) -> list[tuple[int, int | None]]:
    """The union of the pauses after `start`, in order, without empty ones; None is not over yet."""
    cut = [
        (max(to_microseconds(begin), start), None if finish is None else to_microseconds(finish))
        for begin, finish in pauses
    ]
    union: list[tuple[int, int | None]] = []
    for begin, finish in sorted(cut, key=lambda pause: pause[0]):
        if finish is not None and finish <= begin:
            continue
        if union and (union[-1][1] is None or begin <= union[-1][1]):
            before = union[-1]
            longest = None if finish is None or before[1] is None else max(before[1], finish)
            union[-1] = (before[0], longest)
        else:
            union.append((begin, finish))
    return union
