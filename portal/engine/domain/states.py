"""States and the moves between them (spec engine 3, less what decisions.md cut)."""

from __future__ import annotations

DEADLINE_STATES = ("armed", "fired", "cancelled")
DEADLINE_OUTCOMES = ("done", "skipped", "expired", "nothing")
NOTICE_STATES = ("open", "acknowledged", "settled", "expired", "exhausted")
DELIVERY_STATES = ("queued", "sending", "sent", "delivered", "cancelled", "dead")
JOB_STATES = ("queued", "running", "done", "failed", "cancelled")
INBOUND_STATES = ("new", "done", "failed")
SEVERITIES = ("page", "warn", "info", "digest")

DELIVERY_MOVES: dict[str, frozenset[str]] = {
    "queued": frozenset({"sending", "cancelled", "dead"}),
    "sending": frozenset({"sending", "sent", "queued", "dead", "cancelled"}),
    "sent": frozenset({"delivered", "dead"}),
    "delivered": frozenset(),
    "cancelled": frozenset(),
    "dead": frozenset(),
}
LIVE_DELIVERY_STATES = ("queued", "sending")
ARRIVED_DELIVERY_STATES = ("sent", "delivered")


def may_move(before: str, after: str) -> bool:
    """Whether a delivery may go from one state to another; final states are never left."""
    return after in DELIVERY_MOVES[before]
