"""Which rules fire for a notice, and when each of their deliveries is due (spec engine 9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

INBOX = "inbox"
ALWAYS, WORKING, OUTSIDE = "always", "working_hours", "outside_hours"


@dataclass(frozen=True)
class Rule:
    severity: str
    method_id: int
    delay_seconds: int
    repeat_every_seconds: int | None
    repeat_max: int
    window: str


@dataclass(frozen=True)
class Way:
    """One delivery by a method, so many seconds after the notice."""

    method_id: int
    delay_seconds: int
    repeat_no: int


def ways(rules: Sequence[Rule], severity: str, *, is_working: bool) -> list[Way]:
    """All deliveries of a notice at once, so that a later escalation never cancels a person's own chain.

    A page ignores windows. One method has one delivery per repeat number: the earliest rule wins.
    """
    found: dict[tuple[int, int], Way] = {}
    for rule in sorted(rules, key=lambda rule: rule.delay_seconds):
        if rule.severity != severity or not _is_open(rule.window, severity, is_working=is_working):
            continue
        for repeat in range(1 + (rule.repeat_max if rule.repeat_every_seconds else 0)):
            delay = rule.delay_seconds + repeat * (rule.repeat_every_seconds or 0)
            found.setdefault((rule.method_id, repeat), Way(rule.method_id, delay, repeat))
    return sorted(found.values(), key=lambda way: (way.delay_seconds, way.method_id, way.repeat_no))


def _is_open(window: str, severity: str, *, is_working: bool) -> bool:
    if severity == "page" or window == ALWAYS:
        return True
    return is_working if window == WORKING else not is_working
