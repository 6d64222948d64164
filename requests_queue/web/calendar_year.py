"""The year of a calendar in ready strings: months of two-letter days with the class of each, and dates by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from portal.core.queries.calendars import load_calendar
from portal.core.web.presentation import count_words
from requests_queue.domain.year import FIRST_YEAR, LAST_YEAR, months_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portal.core.models import CalendarVersion
    from requests_queue.domain.year import YearDay, YearMonth

CLASSES = {"open": "", "short": "text-warn strong", "weekend": "muted", "closed": "text-bad strong"}
WORDS = {"closed": "closed", "short": "fewer hours", "open": "open", "weekend": "closed"}


@dataclass(frozen=True)
class MonthShown:
    """A month: its title, how many days are open, weeks of (text, class), and its dates in words."""

    title: str
    open: str
    weeks: Sequence[Sequence[tuple[str, str]]]
    named: Sequence[str]


def shown_year(version: CalendarVersion, year: int) -> dict[str, Any]:
    """What the card of a year shows; no query beyond the version's, which is remembered."""
    names = {date.fromisoformat(day): _name(given) for day, given in version.exceptions.items()}
    months = months_of(load_calendar(version.pk), names, year)
    return {"year": year, "before": year - 1, "after": year + 1, "months": [_shown(month) for month in months]}


def chosen_year(text: str, default: int) -> int:
    """The year of the address where the clocks can count in it, else the default."""
    wanted = int(text) if text.isdecimal() and len(text) == len(str(LAST_YEAR)) else default
    return wanted if FIRST_YEAR < wanted < LAST_YEAR else default


def _shown(month: YearMonth) -> MonthShown:
    kinds = {day.on: day.kind for row in month.weeks for day in row if day is not None}
    named = [f"{on.day} {on:%b}: {name or WORDS[kinds[on]]}" for on, name in month.named]
    rows = [[_cell(day) for day in row] for row in month.weeks]
    return MonthShown(f"{month.first:%B}", count_words(month.open_days, "open day"), rows, named)


def _cell(day: YearDay | None) -> tuple[str, str]:
    return ("  ", "") if day is None else (f"{day.on.day:2}", CLASSES[day.kind])


def _name(given: Mapping[str, Any] | list[Any]) -> str:
    return str(given.get("name", "")) if isinstance(given, dict) else ""
