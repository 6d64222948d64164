"""Ring 1 of the watchdog: whether the engine keeps its promise now (spec engine 11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from datetime import datetime

TICK_AGE = 15.0
DEADLINE_OVERDUE = 30.0
DELIVERY_OVERDUE = 60.0
CANARY_AGE = 180.0
READ = """
SELECT
  extract(epoch FROM portal_now() - (SELECT last_tick_at FROM engine_control))::float8,
  (SELECT is_paused FROM engine_control),
  (SELECT count(*) FROM engine_deadline WHERE state = 'armed' AND run_at < portal_now() - interval '30 s'),
  (SELECT count(*) FROM engine_delivery WHERE state = 'queued' AND run_at < portal_now() - interval '60 s'),
  (SELECT count(*) FROM engine_notice WHERE state = 'open' AND is_unrouted AND severity = 'page'),
  extract(epoch FROM portal_now() - (SELECT max(beat_at) FROM engine_heartbeat WHERE component = 'canary'))::float8,
  (SELECT (detail->>'lag_seconds')::float8 FROM engine_heartbeat WHERE component = 'canary'
   ORDER BY beat_at DESC LIMIT 1),
  (SELECT count(*) FROM engine_deadline WHERE kind = 'engine.canary')
"""


@dataclass(frozen=True)
class Figures:
    """What the status page prints; ages in seconds, None if it never happened."""

    tick_age: float | None
    is_paused: bool
    deadlines_overdue: int
    deliveries_overdue: int
    unrouted: int
    canary_age: float | None
    canary_lag: float | None
    canaries: int


@dataclass(frozen=True)
class Health:
    """`reasons` is empty when the engine is well."""

    reasons: tuple[str, ...]
    figures: Figures

    @property
    def is_well(self) -> bool:
        return not self.reasons


@dataclass(frozen=True)
class Firing:
    """Who fired how many deadlines of the last hour, for the status page."""

    component: str
    count: int


def engine_health(at: datetime) -> Health:
    """One query; ages are taken by the database's clock."""
    del at
    with connection.cursor() as cursor:
        cursor.execute(READ)
        row = cursor.fetchone()
    figures = Figures(*row) if row else Figures(None, False, 0, 0, 0, None, None, 0)  # noqa: FBT003
    checks = [
        (figures.tick_age is None or figures.tick_age > TICK_AGE, "tick_age"),
        (figures.deadlines_overdue > 0, "deadlines_overdue"),
        (figures.deliveries_overdue > 0, "deliveries_overdue"),
        (figures.unrouted > 0, "unrouted"),
        (figures.canaries > 1 and (figures.canary_age is None or figures.canary_age > CANARY_AGE), "canary_age"),
        (bool(figures.is_paused), "paused"),
    ]
    return Health(tuple(reason for failing, reason in checks if failing), figures)


def fired_by(at: datetime) -> list[Firing]:
    """Which kind of process fired the deadlines of the last hour."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT split_part(fired_by, ':', 1), count(*) FROM engine_deadline"
            " WHERE state = 'fired' AND fired_at > %s - interval '1 hour' GROUP BY 1 ORDER BY 1",
            [at],
        )
        return [Firing(*row) for row in cursor.fetchall()]
