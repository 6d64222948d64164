"""T3: writing down what came of a send; only the holder of the current lease may."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, transaction
from psycopg2.extras import execute_values

from portal.engine.domain.outcomes import Ambiguous, Permanent, Sent, Temporary
from portal.engine.domain.retries import is_exhausted, wait_after
from portal.engine.failpoints import reach
from portal.engine.models import Attempt
from portal.engine.queries.control import database_now
from portal.engine.registries import channels, pace
from portal.engine.services.closing import close_notices, report_dead

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from portal.engine.domain.outcomes import Outcome
    from portal.engine.models import Delivery
    from portal.engine.services.sending import Finished

MARK = """
UPDATE engine_delivery d SET state = v.state, lease_until = NULL, lease_token = NULL,
    run_at = coalesce(v.run_at, d.run_at),
    ambiguous = d.ambiguous + v.ambiguous, last_error = v.error, provider_message_id = v.message_id,
    sent_at = CASE WHEN v.state = 'sent' THEN portal_now() ELSE d.sent_at END,
    final_at = CASE WHEN v.state IN ('sent', 'dead') THEN portal_now() END
FROM (VALUES %s) AS v (id, token, state, run_at, ambiguous, error, message_id)
WHERE d.id = v.id AND d.lease_token = v.token AND d.state = 'sending' RETURNING d.id
"""
SHAPE = "(%s::uuid, %s::uuid, %s, %s::timestamptz, %s::int, %s, %s)"


@dataclass(frozen=True)
class Result:
    """One row of one send."""

    delivery: Delivery
    outcome: Outcome
    duration_ms: int


def mark(*, finished: Sequence[Finished], holder: str) -> list[UUID]:
    """Record results, each under its own lease token; returns the ids that were still ours.

    A late result of a lost lease changes no delivery; it is kept as an attempt `stale`. Deaths that leave a recipient
    without a way are told to the room of the subject at once.
    """
    results = [Result(row, each.outcome, each.duration_ms) for each in finished for row in each.claim.deliveries]
    if not results:
        return []
    with transaction.atomic():
        at = database_now()
        values = [_values(result, at) for result in results]
        with connection.cursor() as cursor:
            rows = execute_values(cursor.cursor, MARK, values, template=SHAPE, fetch=True, page_size=len(values))
        ours = {row[0] for row in rows}
        _record(results, ours, holder, at)
        reach("t3.before_commit")
    reach("t3.after_commit")
    dead = {str(row[0]) for row in values if row[2] == "dead"}
    close_notices(notice_ids=[result.delivery.notice_id for result in results if result.delivery.pk in ours])
    report_dead(deliveries=[r.delivery for r in results if r.delivery.pk in ours and str(r.delivery.pk) in dead], at=at)
    return list(ours)


def _values(result: Result, at: datetime) -> tuple[object, ...]:
    row, outcome = result.delivery, result.outcome
    lost = int(isinstance(outcome, Ambiguous))
    if isinstance(outcome, Sent):
        return (str(row.pk), str(row.lease_token), "sent", None, 0, "", outcome.message_id[:200])
    run_at = _next_try(row, outcome, lost, at)
    state = "dead" if run_at is None else "queued"
    return (str(row.pk), str(row.lease_token), state, run_at, lost, outcome.reason[:500], "")


def _next_try(row: Delivery, outcome: Outcome, lost: int, at: datetime) -> datetime | None:
    patience = pace(row.notice.kind, row.notice.severity)
    if isinstance(outcome, Permanent) or is_exhausted(patience, row.attempts):
        return None
    channel = channels.get(row.channel)
    if channel is None or row.ambiguous + lost > channel.max_ambiguous:
        return None
    retry_after = outcome.retry_after if isinstance(outcome, Temporary) else None
    chance = secrets.randbelow(1000) / 999
    run_at = at + wait_after(patience, row.attempts, chance, retry_after)
    return None if row.expires_at is not None and run_at > row.expires_at else run_at


def _record(results: Sequence[Result], ours: set[UUID], holder: str, at: datetime) -> None:
    Attempt.objects.bulk_create(
        [
            Attempt(
                delivery=result.delivery, number=result.delivery.attempts, phase="result",
                outcome=_word(result.outcome) if result.delivery.pk in ours else "stale",
                status_code=result.outcome.status_code, error=getattr(result.outcome, "reason", "")[:500],
                duration_ms=result.duration_ms, holder=holder[:120], lease_token=result.delivery.lease_token, at=at,
            )
            for result in results
        ]
    )  # fmt: skip


def _word(outcome: Outcome) -> str:
    return type(outcome).__name__.lower()
