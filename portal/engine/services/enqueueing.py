"""Putting long work into the queue of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import DomainError
from portal.engine.domain.drafts import JobDraft
from portal.engine.models import Job
from portal.engine.registries import job_kinds
from portal.engine.services.checking import PAYLOAD_BYTES, checked_json
from portal.engine.services.waking import wake_engine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

LIVE = ("queued", "running")


@transaction.atomic
def enqueue_job(
    *,
    actor: Any,
    kind: str,
    args: Mapping[str, Any] | None = None,
    unique_key: str = "",
    queue: str = "default",
    run_at: datetime | None = None,
    at: datetime,
) -> Job:
    """A job to run once; while one with the same `unique_key` is queued or running, that one is returned.

    Raises `DomainError` for a kind no room registered.
    """
    del actor
    return _enqueue(JobDraft(kind, args or {}, unique_key, queue, run_at), at)


def enqueue_jobs(*, drafts: list[JobDraft], at: datetime) -> None:
    """`enqueue_job` for what deadline handlers ask for. Inside a transaction."""
    for draft in drafts:
        _enqueue(draft, at)


def _enqueue(draft: JobDraft, at: datetime) -> Job:
    if job_kinds.get(draft.kind) is None:
        raise DomainError("engine.unknown_kind", f"No room runs jobs of kind {draft.kind}.", "kind")
    args = checked_json(draft.args, PAYLOAD_BYTES, "args")
    run_at = draft.run_at or at
    row = Job(kind=draft.kind, args=args, unique_key=draft.unique_key, queue=draft.queue, run_at=run_at, created_at=at)
    wake_engine()
    if not draft.unique_key:
        row.save(force_insert=True)
        return row
    Job.objects.bulk_create([row], ignore_conflicts=True)
    return Job.objects.filter(unique_key=draft.unique_key, state__in=LIVE).latest("id")
