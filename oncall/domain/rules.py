"""What makes the rules of a rota acceptable, field by field (spec oncall 14)."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from oncall.domain.rotation import DOWS
from oncall.domain.words import DutyRole
from portal.core.domain.zones import zone_names
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

KINDS = ("weekly", "daily", "hours", "monthly", "fixed")
MODES = ("always", "windows", "none")
HOLIDAY_MODES = ("served", "absent", "closed")
BEHIND = ("rota", "lead")
PLANNERS = ("turns", "fair-1")
MOST_HANDOFFS, MOST_MEMBERS, MOST_SLOTS, MOST_WINDOWS, MOST_FIXED = 7, 200, 3, 50, 2000
LONGEST_HOURS, MOST_EVERY, MOST_BEHIND = 23, 52, 10
LEAST_WEIGHT, FULL_WEIGHT = 10, 100


def check_rules(*, zone: str, roles: Any, rotation: Any, coverage: Any, fairness: Any, cascade: Any = ()) -> None:
    """Raise `DomainError` with the field at fault; returns nothing when a planner can work with the rules."""
    if zone not in zone_names():
        raise bad("zone", f"{str(zone)[:40]!r} is no zone. Write one such as Europe/Madrid.")
    _check_roles(roles)
    check_rotation(rotation)
    check_coverage(coverage)
    _check_fairness(fairness)
    check_cascade(cascade)


def bad(field: str, message: str) -> DomainError:
    """A refusal of one field of the rules."""
    return DomainError("oncall.bad_value", message, field)


def _check_roles(roles: Any) -> None:
    if not isinstance(roles, list) or not roles or not all(isinstance(row, dict) for row in roles):
        raise bad("roles", "A rota has at least the role primary.")
    names = [row.get("role") for row in roles]
    if names[0] != DutyRole.PRIMARY or len(set(names)) != len(names) or not set(names) <= set(DutyRole):
        raise bad("roles", "Roles are primary first, then secondary, partner, shadow, each once.")
    for row in roles:
        if row.get("planner", "fair-1") not in PLANNERS:
            raise bad("roles", "The planner is turns or fair-1.")
        if not _is_whole(row.get("slots", 1), 1, MOST_SLOTS):
            raise bad("roles", "A role has 1 to 3 slots.")
        if not isinstance(row.get("factor", 1), int | float) or not 0 <= row.get("factor", 1) <= 1:
            raise bad("roles", "A factor lies between 0 and 1.")


def check_rotation(rotation: Any) -> None:
    """Raise `DomainError` for a rotation that makes no blocks or blocks without end."""
    if not isinstance(rotation, dict) or rotation.get("kind") not in KINDS:
        raise bad("rotation", f"The rotation is one of {', '.join(KINDS)}.")
    _CHECKS[rotation["kind"]](rotation)


def _check_weekly(rotation: dict[str, Any]) -> None:
    _check_start(rotation)
    handoffs = rotation.get("handoffs")
    if not isinstance(handoffs, list) or not 1 <= len(handoffs) <= MOST_HANDOFFS:
        raise bad("rotation.handoffs", "A week has 1 to 7 handoffs.")
    seen = [(_dow(row, "rotation.handoffs"), _time(row, "time", "rotation.handoffs")) for row in handoffs]
    if len(set(seen)) != len(seen):
        raise bad("rotation.handoffs", "Two handoffs stand at the same time.")


def _check_daily(rotation: dict[str, Any]) -> None:
    _check_start(rotation)
    _time(rotation, "time", "rotation.time")
    days = rotation.get("weekdays", [])
    if not isinstance(days, list) or not set(days) <= set(DOWS):
        raise bad("rotation.weekdays", f"Weekdays are {', '.join(DOWS)}.")
    if days and rotation.get("every", 1) != 1:
        raise bad("rotation.every", "With chosen weekdays each of them is one turn.")


def _check_hours(rotation: dict[str, Any]) -> None:
    if not _is_whole(rotation.get("every"), 1, LONGEST_HOURS):
        raise bad("rotation.every", "Turns of hours last 1 to 23 hours.")
    for key in ("time", "until"):
        if key in rotation:
            _time(rotation, key, f"rotation.{key}")


def _check_monthly(rotation: dict[str, Any]) -> None:
    _check_start(rotation)
    _time(rotation, "time", "rotation.time")
    if rotation.get("parity", "") not in ("", "odd", "even"):
        raise bad("rotation.parity", "Months are odd or even.")
    if (rotation.get("parity") or "") and rotation.get("every", 1) != 1:
        raise bad("rotation.every", "Odd and even months are chosen from each month.")
    nth = rotation.get("nth_weekday")
    if nth is not None and (not isinstance(nth, dict) or not _is_whole(nth.get("n"), 1, 4)):
        raise bad("rotation.nth_weekday", "The first to the fourth weekday of a month.")
    if nth is not None:
        _dow(nth, "rotation.nth_weekday")


def _check_fixed(rotation: dict[str, Any]) -> None:
    rows = rotation.get("blocks")
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_FIXED:
        raise bad("rotation.blocks", f"A fixed rotation lists 1 to {MOST_FIXED} blocks.")
    last: datetime | None = None
    for row in rows:
        start, end = (_instant(row, key) for key in ("start", "end"))
        if start >= end or (last is not None and start < last):
            raise bad("rotation.blocks", "Blocks are in order, end after they begin and do not overlap.")
        last = end


_CHECKS: Mapping[str, Callable[[dict[str, Any]], None]] = {
    "weekly": _check_weekly, "daily": _check_daily, "hours": _check_hours, "monthly": _check_monthly,
    "fixed": _check_fixed,
}  # fmt: skip


def _check_start(rotation: dict[str, Any]) -> None:
    try:
        date.fromisoformat(str(rotation.get("start")))
    except ValueError:
        raise bad("rotation.start", "The rotation counts from a day, such as 2027-01-04.") from None
    if not _is_whole(rotation.get("every", 1), 1, MOST_EVERY):
        raise bad("rotation.every", f"Every 1 to {MOST_EVERY}.")


def check_coverage(coverage: Any) -> None:
    """Raises `DomainError` with the field for windows that cannot be read."""
    if not isinstance(coverage, dict) or coverage.get("mode", "always") not in MODES:
        raise bad("coverage", f"The coverage is one of {', '.join(MODES)}.")
    if coverage.get("holidays", "served") not in HOLIDAY_MODES:
        raise bad("coverage.holidays", f"Holidays are {', '.join(HOLIDAY_MODES)}.")
    windows = coverage.get("windows", [])
    if coverage.get("mode") == "windows" and not (isinstance(windows, list) and 1 <= len(windows) <= MOST_WINDOWS):
        raise bad("coverage.windows", f"1 to {MOST_WINDOWS} weekly windows.")
    for window in windows:
        _dow(window, "coverage.windows")
        _time(window, "from", "coverage.windows")
        if window.get("to") != "24:00":
            _time(window, "to", "coverage.windows")
        if "to_dow" in window and window["to_dow"] not in DOWS:
            raise bad("coverage.windows", f"Weekdays are {', '.join(DOWS)}.")


def _check_fairness(fairness: Any) -> None:
    if not isinstance(fairness, dict):
        raise bad("fairness", "Fairness is an object.")
    if not _is_whole(fairness.get("tolerance_percent", 10), 1, 100):
        raise bad("fairness.tolerance_percent", "The tolerance is 1 to 100 percent.")
    if not _is_whole(fairness.get("major_cap", 2), 0, 20):
        raise bad("fairness.major_cap", "The cap is 0 to 20 a year.")


def check_cascade(cascade: Any) -> None:
    """Raises `DomainError` for a list behind the members that names no rota, or one twice."""
    if not isinstance(cascade, list | tuple) or len(cascade) > MOST_BEHIND:
        raise bad("cascade", f"At most {MOST_BEHIND} stand behind the members.")
    for step in cascade:
        if not isinstance(step, dict) or step.get("kind") not in BEHIND:
            raise bad("cascade", "Behind the members stands a rota or the lead.")
        if step["kind"] == "rota" and not (isinstance(step.get("rota"), str) and step["rota"]):
            raise bad("cascade", "Say which rota stands behind, by its address.")
    named = [(step["kind"], step.get("rota", "")) for step in cascade]
    if len(set(named)) != len(named):
        raise bad("cascade", "Each stands behind the members once.")


def _is_whole(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _dow(row: Any, field: str) -> str:
    if not isinstance(row, dict) or row.get("dow") not in DOWS:
        raise bad(field, f"Weekdays are {', '.join(DOWS)}.")
    return str(row["dow"])


def _time(row: Any, key: str, field: str) -> time:
    try:
        return time.fromisoformat(str(row.get(key) if isinstance(row, dict) else ""))
    except ValueError:
        raise bad(field, "Times are written 15:00.") from None


def _instant(row: Any, key: str) -> datetime:
    try:
        found = datetime.fromisoformat(str(row.get(key) if isinstance(row, dict) else ""))
    except ValueError:
        raise bad("rotation.blocks", "Instants are written 2027-01-04T15:00:00Z.") from None
    if found.tzinfo is None:
        raise bad("rotation.blocks", "An instant needs its zone.")
    return found


def rules_sha256(facts: Mapping[str, Any] | Sequence[Any]) -> str:
    """The mark of rules or of a diff: equal content has equal marks."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()
