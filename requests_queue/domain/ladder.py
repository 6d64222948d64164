"""The steps of a promise: who hears of it at which share of its counted time (spec sla 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

AUDIENCES = ("assignee", "backup", "partner", "lead", "requester_lead", "head_of_data")
# At 100 % whoever has it hears it together with the lead: a breach that only the lead knows about helps nobody.
DEFAULT_LADDER: tuple[dict[str, Any], ...] = (
    {"percent": 50, "audience": ["assignee", "partner"]},
    {"percent": 80, "audience": ["assignee", "backup"]},
    {"percent": 100, "audience": ["assignee", "backup", "lead"]},
    {"percent": 125, "audience": ["lead", "requester_lead"]},
    {"percent": 200, "audience": ["head_of_data"]},
)


@dataclass(frozen=True)
class Step:
    """One rung: its place in the ladder, the share of the allowance, and who is told."""

    index: int
    percent: int
    audience: tuple[str, ...]


@dataclass(frozen=True)
class Due:
    """What a clock owes now: the highest step reached, those below it that are passed over, and what comes next."""

    told: Step | None
    skipped: tuple[Step, ...]
    next: Step | None


def steps_of(ladder: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """The rungs of a stored ladder, in order."""
    return tuple(Step(n, int(row["percent"]), tuple(row["audience"])) for n, row in enumerate(ladder))


def due_steps(
    steps: Sequence[Step], planned: Mapping[int, datetime | None], fired: Collection[int], at: datetime
) -> Due:
    """Split the unfired steps at `at`: only the highest reached is told (spec sla 6.4); `planned` is by index."""
    open_steps = [step for step in steps if step.index not in fired]
    reached = [step for step in open_steps if (instant := planned.get(step.index)) is not None and instant <= at]
    later = [step for step in open_steps if step not in reached and planned.get(step.index) is not None]
    return Due(reached[-1] if reached else None, tuple(reached[:-1]), later[0] if later else None)
