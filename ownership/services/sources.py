"""How much a source counts beside others, and how often it ought to come (spec ownership 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from ownership import policies
from ownership.queries.sources import MOST_CADENCE, MOST_PRECEDENCE, contested_by
from ownership.services.claims import resolve_claims
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.models import ImportSource
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.services.enqueueing import enqueue_job

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from portal.accounts.models import Person

SETTLE = "ownership.settle_source"
CHUNK = 500


@transaction.atomic
def set_source(
    *, actor: Person, source: ImportSource, precedence: int, cadence_hours: int | None, at: datetime
) -> ImportSource:
    """Its rank among sources (higher wins; people stand at 100) and its hours between files, None for no promise.

    Locks the source. With another rank a job weighs again what several sources say; what people said stays.
    """
    row = ImportSource.objects.select_for_update().get(pk=source.pk)
    require(policies.sources.can_set(actor))
    if not 0 <= precedence <= MOST_PRECEDENCE:
        message = f"0 to {MOST_PRECEDENCE}: the word of people is 100."
        raise DomainError("ownership.bad_precedence", message, "precedence")
    if cadence_hours is not None and not 1 <= cadence_hours <= MOST_CADENCE:
        raise DomainError("ownership.bad_cadence", f"1 to {MOST_CADENCE:,} hours, or empty.", "cadence_hours")
    before, after = _facts(row), {"precedence": precedence, "cadence_hours": cadence_hours}
    if before == after:
        return row
    row.precedence, row.cadence_hours = precedence, cadence_hours
    row.save(update_fields=["precedence", "cadence_hours"])
    record_audit(actor=actor, verb="ownership.source_set", subject=row, before=before, after=after, at=at)
    if before["precedence"] != precedence:
        _weigh_again(actor, row, at)
    return row


def _weigh_again(actor: Person, row: ImportSource, at: datetime) -> None:
    """One job waits beside the one that runs, which may have looked already."""
    args, key = {"source": row.pk}, f"{SETTLE}:{row.pk}"
    job = enqueue_job(actor=actor, kind=SETTLE, args=args, unique_key=key, at=at)
    if job.state == "running":
        enqueue_job(actor=actor, kind=SETTLE, args=args, unique_key=f"{key}:next", at=at)


def run_settling(args: Mapping[str, Any], progress: Any) -> dict[str, int]:
    """The job after a change of rank: each chunk is a transaction, and running again changes nothing."""
    del progress
    at, started, ended = clock.now(), 0, 0
    ids = contested_by(int(args["source"]))
    for first in range(0, len(ids), CHUNK):
        with transaction.atomic():
            done = resolve_claims(actor=None, asset_ids=ids[first : first + CHUNK], known_since=at, at=at)
        started, ended = started + done.started, ended + done.ended
    return {"assets": len(ids), "started": started, "ended": ended}


def _facts(row: ImportSource) -> dict[str, int | None]:
    return {"precedence": row.precedence, "cadence_hours": row.cadence_hours}
