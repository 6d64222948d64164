"""Arming and cancelling deadlines, in the transaction of the business change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from portal.core.errors import DomainError
from portal.engine.domain.drafts import DeadlineDraft
from portal.engine.failpoints import reach
from portal.engine.models import Deadline
from portal.engine.registries import deadline_kinds
from portal.engine.services.checking import PAYLOAD_BYTES, checked_instant, checked_json
from portal.engine.services.waking import wake_engine

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from portal.engine.domain.subjects import Subject

MOVED = "moved"


@transaction.atomic
def arm_deadline(
    *,
    actor: Any,
    kind: str,
    subject: Subject,
    step: int = 0,
    due_at: datetime,
    payload: Mapping[str, Any] | None = None,
    at: datetime,
) -> Deadline:
    """One armed row per (kind, subject, step); a row with another due time is cancelled and a new one made.

    Idempotent for the same due time. Call it under the subject's lock. Raises `DomainError` for an unknown kind, an
    instant without zone or outside 2000-2100, or a payload over 8 KiB.
    """
    del actor  # the room's own audit row names who
    draft = DeadlineDraft(kind, subject, due_at, step, payload or {})
    _check(draft)
    standing = Deadline.objects.select_for_update().filter(_key(draft)).first()
    if standing is not None and standing.due_at == due_at:
        return standing
    if standing is not None:
        _cancel([standing.pk], MOVED, at)
    deadline = _row(draft, at)
    deadline.save(force_insert=True)
    if due_at <= at:
        wake_engine()
    reach("t0.before_commit")
    transaction.on_commit(lambda: reach("t0.after_commit"))
    return deadline


def arm_deadlines(*, drafts: Sequence[DeadlineDraft], at: datetime) -> None:
    """`arm_deadline` for many, in three statements; the last draft of a key counts. Inside a transaction."""
    if not drafts:
        return
    newest = {(draft.kind, draft.subject.key, draft.step): draft for draft in drafts}
    for draft in newest.values():
        _check(draft)
    matching = Q()
    for draft in newest.values():
        matching |= _key(draft)
    standing = {
        (row.kind, f"{row.subject_type}.{row.subject_id}", row.step): row
        for row in Deadline.objects.select_for_update().filter(matching)
    }
    moved = [row.pk for key, row in standing.items() if row.due_at != newest[key].due_at]
    _cancel(moved, MOVED, at)
    fresh = [draft for key, draft in newest.items() if key not in standing or standing[key].due_at != draft.due_at]
    Deadline.objects.bulk_create([_row(draft, at) for draft in fresh])
    if any(draft.due_at <= at for draft in fresh):
        wake_engine()


def cancel_deadlines(
    *, actor: Any, subject: Subject, kinds: Collection[str] | None = None, reason: str, at: datetime
) -> int:
    """Cancel what is armed for the subject (all kinds without `kinds`); returns how many. Idempotent."""
    del actor
    rows = Deadline.objects.filter(state="armed", subject_type=subject.type, subject_id=subject.id)
    if kinds is not None:
        rows = rows.filter(kind__in=kinds)
    return rows.update(state="cancelled", cancelled_at=at, cancel_reason=reason[:120])


def _cancel(ids: Sequence[int], reason: str, at: datetime) -> None:
    if ids:
        Deadline.objects.filter(pk__in=ids).update(state="cancelled", cancelled_at=at, cancel_reason=reason)


def _check(draft: DeadlineDraft) -> None:
    if deadline_kinds.get(draft.kind) is None:
        raise DomainError("engine.unknown_kind", f"No room handles deadlines of kind {draft.kind}.", "kind")
    checked_instant(draft.due_at, "due_at")
    checked_json(draft.payload, PAYLOAD_BYTES, "payload")


def _key(draft: DeadlineDraft) -> Q:
    return Q(
        state="armed", kind=draft.kind, subject_type=draft.subject.type, subject_id=draft.subject.id, step=draft.step
    )


def _row(draft: DeadlineDraft, at: datetime) -> Deadline:
    return Deadline(
        kind=draft.kind, subject_type=draft.subject.type, subject_id=draft.subject.id,
        subject_version=draft.subject.version, step=draft.step, due_at=draft.due_at, run_at=draft.due_at,
        payload=dict(draft.payload), created_at=at,
    )  # fmt: skip
