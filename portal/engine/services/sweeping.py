"""T5: what each tick puts right: lost hints, expired notices, jobs whose runner is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

from portal.engine.failpoints import reach
from portal.engine.services.constants import CONSTANTS
from portal.engine.services.hinting import Hint, delivery_hints

if TYPE_CHECKING:
    from portal.engine.services.hinting import Hinter

REHINT = """
UPDATE engine_delivery SET hinted_at = portal_now() FROM (
    SELECT d.id, n.severity FROM engine_delivery d JOIN engine_notice n ON n.id = d.notice_id
    WHERE {due} AND (d.hinted_at IS NULL OR d.hinted_at < portal_now() - make_interval(secs => %(after)s))
    ORDER BY d.run_at LIMIT 400 FOR UPDATE OF d SKIP LOCKED
) late WHERE engine_delivery.id = late.id RETURNING late.id, late.severity
"""
REHINT_DUE = REHINT.format(due="d.state = 'queued' AND d.run_at <= portal_now()")
REHINT_LOST = REHINT.format(due="d.state = 'sending' AND d.lease_until < portal_now()")
EXPIRE = """
UPDATE engine_notice SET state = 'expired', settled_at = portal_now() WHERE id IN (
    SELECT id FROM engine_notice WHERE state = 'open' AND expires_at <= portal_now()
    ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED) RETURNING id
"""
CANCEL = """
UPDATE engine_delivery SET state = 'cancelled', final_at = portal_now(), last_error = 'the notice expired'
WHERE state = 'queued' AND notice_id = ANY(%s::uuid[])
"""
RETURN_JOBS = """
UPDATE engine_job SET lease_until = NULL, lease_token = NULL, hinted_at = NULL,
    state = CASE WHEN attempts < max_attempts THEN 'queued' ELSE 'failed' END,
    error = 'the process that ran it ended',
    final_at = CASE WHEN attempts < max_attempts THEN NULL ELSE portal_now() END
WHERE id IN (SELECT id FROM engine_job WHERE state = 'running' AND lease_until < portal_now()
             ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED)
"""
HINT_JOBS = """
UPDATE engine_job SET hinted_at = portal_now() WHERE id IN (
    SELECT id FROM engine_job WHERE state = 'queued' AND run_at <= portal_now()
      AND (hinted_at IS NULL OR hinted_at < portal_now() - make_interval(secs => %(after)s))
    ORDER BY run_at LIMIT 100 FOR UPDATE SKIP LOCKED) RETURNING id, queue
"""


def sweep(*, hinter: Hinter) -> None:
    """One round; harmless when repeated or run by several processes at once."""
    _expire()
    with connection.cursor() as cursor:
        cursor.execute(RETURN_JOBS)
    if not hinter.is_broken:
        hinter.offer(_hints())


def _expire() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(EXPIRE)
        ids = [str(row[0]) for row in cursor.fetchall()]
        if ids:
            cursor.execute(CANCEL, [ids])
        reach("t5.before_commit")


def _hints() -> list[Hint]:
    after = {"after": CONSTANTS.rehint_after}
    due, jobs = [], []
    with connection.cursor() as cursor:
        for statement in (REHINT_LOST, REHINT_DUE):
            cursor.execute(statement, after)
            due += [(pk, "page" if severity in ("page", "warn") else "default") for pk, severity in cursor.fetchall()]
        cursor.execute(HINT_JOBS, after)
        jobs = [Hint("engine.run_job", {"job_id": pk}, name) for pk, name in cursor.fetchall()]
    return delivery_hints(due) + jobs
