"""Periodic work: one armed deadline an entry, whose firing enqueues the job and arms the next run."""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from portal.engine.domain.cron import next_run
from portal.engine.domain.drafts import DeadlineDraft, DueDeadline, FireResult, JobDraft
from portal.engine.domain.subjects import Subject
from portal.engine.models import Deadline
from portal.engine.registries import Periodic, periodic_entries
from portal.engine.services.arming import arm_deadlines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

KIND = "engine.periodic"


class PeriodicHandler:
    """Missed runs collapse into one: the next run is counted from now."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> Mapping[int, FireResult]:
        return {deadline.id: _fired(deadline, at) for deadline in deadlines}


def ensure_periodic(*, at: datetime) -> int:
    """Arm what is registered and not armed; returns how many were missing. Safe to repeat."""
    with transaction.atomic():
        armed = set(Deadline.objects.filter(kind=KIND, state="armed").values_list("subject_id", flat=True))
        missing = [entry for entry in periodic_entries.values() if subject_of_entry(entry).id not in armed]
        arm_deadlines(drafts=[_next(entry, at) for entry in missing], at=at)
    return len(missing)


def subject_of_entry(entry: Periodic) -> Subject:
    """Stable for a name, so that one armed deadline an entry can exist."""
    return Subject(KIND, zlib.crc32(entry.name.encode()))


def _fired(deadline: DueDeadline, at: datetime) -> FireResult:
    entry = periodic_entries.get(str(deadline.payload.get("name", "")))
    if entry is None:
        return FireResult("nothing", "no longer registered")
    job = JobDraft(entry.job_kind, {}, f"periodic:{entry.name}")
    return FireResult("done", deadlines=(_next(entry, at),), jobs=(job,))


def _next(entry: Periodic, at: datetime) -> DeadlineDraft:
    due_at = next_run(entry.cron, entry.zone, at) if entry.cron else at + timedelta(seconds=entry.every_seconds)
    return DeadlineDraft(KIND, subject_of_entry(entry), due_at, payload={"name": entry.name})
