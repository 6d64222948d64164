"""Closures to download: asked by a person, worked out by a job from the graph in memory (spec ownership 15)."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from django.db import transaction

from ownership.domain.graph import closure
from ownership.models import Asset, Closure
from ownership.queries.snapshot import whole_graph
from portal.core.errors import DomainError
from portal.core.services.audit import record_audit
from portal.engine.services.enqueueing import enqueue_job

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person

CLOSURE_JOB = "ownership.closure"
SIDES = ("up", "down")
KEPT = 20


@transaction.atomic
def ask_closure(*, actor: Person, asset: Asset, side: str, at: datetime) -> Closure:
    """Everything `up` or `down` of the asset, however far, ready in a moment; a person keeps the last 20."""
    if side not in SIDES:
        raise DomainError("ownership.bad_side", "The side is up or down.", "side")
    row = Closure.objects.create(asset=asset, side=side, asked_by=actor, asked_at=at)
    old = Closure.objects.filter(asked_by=actor).order_by("-asked_at", "-pk").values_list("pk", flat=True)[KEPT:]
    Closure.objects.filter(pk__in=list(old)).delete()
    enqueue_job(actor=actor, kind=CLOSURE_JOB, args={"closure": row.pk}, unique_key=f"{CLOSURE_JOB}:{row.pk}", at=at)
    record_audit(actor=actor, verb="ownership.closure_asked", subject=asset, after={"side": side}, at=at)
    return row


def make_closure(*, closure_id: int, at: datetime) -> dict[str, Any]:
    """Work it out and store it packed; repeating gives the same. Retired assets are left out when it is read."""
    row = Closure.objects.filter(pk=closure_id).first()
    if row is None:
        return {"count": 0}
    ids, distances = closure(whole_graph(), row.asset_id, row.side)
    row.ids = zlib.compress(ids.astype("<i8").tobytes(), level=1)
    row.distances = zlib.compress(distances.astype("<i4").tobytes(), level=1)
    row.count, row.state, row.ready_at = len(ids), Closure.State.READY, max(at, row.asked_at)
    row.save(update_fields=["ids", "distances", "count", "state", "ready_at"])
    return {"count": row.count}
