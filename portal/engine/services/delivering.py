"""Claim, send, mark: what a Celery worker does for one hint."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from portal.engine.registries import channels
from portal.engine.services.claiming import Wish, claim
from portal.engine.services.constants import CONSTANTS, holder
from portal.engine.services.marking import mark
from portal.engine.services.sending import SenderPool, own_pool

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

BUDGET_SECONDS = 2.0
GROUP_SECONDS = 0.05
LOCAL_BATCH = 100


def deliver(*, delivery_ids: Sequence[UUID | str], component: str = "worker") -> int:
    """Send the hinted deliveries and as many more due ones as threads are free; returns how many were sent.

    Goes on while rows are due, for two seconds; no row means somebody else has it.
    """
    pool, name, sent, started = own_pool(), holder(component), 0, time.monotonic()
    ids: Sequence[UUID | str] = delivery_ids
    while True:
        taken = _start(pool, ids, name) if time.monotonic() - started < BUDGET_SECONDS else 0
        ids = ()
        if not taken and not pool.busy:
            return sent
        sent += len(mark(finished=pool.finished(GROUP_SECONDS), holder=name))


def send_overdue(*, pool: SenderPool, overdue_by: float, component: str = "engine") -> int:
    """Start sends of what is overdue in free threads; the caller marks what `pool.finished` gives."""
    return _start(pool, (), holder(component), overdue_by)


def _start(pool: SenderPool, ids: Sequence[UUID | str], name: str, overdue_by: float = 0.0) -> int:
    room = min(pool.free, CONSTANTS.per_host)
    if not room:
        return 0
    slow, refs = pool.avoided()
    wish = Wish(ids=ids, limit=room, overdue_by=overdue_by, avoid_channels=slow, avoid_refs=refs)
    claims = claim(wish=wish, holder=name)
    if len(claims) >= room:
        # More is waiting: what needs no network is taken by the hundred, since no silent provider can hold it up.
        remote = {slug for slug, channel in channels.items() if not channel.is_local}
        claims += claim(wish=replace(wish, ids=(), limit=LOCAL_BATCH, avoid_channels=slow | remote), holder=name)
    mark(finished=pool.submit(claims), holder=name)
    return len(claims)
