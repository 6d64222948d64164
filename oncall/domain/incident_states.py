"""The states of an incident and the moves between them; a move outside the table does not exist (spec oncall 6)."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    HELD = "held"
    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    ASLEEP = "asleep"
    WAITING_UPSTREAM = "waiting_upstream"
    RESOLVED = "resolved"
    MERGED = "merged"


class Cause(StrEnum):
    """Why an incident is over, as a person says it."""

    FIXED = "fixed_cause"
    AGREEMENT_CHANGED = "agreement_changed"
    ACCEPTED = "accepted"
    FALSE_ALARM = "false_alarm"
    DUPLICATE = "duplicate"
    RECOVERED = "recovered"


STATE_WORDS = {
    State.HELD: "held until its time",
    State.TRIGGERED: "paging",
    State.ACKNOWLEDGED: "somebody is on it",
    State.ASLEEP: "back to sleep",
    State.WAITING_UPSTREAM: "waiting for upstream",
    State.RESOLVED: "resolved",
    State.MERGED: "merged",
}
CAUSE_WORDS = {
    Cause.FIXED: "the cause is fixed",
    Cause.AGREEMENT_CHANGED: "the agreement was changed",
    Cause.ACCEPTED: "accepted as it is",
    Cause.FALSE_ALARM: "a false alarm",
    Cause.DUPLICATE: "a duplicate",
    Cause.RECOVERED: "it recovered by itself",
}
OPEN = frozenset(State) - {State.RESOLVED, State.MERGED}
CALM = frozenset({State.ACKNOWLEDGED, State.ASLEEP, State.WAITING_UPSTREAM})
# What ended somebody's sleep is closed by a cause that keeps it from ending it again.
CAUSES_AFTER_WAKING = frozenset({Cause.FIXED, Cause.AGREEMENT_CHANGED, Cause.ACCEPTED})

_ROWS: tuple[tuple[tuple[State, ...], State], ...] = (
    ((State.HELD, State.ASLEEP, State.WAITING_UPSTREAM, State.ACKNOWLEDGED), State.TRIGGERED),
    ((State.HELD, State.TRIGGERED, State.ASLEEP, State.WAITING_UPSTREAM), State.ACKNOWLEDGED),
    ((State.HELD, State.TRIGGERED, State.ACKNOWLEDGED), State.ASLEEP),
    ((State.HELD, State.TRIGGERED, State.ACKNOWLEDGED, State.ASLEEP), State.WAITING_UPSTREAM),
    (tuple(OPEN), State.RESOLVED),
    (tuple(OPEN), State.MERGED),
    ((State.RESOLVED,), State.TRIGGERED),
    ((State.RESOLVED,), State.HELD),
)
TRANSITIONS = frozenset((source, target) for sources, target in _ROWS for source in sources)


def may_move(source: str, target: str) -> bool:
    """Whether the table has this move."""
    return (State(source), State(target)) in TRANSITIONS


def may_close_with(cause: str, *, has_woken: bool) -> bool:
    """Whether a person may close with this cause; an incident that woke somebody needs one of the first three."""
    return Cause(cause) in CAUSES_AFTER_WAKING if has_woken else Cause(cause) != Cause.RECOVERED
