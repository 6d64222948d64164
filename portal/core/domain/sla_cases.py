"""Worked cases of the clock's arithmetic, format `sla-cases/1`: how a file from outside is checked."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from portal.core.domain.calendars import parse_calendar
from portal.core.domain.working_time import Pause, add, breach_at, counted, step_seconds
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal.core.domain.working_time import Calendar

PERCENT = 80


def misses(case: Mapping[str, Any], calendars: Mapping[str, Any]) -> list[str]:
    """What the case expects and the arithmetic does not give, one sentence each; empty when all holds."""
    given = case["calendar"]
    calendar = parse_calendar(calendars[given] if isinstance(given, str) else given)
    found = _found(case, calendar)
    return [
        f"{name}: expected {_shown(expected)}, found {_shown(found[name])}"
        for name, expected in _expected(case).items()
        if expected != found[name]
    ]


def _expected(case: Mapping[str, Any]) -> dict[str, Any]:
    instants = {"expected_due", "expected_breach_at", "expected_warn_80"} & set(case)
    plain = {"warn_80_seconds", "expected_counted_at_stop", "expected_outcome"} & set(case)
    if not case.get("stop_at"):
        plain -= {"expected_counted_at_stop", "expected_outcome"}
    return {name: _instant(case[name]) for name in sorted(instants)} | {name: case[name] for name in sorted(plain)}


def _found(case: Mapping[str, Any], calendar: Calendar) -> dict[str, Any]:
    begin, seconds = datetime.fromisoformat(case["start"]), int(case["duration_seconds"])
    pauses: list[Pause] = [
        (datetime.fromisoformat(pause["from"]), _instant(pause.get("to"))) for pause in case.get("pauses", [])
    ]
    warn = step_seconds(seconds, PERCENT)
    found: dict[str, Any] = {
        "expected_due": _reached(add, calendar, begin, seconds, pauses),
        "expected_breach_at": _reached(breach_at, calendar, begin, seconds, pauses),
        "warn_80_seconds": warn,
        "expected_warn_80": _reached(add, calendar, begin, warn, pauses),
    }
    if stop := _instant(case.get("stop_at")):
        elapsed = counted(calendar, begin, stop, pauses)
        found |= {"expected_counted_at_stop": elapsed, "expected_outcome": "met" if elapsed <= seconds else "breached"}
    return found


def _reached(reach: Any, calendar: Calendar, begin: datetime, seconds: int, pauses: list[Pause]) -> datetime | None:
    """An instant beyond the horizon counts as none."""
    try:
        instant: datetime | None = reach(calendar, begin, seconds, pauses)
    except DomainError as error:
        if error.code != "sla.unreachable":
            raise
        return None
    return instant


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _shown(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
