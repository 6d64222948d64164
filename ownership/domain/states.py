"""States of an ownership row and of an asset, and what may follow what (spec ownership 3, 4)."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Duty(IntEnum):
    TECHNICAL = 1
    BUSINESS = 2
    STEWARD = 3


DUTY_WORDS = {Duty.TECHNICAL: "technical", Duty.BUSINESS: "business", Duty.STEWARD: "steward"}
PRIMARY = 1
LAST_RANK = 5


class State(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ENDED = "ended"


FOLLOWS: dict[State, frozenset[State]] = {
    State.PROPOSED: frozenset({State.ACCEPTED, State.DECLINED}),
    State.ACCEPTED: frozenset({State.ENDED}),
    State.DECLINED: frozenset(),
    State.ENDED: frozenset(),
}


class Lifecycle(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    MIGRATING = "migrating"
    DEPRECATED = "deprecated"
    RETIRED = "retired"


class Origin(StrEnum):
    """What made an ownership row; rows of people are never touched by an import."""

    PORTAL = "portal"
    HANDOFF = "handoff"
    REVIEW = "review"
    SWEEP = "sweep"
    IMPORT = "import"


class EndReason(StrEnum):
    HANDOFF = "handoff"
    LEFT = "left"
    IMPORT_CLOSED = "import_closed"
    RETIRED = "retired"
    MERGED = "merged"
    CORRECTION = "correction"
    DECLINED_REVIEW = "declined_review"


class Outcome(StrEnum):
    """What became of a claim."""

    APPLIED = "applied"
    PROPOSED = "proposed"
    CONFLICT = "conflict"
    SHADOWED = "shadowed"
    UNRESOLVED = "unresolved"
    MUTED = "muted"


class Basis(StrEnum):
    DECLARED = "declared"
    INFERRED = "inferred"


class EdgeKind(IntEnum):
    DATA = 1
    CONTROL = 2
    REFERENCE = 3


def may_follow(before: State, after: State) -> bool:
    """Whether the table of transitions has this step."""
    return after in FOLLOWS[before]
