"""Urgency is a scarce token of the asking team (spec requests 8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from portal.core.domain.quarter import Quarter

QUOTA = 3
LEAST_URGENT = 5
RETURN_REASONS = ("declined", "withdrawn", "merged", "not_urgent", "self_solved")


def free_slot(taken: Collection[int], quota: int) -> int | None:
    """The lowest free place 1..quota of a team's quarter; None when every token is spent."""
    return next((slot for slot in range(1, quota + 1) if slot not in taken), None)


@dataclass(frozen=True)
class UrgentRequest:
    """What honesty needs of one urgent request: counted or plain seconds from delivered to first opened."""

    opened_after_seconds: int | None
    is_returned: bool = False


@dataclass(frozen=True)
class Honesty:
    """From delivered to opened; None where the team has fewer than five urgent ones."""

    median_seconds: int | None
    p85_seconds: int | None
    n: int


def honesty(requests: Iterable[UrgentRequest]) -> Honesty:
    """Median and 85th percentile (nearest rank) of what was opened; counts alone below five."""
    seconds = sorted(one.opened_after_seconds for one in requests if one.opened_after_seconds is not None)
    if len(seconds) < LEAST_URGENT:
        return Honesty(None, None, len(seconds))
    return Honesty(_rank(seconds, 50), _rank(seconds, 85), len(seconds))


def token_words(left: int, quarter: Quarter) -> str:
    """What is left, in words: "2 urgency tokens left in Q4 2026"."""
    tokens = "no urgency token" if not left else f"{left} urgency token{'' if left == 1 else 's'}"
    return f"{tokens} left in {quarter.name}"


def _rank(ordered: list[int], percent: int) -> int:
    return ordered[-(-len(ordered) * percent // 100) - 1]
