"""Deadlines by the hundred thousand, and what became of them."""

from __future__ import annotations

from itertools import count as numbers

from django.db import connection

from bench.room import KIND, TYPE

_things = numbers(1)

FILL = """
INSERT INTO engine_deadline (kind, subject_type, subject_id, subject_version, step, due_at, run_at, state, outcome,
    outcome_note, fired_by, cancel_reason, failures, last_error, payload, created_at)
SELECT %(kind)s, %(type)s, n, 1, 0, due, due, 'armed', '', '', '', '', 0, '', '{}', portal_now()
FROM generate_series(%(first)s, %(first)s + %(count)s - 1) AS n,
     LATERAL (SELECT portal_now() + make_interval(secs => %(seconds)s + %(spread)s * n) AS due) AS at
"""


def arm_many(count: int, *, seconds: float, spread: float = 0.0) -> None:
    """`count` armed rows for as many new things, due `seconds` from now, each `spread` later than the last."""
    first = next(_things)
    for _ in range(count - 1):
        next(_things)
    values: dict[str, str | float] = {
        "kind": KIND,
        "type": TYPE,
        "first": first,
        "count": count,
        "seconds": seconds,
        "spread": spread,
    }
    with connection.cursor() as cursor:
        cursor.execute(FILL, values)


def number(query: str) -> int:
    """The one number that a query answers."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    return int(row[0]) if row else 0
