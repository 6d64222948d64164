"""T1: whoever ticks calls the handlers of what is due, and writes what follows in the same transaction."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import F

from portal.engine.domain.alarms import Planned, alarm_drafts
from portal.engine.domain.catch_up import split_expired, split_highest
from portal.engine.domain.drafts import DueDeadline, FireResult
from portal.engine.domain.retries import deadline_wait
from portal.engine.domain.subjects import Subject
from portal.engine.failpoints import reach
from portal.engine.models import Deadline
from portal.engine.registries import deadline_kinds, router
from portal.engine.services.arming import arm_deadlines
from portal.engine.services.constants import BY_KEY
from portal.engine.services.enqueueing import enqueue_jobs
from portal.engine.services.guarding import LOCK_NOT_AVAILABLE, guarded
from portal.engine.services.notices import raise_notices

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime
    from uuid import UUID

BATCH = 250
BUSY_WAIT = timedelta(seconds=1)
TELL_FALLBACK_AT = 5
COLUMNS = "id, kind, subject_type, subject_id, subject_version, step, due_at, payload, portal_now()"
LOCK_DUE = f"""
{BY_KEY} SELECT {COLUMNS} FROM engine_deadline
WHERE state = 'armed' AND run_at <= portal_now() AND EXISTS (SELECT FROM engine_control WHERE NOT is_paused)
  AND (%(only)s::text[] IS NULL OR kind = ANY(%(only)s))
  AND (NOT kind = ANY(%(deferred)s) OR run_at <= portal_now() - make_interval(secs => %(overdue_by)s))
ORDER BY run_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""  # noqa: S608 (constants only)
LOCK_ONE = f"SELECT {COLUMNS} FROM engine_deadline WHERE id = %s AND state = 'armed' FOR UPDATE SKIP LOCKED"  # noqa: S608


@dataclass(frozen=True)
class Selection:
    """Which due deadlines to take: `only` these kinds, and `deferred` ones only when overdue by some seconds."""

    only: Sequence[str] | None = None
    deferred: Sequence[str] = ()
    overdue_by: float = 0.0
    limit: int = BATCH


@dataclass
class Fired:
    """What a batch did; `due` are deliveries to hint."""

    taken: int = 0
    due: list[tuple[UUID, str]] = field(default_factory=list)


EVERYTHING = Selection()


def fire_batch(*, selection: Selection = EVERYTHING, by: str) -> Fired:
    """Fire up to `limit` due deadlines in one transaction, one handler call a kind.

    If anything raises, the batch is rolled back and repeated row by row: a poison row delays only itself.
    """
    seen: list[int] = []
    fired, _ = guarded(lambda: _fire_locked(selection, by, seen), what="deadline batch")
    if fired is not None:
        reach("t1.after_commit")
        return fired
    total = Fired(taken=len(seen))
    for deadline_id in seen:
        total.due += _fire_alone(deadline_id, by)
    return total


def _fire_locked(selection: Selection, by: str, seen: list[int]) -> Fired:
    with connection.cursor() as cursor:
        cursor.execute(
            LOCK_DUE,
            {
                "only": list(selection.only) if selection.only is not None else None,
                "deferred": list(selection.deferred), "overdue_by": selection.overdue_by, "limit": selection.limit,
            },
        )  # fmt: skip
        rows = cursor.fetchall()
    if not rows:
        return Fired()
    reach("t1.after_lock")
    seen += [row[0] for row in rows]
    at = rows[0][8]
    due = _fire(_deadlines(rows), by, at)
    reach("t1.before_commit")
    return Fired(taken=len(rows), due=due)


def _fire_alone(deadline_id: int, by: str) -> list[tuple[UUID, str]]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(LOCK_ONE, [deadline_id])
            rows = cursor.fetchall()
        if not rows:
            return []
        at = rows[0][8]
        due, fault = guarded(lambda: _fire(_deadlines(rows), by, at), what=f"deadline {deadline_id}")
        if fault:
            _record_failure(deadline_id, fault, at)
        return due or []


def _fire(deadlines: list[DueDeadline], by: str, at: datetime) -> list[tuple[UUID, str]]:
    by_kind: dict[str, list[DueDeadline]] = defaultdict(list)
    for deadline in deadlines:
        by_kind[deadline.kind].append(deadline)
    results: dict[int, FireResult] = {}
    for kind, rows in by_kind.items():
        results |= _ask(kind, rows, at)
    busy = [deadline.id for deadline in deadlines if deadline.id not in results]
    Deadline.objects.filter(pk__in=busy).update(run_at=at + BUSY_WAIT)
    return _apply(results, by, at)


def _ask(kind: str, rows: list[DueDeadline], at: datetime) -> dict[int, FireResult]:
    """The handler's answers, after the kind's rule for steps that come late."""
    entry = deadline_kinds.get(kind)
    if entry is None:
        message = f"no room handles deadlines of kind {kind}"
        raise LookupError(message)
    told, skipped, expired = rows, list[DueDeadline](), list[DueDeadline]()
    if entry.catch_up == "highest":
        told, skipped = split_highest(rows)
    elif entry.catch_up == "expire":
        told, expired = split_expired(rows, at, entry.expire_after)
    results = dict(entry.handler.fire(told, at=at)) if told else {}
    results |= {row.id: FireResult("skipped", "a higher step was reached") for row in skipped}
    results |= {row.id: FireResult("expired", "past its use") for row in expired}
    return results


def _apply(results: dict[int, FireResult], by: str, at: datetime) -> list[tuple[UUID, str]]:
    """Notices and deliveries, then the fired rows, then what follows: a successor may have its predecessor's key."""
    planned = [Planned(draft, pk) for pk, result in results.items() for draft in result.notices]
    raised = raise_notices(planned=planned, at=at)
    endings: dict[tuple[str, str], list[int]] = defaultdict(list)
    for pk, result in results.items():
        endings[result.outcome, result.note[:500]].append(pk)
    for (outcome, note), ids in endings.items():
        Deadline.objects.filter(pk__in=ids).update(
            state="fired", outcome=outcome, outcome_note=note, fired_at=at, fired_by=by[:120]
        )
    arm_deadlines(drafts=[draft for result in results.values() for draft in result.deadlines], at=at)
    enqueue_jobs(drafts=[draft for result in results.values() for draft in result.jobs], at=at)
    return raised.due


def _record_failure(deadline_id: int, fault: str, at: datetime) -> None:
    """Later again by itself; the operators hear at the first failure, the organization's fallback at the fifth."""
    if fault == LOCK_NOT_AVAILABLE:
        Deadline.objects.filter(pk=deadline_id).update(run_at=at + BUSY_WAIT)
        return
    row = Deadline.objects.get(pk=deadline_id)
    failures = row.failures + 1
    Deadline.objects.filter(pk=deadline_id).update(
        failures=F("failures") + 1, last_error=fault, run_at=at + deadline_wait(failures)
    )
    if failures not in (1, TELL_FALLBACK_AT):
        return
    code = "handler_failed" if failures == 1 else "deadline_unhandled"
    text = f"Deadline {deadline_id} ({row.kind}, {row.subject_type} {row.subject_id}) could not be handled: {fault}"
    way = router()
    recipients = way.fallback(at=at) if way is not None else ()
    raise_notices(planned=alarm_drafts(code, str(deadline_id), text, list(recipients)), at=at)


def _deadlines(rows: Sequence[tuple[Any, ...]]) -> list[DueDeadline]:
    return [
        DueDeadline(
            id=row[0], kind=row[1], subject=Subject(row[2], row[3], row[4]), step=row[5], due_at=row[6],
            payload=_payload(row[7]),
        )
        for row in rows
    ]  # fmt: skip


def _payload(raw: Any) -> dict[str, Any]:
    return raw if isinstance(raw, dict) else json.loads(raw)


def due_kinds(kinds: Collection[str]) -> list[str]:
    """Which of these kinds have a deadline that is due now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT kind FROM engine_deadline"
            " WHERE state = 'armed' AND run_at <= portal_now() AND kind = ANY(%s)",
            [list(kinds)],
        )
        return [row[0] for row in cursor.fetchall()]
