"""What plain turns do to a team over the years: said when the rules are saved (spec oncall 4)."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

WEEKS_A_YEAR, DAYS_A_WEEK = 52, 7


def blocks_a_week(rotation: Mapping[str, Any]) -> int:
    """How many blocks each week has; 0 where weeks differ, as with months, every second week or a list."""
    every = int(rotation.get("every") or 1)
    if rotation.get("kind") == "weekly" and every == 1:
        return len(rotation.get("handoffs") or [])
    if rotation.get("kind") == "daily" and every == 1:
        return len(rotation.get("weekdays") or []) or DAYS_A_WEEK
    return 0


def turn_warnings(rotation: Mapping[str, Any], people: int) -> list[str]:
    """What goes wrong when `people` take plain turns; nothing for one person alone.

    With k blocks a week the weekend comes back every k turns, so it reaches n / gcd(k, n) of n people. 52 k blocks a
    year that n divides bring everybody back to the same weeks, hence to the same holiday.
    """
    blocks = blocks_a_week(rotation)
    if people < 2 or not blocks:  # noqa: PLR2004 (one person has no turns)
        return []
    found = []
    reached = people // gcd(blocks, people)
    if blocks > 1 and reached < people:
        found.append(f"Plain turns: {blocks} blocks a week give all weekends to {reached} of {people} people.")
    if not blocks * WEEKS_A_YEAR % people:
        found.append(f"Plain turns: {people} people have the same weeks every year, and the same holidays.")
    return found
