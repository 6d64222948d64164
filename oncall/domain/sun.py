"""Follow the sun: where the segments of several zones overlap or leave a hole (spec oncall 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from oncall.domain.instants import ONE_DAY, wall_instant
from oncall.domain.rotation import wall

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Segment:
    """Wall-clock hours in one zone, each day; `to` may lie past midnight."""

    zone: str
    from_: str
    to: str


@dataclass(frozen=True)
class SunReport:
    """Spans in UTC in which nobody, or more than one segment, is on."""

    holes: tuple[tuple[datetime, datetime], ...]
    overlaps: tuple[tuple[datetime, datetime], ...]

    def hole_days(self) -> list[date]:
        """The UTC days on which a hole begins."""
        return [start.date() for start, _ in self.holes]

    def overlap_days(self) -> list[date]:
        return [start.date() for start, _ in self.overlaps]


def sun_report(segments: Sequence[Segment], first: date, days: int) -> SunReport:
    """Every hole and overlap from `first` for so many UTC days; at zone changes the edges move with the wall clock."""
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    end = start + timedelta(days=days)
    steps: list[tuple[datetime, int]] = []
    for segment in segments:
        for n in range(-2, days + 2):
            opens, closes = _hours(segment, first + timedelta(days=n))
            if opens < closes:
                steps += [(opens, 1), (closes, -1)]
    return _swept(sorted(steps), start, end)


def _hours(segment: Segment, day: date) -> tuple[datetime, datetime]:
    opens, closes = wall(segment.from_), wall(segment.to)
    last = day if closes > opens else day + ONE_DAY
    return wall_instant(day, opens, segment.zone), wall_instant(last, closes, segment.zone)


def _swept(steps: list[tuple[datetime, int]], start: datetime, end: datetime) -> SunReport:
    holes: list[tuple[datetime, datetime]] = []
    overlaps: list[tuple[datetime, datetime]] = []
    depth, last = 0, start
    for instant, change in [*steps, (end, 0)]:
        low, high = max(last, start), min(instant, end)
        if low < high and depth != 1:
            (holes if depth == 0 else overlaps).append((low, high))
        depth += change
        last = max(last, instant)
    return SunReport(tuple(holes), tuple(overlaps))
