"""Public holidays of a region and a year, and what they make of working hours (spec accounts 3). Pure Python."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from portal.accounts.domain.busy import UnreadableCalendar, busy_times
from portal.accounts.domain.checks import clean_text
from portal.core.domain.calendars import WEEKDAYS
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MOST_DAYS = 60
LONGEST_NAME = 80
FIRST_YEAR, LAST_YEAR = 2000, 2100
NOON = "13:00"
PROPOSED = " (proposed)"
REGION = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?")


@dataclass(frozen=True, order=True)
class Region:
    """A country, and a part of it where that has holidays of its own: DE, DE-BE."""

    country: str
    subdivision: str = ""

    def __str__(self) -> str:
        return f"{self.country}-{self.subdivision}" if self.subdivision else self.country


@dataclass(frozen=True, order=True)
class Day:
    """A date with its name; not ticked it is known and not kept, half it is kept until 13:00."""

    on: date
    name: str
    is_ticked: bool = True
    is_half: bool = False


def region_of(text: str, field: str = "region") -> Region:
    """The region that is written DE or DE-BE. Raises `DomainError` `accounts.bad_region`."""
    found = REGION.fullmatch(text.strip().upper())
    if found is None:
        raise DomainError(
            "accounts.bad_region", "Write a country and perhaps a part of it, such as DE or DE-BE.", field
        )
    return Region(found[1], found[2] or "")


def days_of_lines(text: str) -> list[Day]:
    """Days written one a line, the date first: "2027-05-02 Company day". Raises `DomainError` naming the line."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        written, _, name = line.partition(" ")
        try:
            on = date.fromisoformat(written)
        except ValueError:
            message = f"{line[:40]!r} does not begin with a date such as 2027-05-02."
            raise DomainError("accounts.bad_holiday", message, "more") from None
        found.append(Day(on, name.strip() or "Holiday"))
    return found


def checked_days(days: Iterable[Day], year: int) -> list[Day]:
    """The days in date order, each once, with clean names.

    Raises `DomainError`: a year outside 2000-2100, a date of another year or twice, more than 60.
    """
    if not FIRST_YEAR <= year < LAST_YEAR:
        raise DomainError("accounts.bad_year", f"A year lies between {FIRST_YEAR} and {LAST_YEAR - 1}.", "year")
    found: dict[date, Day] = {}
    for day in days:
        if day.on.year != year:
            raise DomainError("accounts.bad_holiday", f"{day.on} is not in {year}.", "dates")
        if day.on in found:
            raise DomainError("accounts.bad_holiday", f"{day.on} stands there twice.", "dates")
        found[day.on] = Day(day.on, clean_text(day.name, "dates", longest=LONGEST_NAME), day.is_ticked, day.is_half)
    if len(found) > MOST_DAYS:
        raise DomainError("accounts.bad_holiday", f"At most {MOST_DAYS} days a year, this has {len(found)}.", "dates")
    return sorted(found.values())


def days_of_calendar(body: bytes, year: int) -> list[Day]:
    """The whole-day events of a calendar file in that year, each of their days by itself; hours are left out.

    Raises `DomainError` `accounts.bad_calendar` for what is no calendar, or one beyond the bounds of calendars.
    """
    start, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    try:
        events = busy_times(body, "UTC", start, end)
    except UnreadableCalendar as error:
        raise DomainError("accounts.bad_calendar", str(error), "calendar") from None
    found: dict[date, Day] = {}
    for event in events:
        if event.first_on is not None and event.last_on is not None:
            for n in range((event.last_on - event.first_on).days + 1):
                on = event.first_on + timedelta(days=n)
                if on.year == year:
                    found.setdefault(on, Day(on, event.name[:LONGEST_NAME] or "Holiday"))
    if not found:
        raise DomainError("accounts.bad_calendar", f"The calendar has no whole-day event in {year}.", "calendar")
    return sorted(found.values())


def composed(
    exceptions: Mapping[str, Any], laid: Mapping[str, str], days: Sequence[Day], weekly: Mapping[str, Any], today: date
) -> tuple[dict[str, Any], dict[str, str]]:
    """Exceptions of hours with the region's days after `today`, and by date the name of each day that was laid.

    What was laid before (`laid`) and stands unchanged makes room; dates that somebody wrote by hand stay as they are.
    Neither today nor the past changes.
    """
    after = today.isoformat()
    kept = {
        day: value
        for day, value in exceptions.items()
        if day <= after or laid.get(day) is None or laid[day] != value.get("name")
    }
    new = {
        day.on.isoformat(): day for day in days if day.is_ticked and day.on > today and day.on.isoformat() not in kept
    }
    told = {on: _exception(day, weekly) for on, day in new.items()}
    past = {on: name for on, name in laid.items() if on <= after}
    return {**kept, **told}, {**past, **{on: day.name for on, day in new.items()}}


def _exception(day: Day, weekly: Mapping[str, Any]) -> dict[str, Any]:
    """Closed; a half day keeps the hours before 13:00 and is no public holiday of its own."""
    usual = weekly.get(WEEKDAYS[day.on.weekday()], []) if day.is_half else []
    hours = [[begin, min(end, NOON)] for begin, end in usual if begin < NOON]
    return {"intervals": hours, "name": day.name, "is_public_holiday": not day.is_half}
