"""How long the machinery keeps its own traces; what people did is never removed (spec resolutions, 1.4)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Retention:
    """Rows of `table` that meet `condition` and whose `column` is older than `days` may go."""

    table: str
    column: str
    days: int
    condition: str
    why: str


RETENTIONS = (
    Retention("engine_job", "final_at", 30, "state IN ('done', 'failed')", "jobs that ended"),
    Retention("engine_inbound", "received_at", 30, "state <> 'new'", "messages that were worked on"),
    Retention(
        "engine_deadline", "run_at", 7,
        "state IN ('fired', 'cancelled') AND kind = 'engine.periodic'"
        " AND NOT EXISTS (SELECT FROM engine_notice WHERE deadline_id = doomed.id)",
        "ticks of periodic work",
    ),
    Retention("core_idempotencykey", "created_at", 2, "true", "answers kept for a repeated request"),
    Retention("core_ratebucket", "updated_at", 1, "true", "counters of rates"),
    Retention("django_session", "expire_date", 1, "true", "sessions that ended"),
)  # fmt: skip
