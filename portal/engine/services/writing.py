"""Notices and their deliveries as rows: one statement a table, however many (spec engine 5, performance c)."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection

from portal.core.ids import new_id
from portal.core.secrets import encrypted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from portal.engine.domain.drafts import DeliveryDraft, NoticeFacts

INBOX = "inbox"
INSERT_NOTICES = """
INSERT INTO engine_notice (id, kind, dedup_key, subject_type, subject_id, deadline_id, recipient_id, endpoint_ref,
    severity, is_acknowledgeable, is_private, is_unrouted, context, expires_at, created_at, state, acknowledged_via,
    settled_reason)
SELECT row.*, %s, 'open', '', '' FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[],
    %s::bigint[], %s::text[], %s::text[], %s::bool[], %s::bool[], %s::bool[], %s::jsonb[], %s::timestamptz[]) AS row
ON CONFLICT DO NOTHING RETURNING id::text
"""
INSERT_DELIVERIES = """
INSERT INTO engine_delivery (id, notice_id, channel, destination_ref, address, repeat_no, run_at, state, hinted_at,
    sent_at, delivered_at, final_at, attempts, ambiguous, lease_holder, provider_message_id, last_error)
SELECT id, notice, channel, ref, address, repeat_no, run_at,
    CASE WHEN arrived IS NULL THEN 'queued' ELSE 'delivered' END,
    CASE WHEN arrived IS NULL AND run_at <= %(at)s THEN %(at)s END, arrived, arrived, arrived, 0, 0, '', '', ''
FROM unnest(%(id)s::uuid[], %(notice)s::uuid[], %(channel)s::text[], %(ref)s::text[], %(address)s::text[],
    %(repeat_no)s::smallint[], %(run_at)s::timestamptz[], %(arrived)s::timestamptz[])
    AS row(id, notice, channel, ref, address, repeat_no, run_at, arrived)
"""


class NewNotice(NamedTuple):
    """A notice about to be written, with what routers do not need to know; `context` is JSON."""

    facts: NoticeFacts
    context: str
    deadline_id: int | None
    expires_at: datetime | None
    is_unrouted: bool


class NewDelivery(NamedTuple):
    """One way of a new notice; the inbox is the notice itself, so that delivery has arrived when it is written."""

    id: UUID
    notice: NoticeFacts
    way: DeliveryDraft
    run_at: datetime

    @property
    def has_arrived(self) -> bool:
        return self.way.channel == INBOX


def insert_notices(rows: Sequence[NewNotice], *, at: datetime) -> list[NoticeFacts]:
    """Write what no earlier notice with the same `dedup_key` has told; returns the new ones."""
    facts = [row.facts for row in rows]
    ids = [str(each.id) for each in facts]
    columns: list[list[Any]] = [
        ids, [each.kind for each in facts], [each.dedup_key for each in facts],
        [each.subject.type for each in facts], [each.subject.id for each in facts], [row.deadline_id for row in rows],
        [each.recipient_id for each in facts], [each.endpoint_ref for each in facts],
        [each.severity for each in facts], [each.is_acknowledgeable for each in facts],
        [each.is_private for each in facts], [row.is_unrouted for row in rows],
        [row.context for row in rows], [row.expires_at for row in rows],
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(INSERT_NOTICES, [at, *columns])
        new = {row[0] for row in cursor.fetchall()}
    return facts if len(new) == len(facts) else [each for each, pk in zip(facts, ids, strict=True) if pk in new]


def insert_deliveries(planned: Sequence[tuple[NoticeFacts, DeliveryDraft]], *, at: datetime) -> list[NewDelivery]:
    """Write every way of the notices; what is due now counts as hinted."""
    rows = [
        NewDelivery(new_id(at), notice, way, at + timedelta(seconds=way.delay_seconds) if way.delay_seconds else at)
        for notice, way in planned
    ]
    if not rows:
        return rows
    columns: dict[str, Any] = {
        "at": at,
        "id": [str(row.id) for row in rows],
        "notice": [str(row.notice.id) for row in rows],
        "channel": [row.way.channel for row in rows],
        "ref": [row.way.destination_ref for row in rows],
        "address": [_sealed(row.way.address) for row in rows],
        "repeat_no": [row.way.repeat_no for row in rows],
        "run_at": [row.run_at for row in rows],
        "arrived": [at if row.has_arrived else None for row in rows],
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT_DELIVERIES, columns)
    return rows


@lru_cache(maxsize=4096)
def _sealed(address: str) -> str:
    """Encrypted once a process; that two deliveries go to one place, their `destination_ref` says anyway."""
    return encrypted(address)
