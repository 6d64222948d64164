"""What an absence would leave uncovered, as the rooms above say it (spec accounts 4)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True)
class Clash:
    """One thing in the way: a sentence, who could cover, and what is done about it."""

    kind: str
    subject: str
    sentence: str
    severity: str = "warn"
    cover: str = ""
    action: str = ""


@dataclass(frozen=True)
class AbsenceStep:
    """A contribution to `person.absence`: `find(person, during, at)` reads, `apply(absence, change, at)` writes.

    `change` is created or cancelled. Lower orders come first, and run last when an absence is cancelled. What a
    personal step finds may speak of private things: it is told to the person alone.
    """

    key: str
    order: int
    find: Callable[..., Sequence[Clash]]
    apply: Callable[..., object]
    is_personal: bool = False


@dataclass(frozen=True)
class LeavingStep:
    """A contribution to `person.leaving`: `preview(person, at)` gives sentences, `run(person, at)` writes.

    `run` is its own transaction and may run again after a crash.
    """

    key: str
    order: int
    preview: Callable[..., Sequence[str]]
    run: Callable[..., object]


def checks_sha256(clashes: Sequence[Clash]) -> str:
    """The mark of a list of clashes; a save with another mark has not seen the newest list."""
    facts: list[dict[str, Any]] = [asdict(clash) for clash in clashes]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
