"""Figures that live in PostgreSQL, as Prometheus metrics; read at most every five seconds."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, connection, transaction
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from portal.core import clock
from portal.engine.queries.health import engine_health
from portal.site.queries.safekeeping import safekeeping

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

KEPT_SECONDS = 5.0
BUCKETS = (0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 300.0)
LIMIT = "SET LOCAL statement_timeout = '1s'"
FIRED = "extract(epoch FROM fired_at - due_at)", "engine_deadline WHERE state = 'fired'"
SENT = (
    "extract(epoch FROM d.sent_at - coalesce(l.due_at, n.created_at))",
    # A notice without a deadline counts from when it was raised.
    (
        "engine_delivery d JOIN engine_notice n ON n.id = d.notice_id LEFT JOIN engine_deadline l"
        " ON l.id = n.deadline_id WHERE d.sent_at IS NOT NULL GROUP BY d.channel"
    ),
)
COUNTS = {
    ("engine_deliveries", "Deliveries by state", "state"): "SELECT state, count(*) FROM engine_delivery GROUP BY 1",
    ("jobs", "Jobs by queue and state", "queue", "state"): (
        "SELECT queue, state, count(*) FROM engine_job GROUP BY 1, 2"
    ),
    ("job_age_seconds", "Age of the oldest queued job", "queue"): (
        "SELECT queue, extract(epoch FROM portal_now() - min(run_at)) FROM engine_job WHERE state = 'queued' GROUP BY 1"
    ),
}
TOTALS = {
    ("engine_attempts", "Tries to send, by outcome", "channel", "outcome"): (
        "SELECT d.channel, a.outcome, count(*) FROM engine_attempt a JOIN engine_delivery d ON d.id = a.delivery_id"
        " WHERE a.outcome <> '' GROUP BY 1, 2"
    ),
    ("engine_dead", "Deliveries given up"): "SELECT count(*) FROM engine_delivery WHERE state = 'dead'",
    ("engine_handler_errors", "Failures of deadline handlers", "kind"): (
        "SELECT kind, sum(failures) FROM engine_deadline WHERE failures > 0 GROUP BY 1"
    ),
    ("engine_audit_findings", "Broken invariants that the auditor reported", "invariant"): (
        "SELECT split_part(dedup_key, ':', 2), count(*) FROM engine_notice"
        " WHERE dedup_key LIKE '%%:invariant\\_%%' GROUP BY 1"
    ),
    ("import_rows", "Rows that imports wrote"): (
        "SELECT coalesce(sum((counts->>'created')::bigint + (counts->>'updated')::bigint), 0) FROM core_importrun"
    ),
}


@dataclass(eq=False)
class EngineFigures(Collector):
    """Prometheus collector; silent about what the database cannot tell within a second."""

    taken_at: float = float("-inf")
    kept: list[Metric] = field(default_factory=list)

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        if time.monotonic() - self.taken_at > KEPT_SECONDS:
            self.kept = list(read_figures())
            self.taken_at = time.monotonic()
        return self.kept


def read_figures() -> Iterable[Metric]:
    """Every figure once; a query that fails or takes over a second leaves its metric out."""
    yield from _engine_gauges()
    yield from _safekeeping_gauges()
    for (name, text, *labels), sql in COUNTS.items():
        gauge = GaugeMetricFamily(f"headwater_{name}", text, labels=labels)
        for *values, count in _rows(sql):
            gauge.add_metric([str(value) for value in values], float(count))
        yield gauge
    for (name, text, *labels), sql in TOTALS.items():
        counter = CounterMetricFamily(f"headwater_{name}", text, labels=labels)
        for *values, count in _rows(sql):
            counter.add_metric([str(value) for value in values], float(count))
        yield counter
    yield _histogram("engine_deadline_due_to_fired_seconds", "From due to fired", [], *FIRED)
    yield _histogram("engine_due_to_sent_seconds", "From due to accepted by the channel", ["channel"], *SENT)


def _engine_gauges() -> Iterable[Metric]:
    try:
        with transaction.atomic():
            figures = engine_health(clock.now()).figures
    except DatabaseError:
        return
    values: dict[str, tuple[str, float | None]] = {
        "tick_age_seconds": ("Age of the last tick", figures.tick_age),
        "deadlines_overdue": ("Armed deadlines more than 30 s overdue", figures.deadlines_overdue),
        "deliveries_overdue": ("Queued deliveries more than 60 s overdue", figures.deliveries_overdue),
        "unrouted": ("Pages for which nobody had a way", figures.unrouted),
        "paused": ("1 while the engine is paused", float(bool(figures.is_paused))),
        "canary_age_seconds": ("Since the last canary arrived", figures.canary_age),
        "canary_lag_seconds": ("Due to arrival of the last canary", figures.canary_lag),
    }
    for name, (text, value) in values.items():
        gauge = GaugeMetricFamily(f"headwater_engine_{name}", text)
        if value is not None:
            gauge.add_metric([], float(value))
        yield gauge


def _safekeeping_gauges() -> Iterable[Metric]:
    """Without a backup or a seal its age is left out: an alert asks for absence too."""
    try:
        with transaction.atomic():
            kept, at = safekeeping(), clock.now()
    except DatabaseError:
        return
    trial_at = kept.trial_at if kept.trial_is_good else None
    for name, text, then in (
        ("backup_age_seconds", "Since the newest backup", kept.backup_at),
        ("backup_trial_age_seconds", "Since a backup was restored on trial", trial_at),
        ("audit_seal_age_seconds", "Since history was sealed", kept.sealed_at),
    ):
        gauge = GaugeMetricFamily(f"headwater_{name}", text)
        if then is not None:
            gauge.add_metric([], (at - then).total_seconds())
        yield gauge


def _histogram(name: str, text: str, labels: list[str], seconds: str, source: str) -> Metric:
    family = HistogramMetricFamily(f"headwater_{name}", text, labels=labels)
    counts = ", ".join(f"count(*) FILTER (WHERE {seconds} <= {limit})" for limit in BUCKETS)
    group = "d.channel, " if labels else ""
    for row in _rows(f"SELECT {group}{counts}, count(*), coalesce(sum({seconds}), 0) FROM {source}"):  # noqa: S608 (constants of this module)
        values = [str(value) for value in row[: len(labels)]]
        *buckets, total, summed = row[len(labels) :]
        bounds = [*((str(limit), float(count)) for limit, count in zip(BUCKETS, buckets, strict=True))]
        family.add_metric(values, [*bounds, ("+Inf", float(total))], float(summed))
    return family


def _rows(sql: str) -> Sequence[tuple[Any, ...]]:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(LIMIT)
            cursor.execute(sql, [])
            rows: list[tuple[Any, ...]] = cursor.fetchall()
    except DatabaseError:
        return []
    return rows
