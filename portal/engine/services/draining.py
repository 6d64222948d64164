"""Handing events to the rooms that asked for them, in id order per handler and subject."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import F

from portal.engine.domain.retries import deadline_wait
from portal.engine.domain.subjects import Subject
from portal.engine.models import EngineEvent
from portal.engine.registries import event_handlers
from portal.engine.services.alarms import raise_alarm
from portal.engine.services.guarding import guarded

if TYPE_CHECKING:
    from datetime import datetime

BATCH = 50
# An event waits while an older one of the same handler and subject exists, committed or being handled.
LOCK_HEADS = """
SELECT id, handler, subject_type, subject_id, payload, failures, portal_now() FROM engine_event AS event
WHERE run_at <= portal_now() AND NOT EXISTS (
    SELECT FROM engine_event AS older
    WHERE older.handler = event.handler AND older.subject_type = event.subject_type
      AND older.subject_id = event.subject_id AND older.id < event.id)
ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""


def drain_events(*, limit: int = BATCH) -> int:
    """Handle the oldest due event of each handler and subject; returns how many were tried.

    One transaction, one savepoint an event: handled ones are deleted, a failed one waits and holds back only the
    later events of its own subject.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(LOCK_HEADS, [limit])
            rows = cursor.fetchall()
        for row in rows:
            _handle(row)
    return len(rows)


def _handle(row: tuple[Any, ...]) -> None:
    pk, handler, subject_type, subject_id, payload, failures, at = row
    body = payload if isinstance(payload, dict) else json.loads(payload)
    subject = Subject(subject_type, subject_id)
    _, fault = guarded(lambda: _call(handler, subject, body, at), what=f"event {handler}")
    if not fault:
        EngineEvent.objects.filter(pk=pk).delete()
        return
    EngineEvent.objects.filter(pk=pk).update(
        failures=F("failures") + 1, last_error=fault, run_at=at + deadline_wait(failures + 1)
    )
    if not failures:
        raise_alarm(code="event_failed", ref=f"{handler}:{pk}", text=f"{handler} could not be handled: {fault}", at=at)


def _call(handler: str, subject: Subject, payload: dict[str, Any], at: datetime) -> None:
    entry = event_handlers.get(handler)
    if entry is None:
        message = f"no room handles {handler}"
        raise LookupError(message)
    entry[1](subject=subject, payload=payload, at=at)
