"""T2: taking due deliveries under a lease, at once and by one process only."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from portal.engine.domain.retries import lifetime
from portal.engine.failpoints import reach
from portal.engine.models import Attempt, Delivery
from portal.engine.queries.control import may_claim
from portal.engine.registries import channels, notice_kinds
from portal.engine.services.bundling import bundled
from portal.engine.services.constants import BY_KEY, CONSTANTS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

# The notice is locked FOR SHARE in the same statement: after an acknowledgement has committed, its new state is seen
# here; while one is under way, the row is left alone. Nothing here ever waits for a lock.
LOCKS = "FOR UPDATE OF d SKIP LOCKED FOR SHARE OF n SKIP LOCKED"
SELECT = "SELECT d.id, n.state FROM engine_delivery d JOIN engine_notice n ON n.id = d.notice_id WHERE"
DUE = "d.state = 'queued' AND d.run_at <= portal_now() - make_interval(secs => %(overdue_by)s)"
LOST = "d.state = 'sending' AND d.lease_until < portal_now()"
AVOID = "NOT (d.channel = ANY(%(channels)s) OR d.channel || ' ' || d.destination_ref = ANY(%(refs)s))"
TAKE_GIVEN = f"{SELECT} d.id = ANY(%(ids)s::uuid[]) AND (({DUE}) OR ({LOST})) LIMIT %(limit)s {LOCKS}"
TAKE_LOST = f"{SELECT} {LOST} AND {AVOID} ORDER BY d.lease_until LIMIT %(limit)s {LOCKS}"
TAKE_DUE = f"{SELECT} {DUE} AND {AVOID} ORDER BY d.run_at LIMIT %(limit)s {LOCKS}"
CLAIM = """
UPDATE engine_delivery SET state = 'sending', attempts = attempts + 1, ambiguous = ambiguous + (state = 'sending')::int,
    claimed_at = portal_now(), lease_token = gen_random_uuid(), lease_holder = %(holder)s,
    lease_until = portal_now() + make_interval(secs => %(lease)s),
    expires_at = coalesce(expires_at, portal_now() + (
        SELECT CASE WHEN n.kind = ANY(%(events)s) THEN %(for_events)s
                    WHEN n.severity IN ('page', 'warn') THEN %(for_pages)s ELSE %(for_others)s END
        FROM engine_notice n WHERE n.id = notice_id))
WHERE id = ANY(%(ids)s::uuid[])
"""
LIFETIMES = {"for_events": lifetime("event"), "for_pages": lifetime("page"), "for_others": lifetime("info")}


@dataclass(frozen=True)
class Claim:
    """What one send carries: one delivery, or the batch that shares a key."""

    key: UUID
    deliveries: tuple[Delivery, ...]
    claimed_mono: float

    @property
    def first(self) -> Delivery:
        return self.deliveries[0]


@dataclass(frozen=True)
class Wish:
    """What a process can send now: hinted rows, and how many others; busy destinations are left out."""

    ids: Sequence[UUID | str] = ()
    limit: int = 1
    overdue_by: float = 0.0
    avoid_channels: Collection[str] = ()
    avoid_refs: Collection[str] = ()
    only_given: bool = False


def claim(*, wish: Wish, holder: str) -> list[Claim]:
    """Lease due deliveries to `holder`; nobody else gets them before the lease ends.

    Rows of notices that are no longer open become `cancelled`. Empty while the engine is paused.
    """
    with transaction.atomic():
        if not may_claim():
            return []
        found = _locked(wish)
        _cancel([pk for pk, state in found if state != "open"])
        ids = bundled([pk for pk, state in found if state == "open"])
        if ids:
            _lease(ids, holder)
        claims = _claims(ids)
        _record(claims, holder)
        reach("t2.before_commit")
    if claims:
        reach("t2.after_commit")
    return claims


def _locked(wish: Wish) -> list[tuple[UUID, str]]:
    values: dict[str, Any] = {
        "ids": [str(pk) for pk in wish.ids],
        "overdue_by": wish.overdue_by,
        "channels": list(wish.avoid_channels),
        "refs": list(wish.avoid_refs),
    }
    found: list[tuple[UUID, str]] = []
    steps = [TAKE_GIVEN] if wish.ids else []
    steps += [] if wish.only_given else [TAKE_LOST, TAKE_DUE]
    with connection.cursor() as cursor:
        for step in steps:
            if len(found) < wish.limit:
                cursor.execute(f"{BY_KEY} {step}", values | {"limit": wish.limit - len(found)})
                found += cursor.fetchall()
    return found


def _cancel(ids: Sequence[UUID]) -> None:
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE engine_delivery SET state = 'cancelled', final_at = portal_now(), lease_until = NULL,"
            " lease_token = NULL, last_error = 'the notice is no longer open' WHERE id = ANY(%s::uuid[])",
            [[str(pk) for pk in ids]],
        )


def _lease(ids: Sequence[UUID], holder: str) -> None:
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"ids": [str(pk) for pk in ids], "holder": holder[:120], "lease": CONSTANTS.lease}
        events = [kind.kind for kind in notice_kinds.values() if kind.is_event]
        cursor.execute(CLAIM, values | LIFETIMES | {"events": events})


def _claims(ids: Sequence[UUID]) -> list[Claim]:
    if not ids:
        return []
    groups: dict[UUID, list[Delivery]] = {}
    for row in Delivery.objects.select_related("notice").filter(pk__in=ids).order_by("notice__created_at", "id"):
        groups.setdefault(row.batch_id or row.pk, []).append(row)
    now = time.monotonic()
    return [Claim(key, tuple(rows), now) for key, rows in groups.items()]


def _record(claims: Sequence[Claim], holder: str) -> None:
    Attempt.objects.bulk_create(
        [
            Attempt(
                delivery=row, number=row.attempts, phase="claimed", holder=holder[:120], lease_token=row.lease_token,
                at=row.claimed_at or row.run_at,
            )
            for each in claims
            for row in each.deliveries
        ]
    )  # fmt: skip


def is_overtried(delivery: Delivery) -> bool:
    """Whether the answer of this delivery was lost more often than its channel allows."""
    channel = channels.get(delivery.channel)
    return channel is None or delivery.ambiguous > channel.max_ambiguous
