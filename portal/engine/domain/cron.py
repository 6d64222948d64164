"""When periodic work runs next. Wall-clock hours stay wall-clock hours across daylight saving."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 6))
HORIZON_DAYS = 1500


def next_run(cron: str, zone: str, after: datetime) -> datetime:
    """The first instant strictly after `after` that matches five cron fields in `zone` (weekday 0 = Sunday).

    A wall time that a change of clocks skips runs at the instant the clocks jump to; a doubled one runs once.
    Raises `ValueError` for a malformed expression or one that matches no day in four years.
    """
    minutes, hours, days, months, weekdays = _parsed(cron)
    place = ZoneInfo(zone)
    day = after.astimezone(place).date()
    for _ in range(HORIZON_DAYS):
        if day.day in days and day.month in months and day.isoweekday() % 7 in weekdays:
            for hour in hours:
                for minute in minutes:
                    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=place)
                    instant = local.astimezone(UTC)
                    if instant > after:
                        return instant
        day += timedelta(days=1)
    message = f"{cron!r} never runs"
    raise ValueError(message)


def _parsed(cron: str) -> list[list[int]]:
    parts = cron.split()
    if len(parts) != len(FIELDS):
        message = f"{cron!r}: five fields are needed"
        raise ValueError(message)
    return [_field(part, low, high) for part, (_, low, high) in zip(parts, FIELDS, strict=True)]


def _field(text: str, low: int, high: int) -> list[int]:
    values: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = (f"{low}-{high}" if span == "*" else span).partition("-")
        values.update(range(int(first), int(last or first) + 1, int(step or 1)))
    if not values or min(values) < low or max(values) > high:
        message = f"{text!r}: from {low} to {high}"
        raise ValueError(message)
    return sorted(values)
