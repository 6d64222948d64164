"""Edges that only events can show grow old and go (spec ownership 15)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from ownership.domain.staleness import GONE_AFTER, INTERVALS, LEAST, RUNS_WITHOUT

if TYPE_CHECKING:
    from datetime import datetime

EVENT_SOURCES = ["openlineage"]
# The cadence is that of the source; a source that says none counts as daily or faster.
AGE = """
UPDATE ownership_edge AS edge SET stale_since = %(at)s
FROM core_importsource AS source
WHERE source.id = edge.source_id AND source.importer = ANY(%(sources)s) AND edge.closed_at IS NULL
  AND edge.last_seen + greatest(%(least)s, %(intervals)s * make_interval(hours => coalesce(source.cadence_hours, 0)))
      <= %(at)s
  AND coalesce(edge.stale_since < edge.last_seen, true)
"""
CLOSE = """
UPDATE ownership_edge AS edge SET closed_at = %(at)s
FROM core_importsource AS source
WHERE source.id = edge.source_id AND source.importer = ANY(%(sources)s) AND edge.closed_at IS NULL
  AND (edge.misses >= %(runs)s OR edge.last_seen + %(gone)s <= %(at)s)
"""
PRUNE = """
DELETE FROM ownership_graphpulse AS pulse WHERE transaction_number < (
    SELECT max(newest.transaction_number) - %(kept)s FROM ownership_graphpulse AS newest WHERE newest.what = pulse.what
)
"""
PULSES_KEPT = 10_000


@transaction.atomic
def age_edges(*, at: datetime) -> dict[str, int]:
    """Mark what no event has shown for too long, close what is gone; hourly, repeating changes nothing.

    A later event makes an edge new by its `last_seen` alone. Edges of files and of people are left to them.
    """
    facts: dict[str, Any] = {
        "at": at, "sources": EVENT_SOURCES, "least": LEAST, "intervals": INTERVALS, "runs": RUNS_WITHOUT,
        "gone": GONE_AFTER, "kept": PULSES_KEPT,
    }  # fmt: skip
    counts = {}
    with connection.cursor() as cursor:
        for name, statement in (("closed", CLOSE), ("stale", AGE), ("pruned", PRUNE)):
            cursor.execute(statement, facts)
            counts[name] = cursor.rowcount
    return counts
