"""Edges that only events can show grow old and go (spec ownership 15)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from ownership.domain.freshness import RUN
from ownership.domain.kinds import PIPELINE
from ownership.domain.staleness import EVENT_SOURCES, GONE_AFTER, INTERVALS, LEAST, RUNS_WITHOUT

if TYPE_CHECKING:
    from datetime import datetime

# The usual interval is the median between the runs of the job at either end, or the cadence of the source.
AGE = """
UPDATE ownership_edge AS edge SET stale_since = %(at)s
FROM core_importsource AS source
WHERE source.id = edge.source_id AND source.importer = ANY(%(sources)s) AND edge.closed_at IS NULL
  AND edge.last_seen + greatest(
      %(least)s, %(intervals)s * make_interval(hours => source.cadence_hours),
      %(intervals)s * (
          SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY run.gap) FROM (
              SELECT entry.at - lag(entry.at) OVER (ORDER BY entry.at) AS gap
              FROM ownership_statusentry AS entry JOIN ownership_asset AS job ON job.id = entry.asset_id
              WHERE entry.asset_id IN (edge.src_id, edge.dst_id) AND job.kind = %(pipeline)s AND entry.what = %(run)s
          ) AS run
      )
  ) <= %(at)s
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
        "at": at, "sources": list(EVENT_SOURCES), "least": LEAST, "intervals": INTERVALS, "runs": RUNS_WITHOUT,
        "gone": GONE_AFTER, "kept": PULSES_KEPT, "pipeline": PIPELINE.code, "run": RUN,
    }  # fmt: skip
    counts = {}
    with connection.cursor() as cursor:
        for name, statement in (("closed", CLOSE), ("stale", AGE), ("pruned", PRUNE)):
            cursor.execute(statement, facts)
            counts[name] = cursor.rowcount
    return counts
