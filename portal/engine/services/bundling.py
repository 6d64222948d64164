"""One message for many notices of a moment: rows of one recipient, destination and severity share a `batch_id`.

The batch id is the idempotency key; a retry claims the same batch again, so the provider sees the same key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from portal.engine.registries import channels
from portal.engine.services.constants import CONSTANTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

# A destination served a moment ago waits, so that what follows can travel together.
POSTPONE = """
UPDATE engine_delivery d SET run_at = served.at + make_interval(secs => %(gap)s)
FROM (
    SELECT own.id, max(other.claimed_at) AS at FROM engine_delivery own
    JOIN engine_delivery other ON other.channel = own.channel AND other.destination_ref = own.destination_ref
    WHERE own.id = ANY(%(ids)s::uuid[]) AND own.attempts = 0
      AND other.claimed_at > portal_now() - make_interval(secs => %(gap)s)
    GROUP BY own.id
) served
WHERE d.id = served.id RETURNING d.id
"""
# Locks what is due beside a first-time row: same recipient, way and severity. Nothing waits.
JOIN = """
SELECT mate.id FROM engine_delivery own JOIN engine_notice mine ON mine.id = own.notice_id
JOIN engine_delivery mate ON mate.channel = own.channel AND mate.destination_ref = own.destination_ref
JOIN engine_notice n ON n.id = mate.notice_id AND n.recipient_id = mine.recipient_id AND n.severity = mine.severity
WHERE own.id = %(id)s AND n.state = 'open' AND NOT n.is_private AND NOT mine.is_private AND mate.state = 'queued'
  AND mate.attempts = 0 AND mate.run_at <= portal_now() + make_interval(secs => %(gap)s)
ORDER BY mate.run_at LIMIT 100 FOR UPDATE OF mate SKIP LOCKED FOR SHARE OF n SKIP LOCKED
"""
REJOIN = """
SELECT d.id FROM engine_delivery d JOIN engine_notice n ON n.id = d.notice_id
WHERE d.batch_id = ANY(%s::uuid[]) AND n.state = 'open'
  AND (d.state = 'queued' OR (d.state = 'sending' AND d.lease_until < portal_now()))
FOR UPDATE OF d SKIP LOCKED FOR SHARE OF n SKIP LOCKED
"""


def bundled(ids: Sequence[UUID]) -> list[UUID]:
    """The locked rows that may go now, with all that travel with them. Inside the claim's transaction."""
    slugs = [slug for slug, channel in channels.items() if channel.bundles]
    rows = _bundling(ids, slugs)
    if not rows:
        return list(ids)
    fresh = [pk for pk, batch, attempts in rows if batch is None and attempts == 0]
    batches = {batch for _, batch, _ in rows if batch is not None}
    postponed = _ids(POSTPONE, {"ids": [str(pk) for pk in fresh], "gap": CONSTANTS.bundle_gap}) if fresh else []
    taken = {pk for pk in ids if pk not in postponed}
    for pk in fresh:
        if pk in taken:
            taken |= _join(pk)
    if batches:
        taken |= set(_ids(REJOIN, [[str(batch) for batch in batches]]))
    return list(taken)


def _join(pk: UUID) -> set[UUID]:
    mates = set(_ids(JOIN, {"id": str(pk), "gap": 0})) | {pk}
    if len(mates) > 1:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE engine_delivery SET batch_id = %s WHERE id = ANY(%s::uuid[]) AND batch_id IS NULL",
                [str(pk), [str(mate) for mate in mates]],
            )
    return mates


def _bundling(ids: Sequence[UUID], slugs: Sequence[str]) -> list[tuple[UUID, UUID | None, int]]:
    if not ids or not slugs:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, batch_id, attempts FROM engine_delivery WHERE id = ANY(%s::uuid[]) AND channel = ANY(%s)",
            [[str(pk) for pk in ids], list(slugs)],
        )
        return list(cursor.fetchall())


def _ids(sql: str, values: object) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)  # type: ignore[arg-type]  # a list or a dict, as the statement wants
        return [row[0] for row in cursor.fetchall()]
