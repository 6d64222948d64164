"""What people may do about a crossing, and what follows what (spec ownership 7)."""

from __future__ import annotations

OPEN, TALKING, HANDOVER, ACCEPTED = "open", "talking", "handover", "accepted"
DISMISSED, RESOLVED, VOID = "dismissed", "resolved", "void"
CROSSING_STATES = (OPEN, TALKING, HANDOVER, ACCEPTED, DISMISSED, RESOLVED, VOID)
# Only the end of the intersection resolves; void is a span that a corrected history has taken away.
FOLLOWS = {
    OPEN: frozenset({TALKING, HANDOVER, ACCEPTED, DISMISSED, RESOLVED}),
    TALKING: frozenset({HANDOVER, ACCEPTED, DISMISSED, RESOLVED, OPEN}),
    HANDOVER: frozenset({OPEN, DISMISSED, RESOLVED}),
    ACCEPTED: frozenset({OPEN, DISMISSED, RESOLVED}),
    DISMISSED: frozenset({RESOLVED}),
    RESOLVED: frozenset({OPEN}),
    VOID: frozenset(),
}
STATE_WORDS = {
    OPEN: "open", TALKING: "being talked about", HANDOVER: "handover offered", ACCEPTED: "accepted for now",
    DISMISSED: "rule does not fit here", RESOLVED: "settled", VOID: "never was",
}  # fmt: skip
OUTCOMES = ("handover", "accept", "rule", "plan", "none")
OUTCOME_WORDS = {
    "handover": "hand it over", "accept": "accept it until a day", "rule": "change the rule",
    "plan": "put it in the plan", "none": "no result yet",
}  # fmt: skip
SHOWN = (OPEN, TALKING, HANDOVER, ACCEPTED)


def may_follow(before: str, after: str) -> bool:
    """Whether the table has this step."""
    return after in FOLLOWS[before]
