"""Calendars to count with, and public holidays to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import holidays

from portal.core.domain.calendars import parse_calendar
from portal.core.errors import DomainError
from portal.core.models import CalendarVersion

if TYPE_CHECKING:
    from datetime import date

    from portal.core.domain.working_time import Calendar


@dataclass(frozen=True)
class Holiday:
    """A public holiday that a person may tick; nothing is closed until they do."""

    on: date
    name: str


@lru_cache(maxsize=512)
def load_calendar(version_id: int) -> Calendar:
    """The hours of a calendar version, ready to count with; at most one query a process, because versions never change.

    Raises `CalendarVersion.DoesNotExist`.
    """
    version = CalendarVersion.objects.values("zone", "weekly", "exceptions", "always_open").get(pk=version_id)
    return parse_calendar(version)


def proposed_holidays(country: str, subdivision: str, year: int) -> list[Holiday]:
    """The public holidays of a country, or of a part of it, in date order. A preview; nothing is stored.

    Raises `DomainError` `core.unknown_country` for a code that the package `holidays` does not know.
    """
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    except NotImplementedError as error:
        raise DomainError("core.unknown_country", f"{error}. Write codes such as DE and BE.", "country") from None
    return [Holiday(day, name) for day, name in sorted(found.items())]
