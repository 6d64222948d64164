"""Reading a calendar from its JSON form, and what makes one acceptable (spec sla 2)."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections import Counter
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from portal.core.domain.working_time import DAY, Calendar, Interval, counted
from portal.core.domain.zones import zone_names
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
MOST_INTERVALS, MOST_EXCEPTIONS = 12, 2000
LEAST_OPEN_SECONDS, LOOK_AHEAD = 60, timedelta(days=366)


def parse_calendar(spec: Mapping[str, Any]) -> Calendar:
    """A checked calendar from `{zone, weekly, exceptions, always_open}`.

    `weekly` maps mon..sun to lists of ["HH:MM", "HH:MM"]; an exception is such a list, or an object with `intervals`.
    Raises `DomainError` with the field: `sla.unknown_zone`, `sla.bad_interval`, `sla.too_many_exceptions`.
    """
    if not isinstance(spec, dict):
        raise DomainError("sla.bad_calendar", "A calendar is an object with zone, weekly and exceptions.", "calendar")
    if spec.get("always_open") is True:
        return Calendar(zone="UTC", always_open=True)
    zone = spec.get("zone", spec.get("tz"))
    if not isinstance(zone, str) or zone not in zone_names():
        raise DomainError("sla.unknown_zone", f"{zone!r} is no IANA zone. Write one such as Europe/Madrid.", "zone")
    return Calendar(zone, _weekly(spec.get("weekly", {})), _exceptions(spec.get("exceptions", {})))


def require_open(calendar: Calendar, at: datetime) -> None:
    """Refuse a calendar with less than a minute open in the year after `at` (`sla.never_open`)."""
    if counted(calendar, at, at + LOOK_AHEAD) < LEAST_OPEN_SECONDS:
        raise DomainError("sla.never_open", "This calendar is not open in the coming year. Add weekly hours.", "weekly")


def nominal_day_seconds(calendar: Calendar) -> int:
    """What "one day" means in this calendar: the most frequent positive weekday total, the larger of a tie."""
    if calendar.always_open:
        return DAY
    totals = Counter(sum(end - begin for begin, end in intervals) for intervals in calendar.weekly)
    del totals[0]
    return max(totals, key=lambda total: (totals[total], total), default=DAY)


def digest(spec: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON: equal content makes no new version."""
    return hashlib.sha256(json.dumps(spec, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _weekly(weekly: Any) -> tuple[tuple[Interval, ...], ...]:
    if not isinstance(weekly, dict) or not set(weekly) <= set(WEEKDAYS):
        raise DomainError("sla.bad_interval", f"Weekdays are {', '.join(WEEKDAYS)}.", "weekly")
    return tuple(_intervals(weekly.get(day, []), f"weekly.{day}") for day in WEEKDAYS)


def _exceptions(exceptions: Any) -> Mapping[date, tuple[Interval, ...]]:
    if not isinstance(exceptions, dict):
        raise DomainError("sla.bad_interval", "Exceptions map dates to lists of intervals.", "exceptions")
    if len(exceptions) > MOST_EXCEPTIONS:
        message = f"{len(exceptions)} exceptions are too many; at most {MOST_EXCEPTIONS}."
        raise DomainError("sla.too_many_exceptions", message, "exceptions")
    days = {}
    for text, value in exceptions.items():
        where = f"exceptions.{text}"
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise DomainError("sla.bad_interval", f"{text!r} is no date. Write 2026-12-25.", where) from None
        days[day] = _intervals(value.get("intervals", []) if isinstance(value, dict) else value, where)
    return MappingProxyType(days)


def _intervals(given: Any, where: str) -> tuple[Interval, ...]:
    if not isinstance(given, list) or len(given) > MOST_INTERVALS:
        raise DomainError("sla.bad_interval", f"A day has a list of at most {MOST_INTERVALS} intervals.", where)
    intervals = tuple(_interval(pair, where) for pair in given)
    for (_, end), (begin, _) in itertools.pairwise(intervals):
        if begin < end:
            raise DomainError("sla.bad_interval", "Intervals of a day are in order and do not overlap.", where)
    return intervals


def _interval(pair: Any, where: str) -> Interval:
    if not isinstance(pair, list | tuple) or len(pair) != 2:  # noqa: PLR2004 (from, to)
        raise DomainError("sla.bad_interval", 'An interval is ["09:00", "17:00"].', where)
    begin, end = _seconds(pair[0], where), _seconds(pair[1], where)
    if begin >= end:
        message = f"{pair[0]}-{pair[1]} ends before it begins; write a shift past midnight as two intervals."
        raise DomainError("sla.bad_interval", message, where)
    return begin, end


def _seconds(text: Any, where: str) -> int:
    if not isinstance(text, str) or not TIME.fullmatch(text):
        raise DomainError("sla.bad_interval", f"{text!r} is no time of day. Write 09:00, at most 24:00.", where)
    hours, minutes = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60
