"""Quarters as values: three months that a team plans and budgets as one (spec budget 1, resolutions 2.19)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from portal.core.errors import DomainError

MONTHS, QUARTERS = 3, 4
LABEL = re.compile(r"(20\d\d)q([1-4])")


@dataclass(frozen=True, order=True)
class Quarter:
    """Half-open days; `label` is such as 2027q1. A year that begins in another month is named after its first day."""

    starts_on: date
    ends_on: date
    label: str

    @property
    def last_on(self) -> date:
        return self.ends_on - timedelta(days=1)

    @property
    def name(self) -> str:
        """As people say it: "Q1 2027"."""
        return f"Q{self.label[-1]} {self.label[:4]}"

    def holds(self, day: date) -> bool:
        return self.starts_on <= day < self.ends_on

    def following(self) -> Quarter:
        return self._moved(1)

    def before(self) -> Quarter:
        return self._moved(-1)

    def _moved(self, by: int) -> Quarter:
        number = int(self.label[:4]) * QUARTERS + int(self.label[-1]) - 1 + by
        return _made(number, _months_moved(self.starts_on, by * MONTHS))


def quarter_of(day: date, first_month: int = 1) -> Quarter:
    """The quarter that holds the day; `first_month` is the month in which the year begins."""
    year = day.year if day.month >= first_month else day.year - 1
    index = ((day.month - first_month) % 12) // MONTHS
    return _made(year * QUARTERS + index, _months_moved(date(year, first_month, 1), index * MONTHS))


def quarter_called(label: str, first_month: int = 1) -> Quarter:
    """The quarter of a label such as 2027q1; raises `DomainError` (`core.unknown_quarter`) naming `quarter`."""
    found = LABEL.fullmatch(label.strip().casefold())
    if found is None:
        raise DomainError("core.unknown_quarter", f"{label[:20]!r} is no quarter. Write one such as 2027q1.", "quarter")
    year, index = int(found[1]), int(found[2]) - 1
    return _made(year * QUARTERS + index, _months_moved(date(year, first_month, 1), index * MONTHS))


def _made(number: int, starts_on: date) -> Quarter:
    label = f"{number // QUARTERS}q{number % QUARTERS + 1}"
    return Quarter(starts_on, _months_moved(starts_on, MONTHS), label)


def _months_moved(day: date, by: int) -> date:
    months = day.year * 12 + day.month - 1 + by
    return date(months // 12, months % 12 + 1, 1)
