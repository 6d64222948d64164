"""Working time: what counts, when a counted duration is over, and when it is exceeded (spec sla 3).

One rule decides about daylight saving: an instant is open if its local wall time lies in an interval of its local day.
A calendar's open stretches are laid out once as UTC intervals with running sums, so that a due instant costs two
bisections however far away it is. Instants are aware, durations whole seconds, intervals half-open.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import accumulate
from operator import sub
from types import MappingProxyType
from typing import TYPE_CHECKING

from portal.core.domain.zones import SECOND, from_microseconds, offset_periods, to_microseconds, year_start
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    Find = Callable[[list[int], int], int]

DAY = 86_400
HORIZON = 800 * DAY * SECOND
UNIX_DAY = date(1970, 1, 1).toordinal()
THURSDAY = 3  # the weekday of 1 January 1970

Interval = tuple[int, int]
Span = tuple[int, int | None]
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
    _known: Timeline | None = field(default=None, init=False, repr=False, compare=False)

    def timeline(self, first: int, last: int) -> Timeline:
        """The open stretches of at least `[first, last]`, worked out as far as somebody asks and then kept.

        A timeline is replaced, never changed, so that threads may share a calendar.
        """
        known = self._known
        if known is None or first < known.low or last >= known.high:
            known = _lay_out(self, *_years(first, last, known))
            object.__setattr__(self, "_known", known)
        return known


@dataclass(frozen=True, slots=True)
class Timeline:
    """Open stretches of a calendar in `[low, high)`, in order, in microseconds.

    `sums` is what has been counted by the end of each stretch. `shifts` is what each stretch's instants lie ahead of
    what has been counted at them. The first stretch is empty and begins at `low`, so that every instant has one; the
    last shift leads beyond every horizon, for what is not reached.
    """

    low: int
    high: int
    begins: list[int]
    ends: list[int]
    sums: list[int]
    shifts: list[int]

    def counted_by(self, instant: int) -> int:
        """Open time of `[low, instant)`."""
        index = bisect_right(self.begins, instant) - 1
        end = self.ends[index]
        return (min(end, instant)) - self.shifts[index]


def _years(first: int, last: int, known: Timeline | None) -> tuple[int, int]:
    """The years to lay out, with some to spare, so that a busy calendar is laid out once."""
    low, high = from_microseconds(first).year - 1, from_microseconds(last).year + 2
    if known:
        low, high = min(low, from_microseconds(known.low).year), max(high, from_microseconds(known.high).year)
    return low, high


def _lay_out(calendar: Calendar, first_year: int, end_year: int) -> Timeline:
    low, high = year_start(first_year) * SECOND, year_start(end_year) * SECOND
    begins, ends = [low], [low]
    for begin, end in [(low, high)] if calendar.always_open else _open_stretches(calendar, first_year, end_year):
        if begin == ends[-1]:
            ends[-1] = end
        else:
            begins.append(begin)
            ends.append(end)
    sums = list(accumulate(map(sub, ends, begins)))
    return Timeline(low, high, begins, ends, sums, [*map(sub, ends, sums), high + HORIZON])


def _open_stretches(calendar: Calendar, first_year: int, end_year: int) -> Iterator[Interval]:
    """Open stretches in microseconds UTC; in a period the zone keeps one offset, so that wall time is plain numbers."""
    exceptions = {day.toordinal() - UNIX_DAY: intervals for day, intervals in calendar.exceptions.items()}
    for year in range(first_year, end_year):
        for begin, end, offset in offset_periods(calendar.zone, year):
            for day in range((begin + offset) // DAY, (end - 1 + offset) // DAY + 1):
                midnight = day * DAY - offset
                intervals = exceptions.get(day)
                for opens, closes in calendar.weekly[(day + THURSDAY) % 7] if intervals is None else intervals:
                    first, last = max(midnight + opens, begin), min(midnight + closes, end)
                    if first < last:
                        yield first * SECOND, last * SECOND


def open_segments(calendar: Calendar, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The open stretches within `[start, end)`, in order."""
    first, last = to_microseconds(start), to_microseconds(end)
    line = calendar.timeline(first, last)
    return [
        (from_microseconds(max(line.begins[index], first)), from_microseconds(min(line.ends[index], last)))
        for index in range(bisect_right(line.ends, first), bisect_left(line.begins, last))
    ]


def counted(calendar: Calendar, start: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> int:
    """Whole seconds of `[start, end)` that are open and in no pause; an open pause lasts."""
    first, last = to_microseconds(start), to_microseconds(end)
    if last <= first:
        return 0
    line = calendar.timeline(first, last)
    total = line.counted_by(last) - line.counted_by(first)
    for begin, finish in _union(pauses, first) if pauses else ():
        stop = last if finish is None else min(finish, last)
        if begin < stop:
            total -= line.counted_by(stop) - line.counted_by(begin)
    return total // SECOND


def add(calendar: Calendar, start: datetime, seconds: int, pauses: Sequence[Pause] = ()) -> datetime | None:
    """The earliest instant by which `seconds` have been counted since `start`: the due instant.

    A day that fills exactly is due on its closing edge. None while an open pause begins before it is reached.
    Raises `DomainError` `sla.unreachable` beyond 800 days.
    """
    return _reached(calendar, start, seconds, pauses, bisect_left)


def breach_at(calendar: Calendar, start: datetime, seconds: int, pauses: Sequence[Pause] = ()) -> datetime | None:
    """The first instant from which any further counted time exceeds `seconds`; equals `add` inside open time."""
    return _reached(calendar, start, seconds, pauses, bisect_right)


def add_each(calendar: Calendar, start: datetime, seconds: Iterable[int]) -> Sequence[int | None]:
    """`add` for many promises that count from one instant on, as after an edit of their calendar.

    Microseconds since 1970, ready for one statement that writes them all; None beyond 800 days.
    """
    first = to_microseconds(start)
    horizon = first + HORIZON
    line = calendar.timeline(first, horizon)
    base = line.counted_by(first)
    sums, shifts = [(count - base) // SECOND for count in line.sums], [shift + base for shift in line.shifts]
    instants = [shifts[bisect_left(sums, number)] + number * SECOND for number in seconds]
    if max(instants, default=first) <= horizon:
        return instants
    return [instant if instant <= horizon else None for instant in instants]


def step_seconds(allowance: int, percent: int) -> int:
    """A share of the allowance in whole minutes, rounded down, at least one minute; 100 % is the allowance itself."""
    if percent == 100:  # noqa: PLR2004 (percent)
        return allowance
    return max(60, allowance * percent // 100 // 60 * 60)


def _reached(calendar: Calendar, start: datetime, seconds: int, pauses: Sequence[Pause], find: Find) -> datetime | None:
    first = to_microseconds(start)
    horizon = first + HORIZON
    line = calendar.timeline(first, horizon)
    count = line.counted_by(first) + seconds * SECOND
    target = _past_pauses(line, count, _union(pauses, first), find) if pauses else count
    if target is None:
        return None
    instant = line.shifts[find(line.sums, target)] + target
    if instant > horizon:
        message = "This calendar does not open for that long within 800 days. Choose a shorter target or longer hours."
        raise DomainError("sla.unreachable", message, "duration_seconds")
    return from_microseconds(instant)


def _past_pauses(line: Timeline, count: int, pauses: Sequence[Span], find: Find) -> int | None:
    """The count to reach when open time within pauses, which begin before it, has to be counted over."""
    for begin, finish in pauses:
        before = line.counted_by(begin)
        if count < before or (count == before and find is bisect_left):
            break
        if finish is None:
            return None
        count += line.counted_by(finish) - before
    return count


def _union(pauses: Sequence[Pause], start: int) -> list[Span]:
    """The union of the pauses after `start`, in order, without empty ones; None is not over yet."""
    cut = [
        (max(to_microseconds(begin), start), None if finish is None else to_microseconds(finish))
        for begin, finish in pauses
    ]
    union: list[Span] = []
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
