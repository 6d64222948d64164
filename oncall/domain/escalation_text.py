"""The steps of a ladder as people read and write them: "primary, @maeve" after 15 minutes (spec oncall 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oncall.domain.escalation import MINUTE, TARGETS, Position, Target, delay_before, following

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from oncall.domain.escalation import Step

ENDPOINT = "endpoint "
WORDS = {
    "primary": "primary", "secondary": "secondary", "next_in_cascade": "next in line", "lead": "lead",
    "organization": "company fallback",
}  # fmt: skip


@dataclass(frozen=True)
class Rung:
    """One step as a form has it: minutes after the step before, whom it tells, and how."""

    minutes: int
    who: str
    severity: str


def target_words(target: Target) -> str:
    """`primary`, `next in line`, `@maeve`, `endpoint ops-phone`."""
    if target.kind == "person":
        return f"@{target.ref}"
    return f"{ENDPOINT}{target.ref}" if target.kind == "endpoint" else WORDS[target.kind]


def who_words(step: Step) -> str:
    """Everybody a step tells, by comma."""
    return ", ".join(target_words(target) for target in step.targets)


def parse_who(text: str) -> list[dict[str, str]]:
    """The targets of a line as the policy stores them; a word nobody knows stays one, so that it is refused by name."""
    return [_target(word.strip()) for word in text.split(",") if word.strip()]


def to_steps(rungs: Iterable[Rung]) -> list[dict[str, Any]]:
    """The steps of a form, for `from_json` to check."""
    return [
        {"delay_seconds": rung.minutes * MINUTE, "targets": parse_who(rung.who), "severity": rung.severity}
        for rung in rungs
    ]


def to_rungs(steps: Iterable[Step]) -> list[Rung]:
    """The reverse of `to_steps`; seconds are rounded up to whole minutes."""
    return [Rung(-(-step.delay_seconds // MINUTE), who_words(step), step.severity) for step in steps]


def climb(steps: Sequence[Step], repeat: int) -> list[tuple[int, Position]]:
    """Seconds from the first page to each step, repeats included, if nobody answers."""
    position: Position | None = Position(0, 0)
    passed, found = 0, []
    while position is not None:
        passed += delay_before(position, steps)
        found.append((passed, position))
        position = following(position, steps, repeat)
    return found


def _target(word: str) -> dict[str, str]:
    if word.startswith("@"):
        return {"kind": "person", "ref": word[1:]}
    if word.startswith(ENDPOINT):
        return {"kind": "endpoint", "ref": word.removeprefix(ENDPOINT).strip()}
    known = {words: kind for kind, words in WORDS.items()} | {kind: kind for kind in TARGETS}
    return {"kind": known.get(word.lower(), word), "ref": ""}
