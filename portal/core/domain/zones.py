"""The zones there are, and where the offset of one from UTC changes, to the second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

SECOND = 1_000_000
HALF_A_DAY = 12 * 3600
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ONE_MICROSECOND = timedelta(microseconds=1)


@cache
def zone_names() -> frozenset[str]:
    """Every name of the IANA list. The library looks through some 600 files for them, 13 ms; here once a process."""
    return frozenset(available_timezones())


def to_microseconds(instant: datetime) -> int:
    """Microseconds since 1970 UTC: exact, and fast to compare."""
    return (instant - EPOCH) // ONE_MICROSECOND


def from_microseconds(count: int) -> datetime:
    """The aware UTC instant of `to_microseconds`; exact until 2242, where a float's steps pass half a microsecond.

    Half the price of adding a timedelta, and it is paid for every due instant.
    """
    return datetime.fromtimestamp(count / SECOND, UTC)


def year_start(year: int) -> int:
    """Seconds since 1970 of 1 January 00:00 UTC."""
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())


@lru_cache(maxsize=4096)
def offset_periods(zone: str, year: int) -> tuple[tuple[int, int, int], ...]:
    """The stretches of one UTC year with a constant offset: (from, to, offset), seconds, `to` excluded.

    Changes are found by halving between two probes that differ. A change that falls on a probe belongs to the stretch
    that begins there, because each probe is compared with the one before it.
    """
    tz = ZoneInfo(zone)
    begin, end = year_start(year), year_start(year + 1)
    periods: list[tuple[int, int, int]] = []
    start, offset = begin, _offset(tz, begin)
    low = begin
    while low < end:
        high = min(low + HALF_A_DAY, end)
        if (after := _offset(tz, high)) != offset:
            change = _first_with_other_offset(tz, low, high, offset)
            if change < end:
                periods.append((start, change, offset))
                start, offset = change, after
        low = high
    periods.append((start, end, offset))
    return tuple(periods)


def _first_with_other_offset(tz: ZoneInfo, low: int, high: int, offset: int) -> int:
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(tz, middle) == offset:
            low = middle
        else:
            high = middle
    return high


def _offset(tz: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, tz).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0
