"""Removing the machinery's own traces, in batches that hold no lock for long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from portal.core import clock
from portal.engine.domain.retention import RETENTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from portal.engine.domain.retention import Retention

PRUNE_JOB = "engine.prune"
BATCH = 5_000
DOOMED = "FROM {table} AS doomed WHERE {column} < %s::timestamptz - make_interval(days => {days}) AND {condition}"


def run_pruning(args: Mapping[str, Any], progress: Any) -> dict[str, Any]:
    """The nightly Job. Repeatable; killed in the middle it goes on the next time."""
    del args, progress
    return prune(at=clock.now())


def prune(*, at: datetime) -> dict[str, int]:
    """Delete what is older than its retention, 5,000 rows a transaction; rows by table."""
    return {retention.table: _emptied(retention, at) for retention in RETENTIONS}


def prunable(*, at: datetime) -> dict[str, int]:
    """How many rows `prune` would delete, by table."""
    found = {}
    for retention in RETENTIONS:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) {_doomed(retention)}", [at])
            row = cursor.fetchone()
        found[retention.table] = int(row[0]) if row else 0
    return found


def _emptied(retention: Retention, at: datetime) -> int:
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {retention.table} WHERE ctid = ANY (ARRAY("  # noqa: S608 (constants of the domain)
                f"SELECT doomed.ctid {_doomed(retention)} LIMIT {BATCH} FOR UPDATE SKIP LOCKED))",
                [at],
            )
            gone = int(cursor.rowcount)
        total += gone
        if gone < BATCH:
            return total


def _doomed(retention: Retention) -> str:
    return DOOMED.format(
        table=retention.table, column=f"doomed.{retention.column}", days=retention.days, condition=retention.condition
    )
