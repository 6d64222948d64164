"""The only Python clock.

Due or not is decided by PostgreSQL alone (`portal_now()`); this clock follows it, so that a host whose clock is wrong
still writes right instants (spec engine 7). Time is read once, at the door, and passed on as `at`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection

REMEASURE_SECONDS = 60.0


@dataclass
class _Measurement:
    offset: timedelta = timedelta(0)
    taken_at: float = float("-inf")


_last = _Measurement()


def now() -> datetime:
    """This instant as PostgreSQL sees it, aware, UTC. Costs one query a minute."""
    return process_clock() + offset()


def offset() -> timedelta:
    """How far `portal_now()` stands from the process clock, measured again every minute."""
    if time.monotonic() - _last.taken_at > REMEASURE_SECONDS:
        measure_offset()
    return _last.offset


def measure_offset() -> timedelta:
    """Measure the distance to the database's clock at once, and return it.

    A distance below half the round trip is none: on a busy host it says only that somebody had to wait.
    """
    _last.taken_at = time.monotonic()
    connection.ensure_connection()  # or the time it takes to connect would count as distance
    before = process_clock()
    with connection.cursor() as cursor:
        cursor.execute("SELECT portal_now()")
        row = cursor.fetchone()
    half = (process_clock() - before) / 2
    found = row[0] - before - half if row else timedelta(0)
    _last.offset = found if abs(found) > half else timedelta(0)
    return _last.offset


def process_clock() -> datetime:
    """The host's clock; only this module and the fault suite look at it."""
    return datetime.now(UTC) + timedelta(seconds=settings.ENV.clock_skew)
