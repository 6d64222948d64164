"""Worked cases of the clock's arithmetic, format `sla-cases/1`: how a file from outside is checked."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from portal.core.domain.calendars import parse_calendar
from portal.core.domain.case_files import Place
from portal.core.domain.working_time import Pause, add, breach_at, counted, step_seconds
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal.core.domain.working_time import Calendar

FORMAT = "sla-cases/1"
PERCENT = 80
MOST_SECONDS = 31_536_000
INSTANTS = ("expected_breach_at", "expected_due", "expected_due_local", "expected_warn_80")
AT_STOP = ("expected_counted_at_stop", "expected_outcome")


def misses(case: Mapping[str, Any], calendars: Mapping[str, Any]) -> list[str]:
    """What the case expects and the arithmetic does not give, one sentence each; empty when all holds.

    Only what the case expects is compared. Raises `DomainError` with the place in the case that cannot be read.
    """
    return misses_at(Place(case, ""), Place(calendars, "calendars"))


def misses_at(case: Place, calendars: Place) -> list[str]:
    """The same for a case where it stands in its file."""
    found = _found(case, _calendar(case.at("calendar"), calendars))
    return [
        f"{name}: expected {_shown(expected)}, found {_shown(found[name])}"
        for name, expected in _expected(case).items()
        if expected != found[name]
    ]


def _calendar(given: Place, calendars: Place) -> Calendar:
    """The calendar by its name in the file, or as it stands in the case itself."""
    spec = given
    if isinstance(given.value, str):
        if given.value not in calendars.value:
            given.fault(f"The file has no calendar called {given.value!r:.60}. Add it below calendars.")
        spec = calendars.at(given.value)
    try:
        return parse_calendar(spec.value)
    except DomainError as error:
        raise DomainError(error.code, error.message, f"{spec.path}.{error.field}") from None


def _expected(case: Place) -> dict[str, Any]:
    """What stands in the case; null is an expectation as well: the instant is never reached."""
    given: dict[str, Any] = {}
    for name in sorted({*INSTANTS, "warn_80_seconds", *(AT_STOP if case.has("stop_at") else ())} & set(case.value)):
        place = case.at(name)
        if name in INSTANTS:
            given[name] = None if place.value is None else place.instant()
        else:
            given[name] = place.text() if name == "expected_outcome" else place.whole(0)
    return given


def _found(case: Place, calendar: Calendar) -> dict[str, Any]:
    begin, seconds = case.at("start").instant(), case.at("duration_seconds").whole(1, MOST_SECONDS)
    pauses = [_pause(pause) for pause in case.at("pauses", []).items()]
    warn = step_seconds(seconds, PERCENT)
    due = _reached(add, calendar, begin, seconds, pauses)
    found: dict[str, Any] = {
        "expected_due": due, "expected_due_local": due,
        "expected_breach_at": _reached(breach_at, calendar, begin, seconds, pauses),
        "warn_80_seconds": warn, "expected_warn_80": _reached(add, calendar, begin, warn, pauses),
    }  # fmt: skip
    if case.has("stop_at"):
        elapsed = counted(calendar, begin, case.at("stop_at").instant(), pauses)
        found |= {"expected_counted_at_stop": elapsed, "expected_outcome": "met" if elapsed <= seconds else "breached"}
    return found


def _pause(pause: Place) -> Pause:
    return pause.at("from").instant(), pause.at("to").instant() if pause.has("to") else None


def _reached(reach: Any, calendar: Calendar, begin: datetime, seconds: int, pauses: list[Pause]) -> datetime | None:
    """An instant beyond the horizon counts as none."""
    try:
        instant: datetime | None = reach(calendar, begin, seconds, pauses)
    except DomainError as error:
        if error.code != "sla.unreachable":
            raise
        return None
    return instant


def _shown(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
