"""A promise worked out for the asking, by the functions of the clocks (spec sla 9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.core.domain.working_time import add, breach_at, counted, step_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.core.domain.working_time import Calendar, Pause


@dataclass(frozen=True)
class Question:
    """When is a promise of `seconds` due that starts at `start`? `stop_at` asks whether it was kept."""

    start: datetime
    seconds: int
    pauses: Sequence[Pause] = ()
    percents: Sequence[int] = ()
    stop_at: datetime | None = None


@dataclass(frozen=True)
class Preview:
    """The answer; what depends on a stop is None without one."""

    due_at: datetime | None
    breach_at: datetime | None
    steps: tuple[tuple[int, int, datetime | None], ...]
    counted_at_stop: int | None
    remaining_seconds: int | None
    outcome: str | None


def preview(calendar: Calendar, asked: Question) -> Preview:
    """Due and breach instants, steps as (percent, counted seconds, instant), and the outcome of a stop.

    Raises `DomainError` (`sla.unreachable`) beyond 800 days.
    """
    steps = tuple(
        (percent, step_seconds(asked.seconds, percent),
         add(calendar, asked.start, step_seconds(asked.seconds, percent), asked.pauses))
        for percent in asked.percents
    )  # fmt: skip
    at_stop = None if asked.stop_at is None else counted(calendar, asked.start, asked.stop_at, asked.pauses)
    return Preview(
        due_at=add(calendar, asked.start, asked.seconds, asked.pauses),
        breach_at=breach_at(calendar, asked.start, asked.seconds, asked.pauses),
        steps=steps,
        counted_at_stop=at_stop,
        remaining_seconds=None if at_stop is None else asked.seconds - at_stop,
        outcome=None if at_stop is None else ("met" if at_stop <= asked.seconds else "breached"),
    )
