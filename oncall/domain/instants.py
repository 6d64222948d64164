"""Wall-clock times as instants: a day is what the clock on the wall says, never 86,400 seconds (spec oncall 3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from portal.core.domain.zones import offset_periods

ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=65536)
def wall_instant(day: date, at: time, zone: str) -> datetime:
    """The UTC instant of a wall time in an IANA zone.

    A repeated time (autumn) is its first occurrence; a missing one (spring) is the first instant after the gap.
    """
    naive = datetime.combine(day, at)
    before = naive.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    after = naive.replace(tzinfo=ZoneInfo(zone), fold=1).astimezone(UTC)
    if before <= after:  # unambiguous, or repeated: the first
        return before
    return _end_of_gap(zone, after, before)


def _end_of_gap(zone: str, low: datetime, high: datetime) -> datetime:
    """The change of the offset that lies in (low, high]."""
    for year in (low.year, high.year):
        for begin, _, _ in offset_periods(zone, year):
            change = datetime.fromtimestamp(begin, UTC)
            if low < change <= high:
                return change
    return high


def day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """The first instant of a local day and of the next: 23, 24 or 25 hours apart, or another length by decree."""
    return wall_instant(day, time(), zone), wall_instant(day + ONE_DAY, time(), zone)


def local_date(instant: datetime, zone: str) -> date:
    """The calendar day of an instant in a zone."""
    return instant.astimezone(ZoneInfo(zone)).date()


def local_dates(start: datetime, end: datetime, zone: str) -> list[date]:
    """Every local day that `[start, end)` touches, in order."""
    first, last = local_date(start, zone), local_date(end, zone)
    if last > first and day_bounds(last, zone)[0] >= end:
        last -= ONE_DAY
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def quarter_of(day: date) -> tuple[int, int]:
    """Calendar year and quarter 1-4."""
    return day.year, (day.month + 2) // 3
