"""Events of the live endpoint become the register, 500 at a time, set-based (spec import_formats 4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, connection, transaction

from ownership.importers import applying
from ownership.importers.openlineage.events import event_of, why_unusable
from ownership.importers.openlineage.folding import SYSTEM, Folding
from ownership.importers.room import RegisterRoom
from ownership.importers.staging import Staging
from portal.core import clock
from portal.core.importing.issues import Issues
from portal.core.models import ImportRun, ImportSource
from portal.engine.models import EngineInbound
from portal.engine.services.inbound import claim_inbound, settle_inbound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from portal.engine.registries import JobProgress

BATCH = 500
NAME = "openlineage:live"
MOST_BATCHES = 200


def drain(args: Mapping[str, Any], progress: JobProgress) -> Mapping[str, Any]:
    """The job: batch after batch until nothing waits. Safe to run twice at once: the second finds the lock held."""
    del args
    done = 0
    for _ in range(MOST_BATCHES):
        taken = drain_batch(at=clock.now())
        if not taken:
            break
        done += taken
        progress.tell(events=done)
    return {"events": done}


def drain_batch(*, at: datetime) -> int:
    """Process up to 500 waiting events in one transaction; returns how many were taken.

    When the batch as a whole fails, its events are tried one by one, so that one bad event stops no other.
    """
    try:
        with transaction.atomic():
            messages = claim_inbound(source=SYSTEM, limit=BATCH) if _lock() else []
            if messages:
                _process(messages, at)
                EngineInbound.objects.filter(pk__in=[message.pk for message in messages]).update(state="done")
            return len(messages)
    except (DatabaseError, ValueError, TypeError):
        return _one_by_one(at)


def _one_by_one(at: datetime) -> int:
    ids = list(
        EngineInbound.objects.filter(source=SYSTEM, state="new").order_by("id").values_list("pk", flat=True)[:BATCH]
    )
    for pk in ids:
        _single(pk, at)
    return len(ids)


def _single(pk: int, at: datetime) -> None:
    with transaction.atomic():
        message = EngineInbound.objects.select_for_update(skip_locked=True).filter(pk=pk, state="new").first()
        if message is None:
            return
        error = ""
        try:
            with transaction.atomic():
                _process([message], at)
        except (DatabaseError, ValueError, TypeError) as fault:
            error = f"{type(fault).__name__}: {fault}"
        settle_inbound(message=message, error=error)


def _process(messages: Sequence[EngineInbound], at: datetime) -> None:
    """Fold, stage, compare and apply: the steps of a file, in one go."""
    issues = Issues()
    run = _run(at)
    folding = Folding(dict(run.source.options) if run.source else {}, issues)
    for message in messages:
        if why := why_unusable(message.body):
            raise ValueError(why)
        folding.take(event_of(message.body, f"event {message.pk}", issues))
    counts = Staging(run.pk).take(folding.facts())
    run.plan, run.progress = {"is_complete": False}, {}
    while applying.apply_next(run, None, at):
        pass
    RegisterRoom().forget(run)
    run.counts = {name: run.counts.get(name, 0) + counts.get(name, 0) for name in {*run.counts, *counts}}
    run.applied_at, run.progress = at, {}
    run.save(update_fields=["counts", "applied_at", "progress"])


def _run(at: datetime) -> ImportRun:
    """The run of the day: live events have one line a day among the imports."""
    source, _ = ImportSource.objects.get_or_create(
        importer=SYSTEM, scope="live", defaults={"name": NAME, "precedence": 40, "created_at": at}
    )
    name = f"events of {at:%Y-%m-%d}"
    run = ImportRun.objects.filter(source=source, file_name=name).select_related("source").first()
    return run or ImportRun.objects.create(
        source=source, importer=SYSTEM, state=ImportRun.State.APPLIED, file_name=name, created_at=at, planned_at=at,
        applied_at=at,
    )  # fmt: skip


def _lock() -> bool:
    """One drain at a time, for this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('openlineage'), 1)")
        row = cursor.fetchone()
    return bool(row and row[0])
