"""Token buckets in PostgreSQL, so that limits hold without Redis (spec security 9)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from django.db import connection

from portal.core.errors import TooMany

if TYPE_CHECKING:
    from datetime import datetime

TAKE = """
INSERT INTO core_ratebucket AS bucket (key, tokens, updated_at) VALUES (%(key)s, %(capacity)s - 1, %(at)s)
ON CONFLICT (key) DO UPDATE SET
    tokens = GREATEST(-1, LEAST(%(capacity)s, bucket.tokens
        + GREATEST(0, EXTRACT(EPOCH FROM %(at)s - bucket.updated_at)) * %(rate)s) - 1),
    updated_at = GREATEST(bucket.updated_at, %(at)s)
RETURNING tokens
"""


def take(*, key: str, capacity: int, per_seconds: float, at: datetime) -> int:
    """Take one token from the bucket `key`, which holds `capacity` and refills in `per_seconds`.

    Returns how many are left. Raises `TooMany` with `retry_after` seconds when it is empty. One statement; commits with
    the caller.
    """
    rate = capacity / per_seconds
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"key": key, "capacity": float(capacity), "rate": rate, "at": at})
        row = cursor.fetchone()
    tokens: float = row[0] if row else 0.0
    if tokens < 0:
        retry_after = max(1, math.ceil(-tokens / rate))
        message = f"Too many tries. Try again in {retry_after} s."
        raise TooMany("core.too_many", message, retry_after=retry_after)
    return int(tokens)


def give_back(*, key: str, capacity: int) -> None:
    """Return the token taken last: the act was one that is not counted, such as a right password."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_ratebucket SET tokens = LEAST(%s, tokens + 1) WHERE key = %s", [float(capacity), key]
        )
