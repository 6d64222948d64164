"""The 30, 90 and 180 days of a crossing: when it came up, when it will, and when it was let be (spec ownership 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ownership.domain.crossing_states import ACCEPTED, DISMISSED, OPEN
from ownership.domain.scores import step_instants

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

CAME_UP, LET_BE, COMES = "came_up", "let_be", "comes"
WHO_HEARS = {
    30: "on the agenda of both leads",
    90: "an input to the plan of the quarter",
    180: "the domain's lead hears of it",
}


@dataclass(frozen=True)
class Mark:
    """A day on which a crossing is brought up; `state` is came_up, let_be or comes."""

    days: int
    at: datetime
    state: str


def marks_of(
    opened_at: datetime, states: Sequence[tuple[datetime, str]], ended_at: datetime | None, at: datetime
) -> list[Mark]:
    """The three marks in order; one that its end came before is left out.

    `states` are (since, state) in order of time. An accepted or dismissed crossing is let be on its mark; the age
    does not begin anew afterwards.
    """
    found = []
    for days, instant in step_instants(opened_at).items():
        if ended_at is not None and ended_at <= instant:
            continue
        state = next((state for since, state in reversed(states) if since <= instant), OPEN)
        rests = state in {ACCEPTED, DISMISSED}
        found.append(Mark(days, instant, COMES if instant > at else LET_BE if rests else CAME_UP))
    return found
