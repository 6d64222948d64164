"""Who is told next if nobody answers: steps and repeats (spec oncall 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# The deadline whose firing is a step.
STEP_KIND = "oncall.escalation_step"
MINUTE = 60
MOST_STEPS, MOST_REPEATS, LONGEST_DELAY = 20, 5, 24 * 3600
TARGETS = ("primary", "secondary", "next_in_cascade", "lead", "organization", "person", "endpoint")
SEVERITIES = ("page", "warn")


@dataclass(frozen=True)
class Target:
    """Whom a step means, found when it fires; `ref` is a handle or an endpoint's slug for the last two kinds."""

    kind: str
    ref: str = ""


@dataclass(frozen=True)
class Step:
    """`delay_seconds` count from the step before."""

    delay_seconds: int
    targets: tuple[Target, ...]
    severity: str = "page"


@dataclass(frozen=True)
class Position:
    """Where a run stands: the loop from 0, the step within it."""

    loop: int
    step: int

    def number(self, steps: int) -> int:
        """The step's place in the whole run, the deadline's step."""
        return self.loop * steps + self.step


DEFAULT_STEPS = (
    Step(0, (Target("primary"),)),
    Step(15 * MINUTE, (Target("secondary"),)),
    Step(15 * MINUTE, (Target("next_in_cascade"),)),
    Step(30 * MINUTE, (Target("lead"),)),
    Step(60 * MINUTE, (Target("organization"),)),
)


def following(position: Position, steps: Sequence[Step], repeat: int) -> Position | None:
    """The position after this one; None at the end of the last repeat."""
    if position.step + 1 < len(steps):
        return Position(position.loop, position.step + 1)
    return Position(position.loop + 1, 0) if position.loop < repeat else None


def delay_before(position: Position, steps: Sequence[Step]) -> int:
    """Seconds between the step before and this one; a repeat waits at least a quarter of an hour."""
    delay = steps[position.step].delay_seconds
    return max(delay, 15 * MINUTE) if position.step == 0 and position.loop else delay


def to_json(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """The steps as they are stored and shown by the API."""
    return [
        {
            "delay_seconds": step.delay_seconds, "severity": step.severity,
            "targets": [{"kind": target.kind, "ref": target.ref} for target in step.targets],
        }
        for step in steps
    ]  # fmt: skip


def from_json(given: Sequence[Mapping[str, Any]], *, repeat: int = 0) -> tuple[Step, ...]:
    """Checked steps; raises `DomainError` naming the step at fault (`oncall.bad_step`, `oncall.too_many_steps`)."""
    if not 0 <= repeat <= MOST_REPEATS:
        raise DomainError("oncall.bad_repeat", f"A policy repeats 0 to {MOST_REPEATS} times.", "repeat")
    if not 1 <= len(given) <= MOST_STEPS:
        raise DomainError("oncall.too_many_steps", f"A policy has 1 to {MOST_STEPS} steps.", "steps")
    return tuple(_step(each, number) for number, each in enumerate(given, 1))


def _step(given: Mapping[str, Any], number: int) -> Step:
    where = f"Step {number}"
    delay, severity = given.get("delay_seconds", 0), given.get("severity", "page")
    if not isinstance(delay, int) or isinstance(delay, bool) or not 0 <= delay <= LONGEST_DELAY:
        raise DomainError("oncall.bad_step", f"{where}: the delay is 0 seconds to 24 hours.", "steps")
    if severity not in SEVERITIES:
        raise DomainError("oncall.bad_step", f"{where}: severity is page or warn.", "steps")
    targets = given.get("targets", [])
    if not isinstance(targets, list) or not targets:
        raise DomainError("oncall.bad_step", f"{where} tells nobody. Name at least one target.", "steps")
    return Step(delay, tuple(_target(each, where) for each in targets), severity)


def _target(given: Any, where: str) -> Target:
    kind = given.get("kind") if isinstance(given, dict) else given
    ref = str(given.get("ref", "")) if isinstance(given, dict) else ""
    if kind not in TARGETS:
        raise DomainError("oncall.bad_step", f"{where}: a target is one of {', '.join(TARGETS)}.", "steps")
    if kind in ("person", "endpoint") and not ref:
        raise DomainError("oncall.bad_step", f"{where}: name the {kind}.", "steps")
    return Target(kind, ref)
