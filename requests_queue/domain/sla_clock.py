"""One promise of one request, judged from its events alone (spec sla 4).

The clock's row in the database is a cache of `evaluate`. Past counting is never rewritten: a change of target or
calendar freezes what was counted before it, and a promise that was already broken stays broken.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from portal.core.domain.working_time import Calendar, Pause, add, breach_at, counted, step_seconds
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

DEFAULT_GRACE_SECONDS = 3600
LEAST_REOPENED_SECONDS = 3600
DEFAULT_PERCENTS = (50, 80, 100, 125, 200)


@dataclass(frozen=True)
class ClockEvent:
    """What happened to a clock; `data` as its kind needs it.

    start {target_seconds, calendar}; pause, resume {reason}; target_changed {target_seconds, grace_seconds};
    calendar_changed {calendar, grace_seconds}; stop, cancel, excuse {}. `calendar` is a key of `calendars`.
    """

    kind: str
    occurred_at: datetime
    recorded_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """An instant of the ladder; None while an open pause begins before it."""

    percent: int
    at: datetime | None


@dataclass(frozen=True)
class ClockView:
    """A clock at one instant. `state` is running, paused, met, breached_closed or cancelled; seconds are counted."""

    state: str
    elapsed_seconds: int
    allowance_seconds: int
    due_at: datetime | None
    breach_at: datetime | None
    is_breached: bool
    is_excused: bool
    steps: tuple[Step, ...]

    @property
    def remaining_seconds(self) -> int:
        """Counted seconds left; negative once it is late."""
        return self.allowance_seconds - self.elapsed_seconds


@dataclass(frozen=True)
class _Phase:
    """A stretch judged by one calendar."""

    calendar: Calendar
    begins_at: datetime


def evaluate(
    events: Sequence[ClockEvent],
    calendars: Mapping[Any, Calendar],
    at: datetime,
    percents: Sequence[int] = DEFAULT_PERCENTS,
) -> ClockView:
    """Judge a clock at `at` from its events in the order in which they were recorded; the first is `start`.

    Raises `DomainError` `sla.unreachable` if an instant lies beyond 800 days.
    """
    clock = _Clock(events[0], calendars)
    for event in events[1:]:
        clock.apply(event)
    return clock.view(at, percents)


def reopened_target(target_seconds: int, reopen_factor: float) -> int:
    """The target of the next cycle after a re-open: a share of the first, at least an hour (spec sla 4.5)."""
    return max(LEAST_REOPENED_SECONDS, -int(-target_seconds * reopen_factor // 1))


class _Clock:
    """Reads events one by one; holds what they add up to."""

    def __init__(self, start: ClockEvent, calendars: Mapping[Any, Calendar]) -> None:
        self._calendars = calendars
        self._phases = [_Phase(calendars[start.data["calendar"]], start.occurred_at)]
        self._target = self._allowance = int(start.data["target_seconds"])
        self._pauses: list[tuple[datetime, datetime | None, str]] = []
        self._frozen: tuple[datetime | None, datetime | None] | None = None
        self._closed: tuple[str, datetime] | None = None
        self._is_excused = False

    def apply(self, event: ClockEvent) -> None:
        if event.occurred_at < event.recorded_at:
            self._keep_breach(event.recorded_at)
        apply = {
            "pause": self._pause,
            "resume": self._resume,
            "target_changed": self._change,
            "calendar_changed": self._change,
            "stop": self._close,
            "cancel": self._close,
            "excuse": self._excuse,
        }
        apply[event.kind](event)

    def view(self, at: datetime, percents: Sequence[int]) -> ClockView:
        closing, until = self._closed or ("", at)
        due, breach = self._frozen or (self._instant(self._allowance), self._instant(self._allowance, exceeded=True))
        is_late = breach is not None and until > breach
        return ClockView(
            state=self._state(closing, is_late=is_late, at=until),
            elapsed_seconds=self._counted(until),
            allowance_seconds=self._allowance,
            due_at=due,
            breach_at=breach,
            is_breached=is_late,
            is_excused=self._is_excused,
            steps=tuple(Step(percent, self._step(percent, due)) for percent in percents),
        )

    def _state(self, closing: str, *, is_late: bool, at: datetime) -> str:
        if closing == "cancel":
            return "cancelled"
        if closing == "stop":
            return "breached_closed" if is_late else "met"
        is_paused = any(begin <= at and (end is None or at < end) for begin, end, _ in self._pauses)
        return "paused" if is_paused else "running"

    def _step(self, percent: int, due: datetime | None) -> datetime | None:
        if percent == 100:  # noqa: PLR2004 (percent)
            return due
        return self._instant(step_seconds(self._allowance, percent))

    def _pause(self, event: ClockEvent) -> None:
        self._pauses.append((event.occurred_at, None, str(event.data.get("reason", ""))))

    def _resume(self, event: ClockEvent) -> None:
        reason = event.data.get("reason")
        for index, (begin, end, why) in enumerate(self._pauses):
            if end is None and reason in (None, why):
                self._pauses[index] = (begin, event.occurred_at, why)

    def _change(self, event: ClockEvent) -> None:
        """The ratchet: what was counted stays, a promise reached stays, a shorter one leaves time to react."""
        elapsed = self._counted(event.occurred_at)
        self._target = int(event.data.get("target_seconds", self._target))
        if elapsed >= self._allowance:
            self._freeze()
        else:
            grace = int(event.data.get("grace_seconds", DEFAULT_GRACE_SECONDS))
            remaining = self._target - elapsed
            self._allowance = elapsed + (remaining if remaining > 0 else grace)
        if event.kind == "calendar_changed":
            self._phases.append(_Phase(self._calendars[event.data["calendar"]], event.occurred_at))

    def _close(self, event: ClockEvent) -> None:
        self._closed = (event.kind, event.occurred_at)

    def _excuse(self, event: ClockEvent) -> None:
        del event
        self._is_excused = True

    def _keep_breach(self, recorded_at: datetime) -> None:
        """A pause or holiday entered late never removes a breach that had already happened."""
        breach = self._instant(self._allowance, exceeded=True)
        if breach is not None and recorded_at > breach:
            self._freeze()

    def _freeze(self) -> None:
        if self._frozen is None:
            self._frozen = self._instant(self._allowance), self._instant(self._allowance, exceeded=True)

    def _spans(self) -> list[Pause]:
        return [(begin, end) for begin, end, _ in self._pauses]

    def _counted(self, until: datetime) -> int:
        total = 0
        for phase, end in self._stretches():
            stop = until if end is None else min(end, until)
            total += counted(phase.calendar, phase.begins_at, stop, self._spans())
        return total

    def _instant(self, seconds: int, *, exceeded: bool = False) -> datetime | None:
        """When `seconds` have been counted, or are exceeded, over all phases."""
        need = seconds
        for phase, end in self._stretches():
            if end is not None:
                available = counted(phase.calendar, phase.begins_at, end, self._spans())
                if need > available or (exceeded and need == available):
                    need -= available
                    continue
            reach = breach_at if exceeded else add
            return reach(phase.calendar, phase.begins_at, need, self._spans())
        raise DomainError("sla.unreachable", "This clock has no open phase.")

    def _stretches(self) -> list[tuple[_Phase, datetime | None]]:
        ends = [phase.begins_at for phase in self._phases[1:]]
        return list(zip(self._phases, [*ends, None], strict=True))
