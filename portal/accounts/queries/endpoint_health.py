"""Endpoints whose tries have failed since their last success, or since somebody last changed them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from datetime import datetime

# A change of the endpoint by a person begins a new count: a mended address is not judged by the old one.
STREAKS = """
WITH tries AS (
    SELECT split_part(delivery.destination_ref, ':', 2)::bigint AS endpoint_id, attempt.outcome, attempt.status_code,
        attempt.error, attempt.at
    FROM engine_attempt AS attempt JOIN engine_delivery AS delivery ON delivery.id = attempt.delivery_id
    WHERE delivery.destination_ref LIKE 'endpoint:%%' AND attempt.phase = 'result' AND attempt.outcome <> 'stale'
        AND attempt.at > %(at)s - interval '30 days'
), fresh AS (
    SELECT endpoint.id, greatest(
        (SELECT max(at) FROM tries WHERE endpoint_id = endpoint.id AND outcome = 'sent'),
        (SELECT max(at) FROM core_auditentry WHERE object_type = 'accounts.endpoint'
            AND object_id = endpoint.id::text AND verb IN ('accounts.endpoint_changed', 'accounts.endpoint_created'))
    ) AS since
    FROM accounts_endpoint AS endpoint WHERE endpoint.is_active
)
SELECT fresh.id, min(tries.at), max(tries.at), coalesce(bool_or(tries.status_code = 410), false),
    (array_agg(tries.error ORDER BY tries.at DESC))[1]
FROM fresh LEFT JOIN tries ON tries.endpoint_id = fresh.id AND tries.at > coalesce(fresh.since, '-infinity')
GROUP BY fresh.id ORDER BY fresh.id
"""


@dataclass(frozen=True)
class Streak:
    """Failures in a row of one live endpoint; both instants None when the newest try succeeded, or there was none."""

    endpoint_id: int
    first_failed_at: datetime | None
    last_failed_at: datetime | None
    is_gone: bool
    error: str


def streaks(at: datetime) -> list[Streak]:
    """One of each live endpoint; one query."""
    with connection.cursor() as cursor:
        cursor.execute(STREAKS, {"at": at})
        return [Streak(row[0], row[1], row[2], is_gone=row[3], error=row[4] or "") for row in cursor.fetchall()]
