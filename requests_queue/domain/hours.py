"""A calendar as somebody types it: hours a weekday, and dated exceptions one a line (spec sla 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.core.domain.calendars import WEEKDAYS
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PUBLIC = "*"


def parse_hours(text: str, field: str) -> list[list[str]]:
    """Intervals from "09:00-12:00, 13:00-17:00"; empty is closed. Raises `DomainError` (`sla.bad_interval`)."""
    found = []
    for part in text.split(","):
        if not part.strip():
            continue
        begin, dash, end = part.strip().replace("\N{EN DASH}", "-").partition("-")
        if not dash:
            raise DomainError("sla.bad_interval", f"{part.strip()[:20]!r}: write 09:00-17:00.", field)
        found.append([begin.strip(), end.strip()])
    return found


def hours_text(intervals: Iterable[Iterable[str]]) -> str:
    """The same as text again."""
    return ", ".join("-".join(pair) for pair in intervals)


def parse_exceptions(text: str) -> dict[str, Any]:
    """Exceptions from lines: a date, hours or nothing (closed), a name; a `*` before the name is a public holiday.

    "2026-12-25 * Christmas", "2026-12-24 09:00-12:00 Half day". Raises `DomainError` naming `exceptions`.
    """
    found: dict[str, Any] = {}
    for line in text.splitlines():
        words = line.split()
        if not words:
            continue
        day, rest = words[0], words[1:]
        hours = []
        while rest and "-" in rest[0] and rest[0][0].isdigit():
            hours += parse_hours(rest.pop(0).rstrip(","), "exceptions")
        is_public = bool(rest) and rest[0] == PUBLIC
        name = " ".join(rest[1:] if is_public else rest)
        if day in found:
            raise DomainError("sla.bad_interval", f"{day} stands there twice.", "exceptions")
        found[day] = {"intervals": hours, "name": name[:80], "is_public_holiday": is_public}
    return found


def exceptions_text(exceptions: Mapping[str, Any]) -> str:
    """The same as lines again, by date."""
    lines = []
    for day, value in sorted(exceptions.items()):
        parts = [day, hours_text(value.get("intervals", [])), PUBLIC if value.get("is_public_holiday") else "",
                 value.get("name", "")]  # fmt: skip
        lines.append(" ".join(part for part in parts if part))
    return "\n".join(lines)


def weekly_of(given: Mapping[str, str]) -> dict[str, list[list[str]]]:
    """Hours of the week from one text a weekday."""
    return {day: parse_hours(given.get(day, ""), day) for day in WEEKDAYS}
