"""What a shift weighs: points a local day of the person, in thousandths, exact (spec oncall 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from oncall.domain.instants import day_bounds, local_dates

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet
    from datetime import date, datetime

    Span = tuple[datetime, datetime]

SATURDAY = 5
WORKDAY, WEEKEND, HOLIDAY = 10, 15, 20
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class DayPoints:
    """What one local day of one shift earns: thousandths of a point at a weight of 10, 15 or 20 tenths."""

    day: date
    milli: int
    tenths: int


def day_weight(day: date, holidays: AbstractSet[date]) -> int:
    """In tenths: 20 on the person's public holiday, else 15 on Saturday and Sunday, else 10; never the sum."""
    if day in holidays:
        return HOLIDAY
    return WEEKEND if day.weekday() >= SATURDAY else WORKDAY


def day_points(spans: Iterable[Span], zone: str, holidays: AbstractSet[date]) -> list[DayPoints]:
    """`round_half_even(1000 x weight x served / length of that local day)` for each local day of the person.

    `spans` are the stretches of one shift; what falls on one day is added before it is rounded.
    """
    served: dict[date, timedelta] = {}
    for start, end in spans:
        for day in local_dates(start, end, zone):
            opens, closes = day_bounds(day, zone)
            served[day] = served.get(day, timedelta(0)) + min(end, closes) - max(start, opens)
    return [_weighed(day, length, zone, holidays) for day, length in served.items()]


def _weighed(day: date, served: timedelta, zone: str, holidays: AbstractSet[date]) -> DayPoints:
    opens, closes = day_bounds(day, zone)
    tenths = day_weight(day, holidays)
    milli = round_half_even(100 * tenths * (served // MICROSECOND), (closes - opens) // MICROSECOND)
    return DayPoints(day, milli, tenths)


def total_milli(rows: list[DayPoints]) -> int:
    """The sum of a shift's days."""
    return sum(row.milli for row in rows)


def round_half_even(numerator: int, denominator: int) -> int:
    """The nearest whole number of a fraction; a half goes to the even neighbour."""
    whole, rest = divmod(numerator, denominator)
    if 2 * rest > denominator or (2 * rest == denominator and whole % 2):
        return whole + 1
    return whole
