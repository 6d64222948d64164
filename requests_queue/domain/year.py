"""A year of a business calendar as months of days: open, short, closed by the week, closed by a date (spec sla 9)."""

from __future__ import annotations

import calendar as weeks
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from portal.core.domain.calendars import nominal_day_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portal.core.domain.working_time import Calendar

MONTHS = 12
FIRST_YEAR, LAST_YEAR = 1970, 2200


@dataclass(frozen=True)
class YearDay:
    """One day: open, short (fewer hours than a usual day), weekend (closed by the week) or closed (by a date)."""

    on: date
    kind: str


@dataclass(frozen=True)
class YearMonth:
    """A month as weeks from Monday on, None beside its days, and the dates that differ from the week, with names."""

    first: date
    weeks: Sequence[Sequence[YearDay | None]]
    named: Sequence[tuple[date, str]]
    open_days: int


def months_of(hours: Calendar, names: Mapping[date, str], year: int) -> list[YearMonth]:
    """The twelve months of a year; `names` are those of the exceptions. `year` is one the clocks count in."""
    usual = nominal_day_seconds(hours)
    return [_month(hours, names, date(year, month, 1), usual) for month in range(1, MONTHS + 1)]


def day_kind(hours: Calendar, on: date, usual: int) -> str:
    """What a date is, in the hours of a calendar whose usual day has so many seconds."""
    if hours.always_open:
        return "open"
    by_date = hours.exceptions.get(on)
    intervals = hours.weekly[on.weekday()] if by_date is None else by_date
    total = sum(end - begin for begin, end in intervals)
    if not total:
        return "weekend" if by_date is None else "closed"
    return "short" if total < usual else "open"


def _month(hours: Calendar, names: Mapping[date, str], first: date, usual: int) -> YearMonth:
    rows = weeks.Calendar().monthdatescalendar(first.year, first.month)
    days = [
        [YearDay(on, day_kind(hours, on, usual)) if on.month == first.month else None for on in row] for row in rows
    ]
    flat = [day for row in days for day in row if day is not None]
    named = [(day.on, names.get(day.on, "")) for day in flat if not hours.always_open and day.on in hours.exceptions]
    return YearMonth(first, days, named, sum(day.kind in {"open", "short"} for day in flat))
