"""The moment a handover takes effect: both ranges in one transaction, many assets in a few statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from ownership.domain.states import PRIMARY, EndReason, Origin, State
from ownership.models import Asset, HandoffItem, Ownership
from ownership.services.ranges import close_rows, start_after
from ownership.services.telling import tell_owner_changed
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ownership.models import Handoff

HANDED_OVER = "ownership.handed_over"


def held_rows(items: Sequence[HandoffItem], party: int) -> dict[int, Ownership]:
    """By item id the open row that the giver holds still, or that somebody acts for since the giver left.

    Items that moved on are left out.
    """
    rows = Ownership.objects.filter(
        Q(party_key=party) | Q(acting=True), asset_id__in={item.asset_id for item in items},
        state=State.ACCEPTED.value, valid__upper_inf=True,
    )  # fmt: skip
    known = {(row.asset_id, row.duty, row.rank): row for row in rows}
    found = {item.pk: known.get((item.asset_id, item.duty, item.rank)) for item in items}
    return {pk: row for pk, row in found.items() if row is not None}


def lock_assets(items: Sequence[HandoffItem]) -> dict[int, Asset]:
    """The assets of the items, locked in id order."""
    ids = sorted({item.asset_id for item in items})
    return {row.pk: row for row in Asset.objects.select_for_update().filter(pk__in=ids).order_by("pk")}


def transfer(*, actor: Any, handoff: Handoff, items: Sequence[HandoffItem], since: datetime, at: datetime) -> int:
    """The old rows end where the new ones begin; what the recipient held of these duties before ends as well.

    The caller holds the handoff. Locks the assets in id order. Items the giver no longer holds are left as they are.
    """
    assets = lock_assets(items)
    giver, taker = _keys(handoff)
    old = held_rows(items, giver)
    moving = [item for item in items if item.pk in old]
    own = Ownership.objects.filter(
        asset_id__in=assets, party_key=taker, state=State.ACCEPTED.value, valid__upper_inf=True,
        duty__in={item.duty for item in moving},
    )  # fmt: skip
    wanted = {(item.asset_id, item.duty) for item in moving}
    before = [row for row in own if (row.asset_id, row.duty) in wanted]
    ending = [*(old[item.pk] for item in moving), *before]
    start = start_after([row.valid.lower for row in ending], since)
    close_rows([row.pk for row in ending], EndReason.HANDOFF, start)
    Ownership.objects.bulk_create([_row(handoff, item, item.rank, start, actor, at) for item in moving])
    for item in moving:
        item.in_force_at = start
        _tell(actor, assets[item.asset_id], item, old[item.pk], taker, at)
    HandoffItem.objects.bulk_update(moving, ["in_force_at"], batch_size=1000)
    return len(moving)


def shadow(*, actor: Any, handoff: Handoff, items: Sequence[HandoffItem], at: datetime) -> None:
    """Until it takes effect the recipient is the first unused backup; somebody who is one already stays so."""
    assets = lock_assets(items)
    _, taker = _keys(handoff)
    held: dict[tuple[int, int], set[int]] = {}
    is_there: set[tuple[int, int]] = set()
    rows = Ownership.objects.filter(asset_id__in=assets, state=State.ACCEPTED.value, valid__upper_inf=True)
    for row in rows:
        held.setdefault((row.asset_id, row.duty), set()).add(row.rank)
        if row.party_key == taker:
            is_there.add((row.asset_id, row.duty))
    new = []
    for item in items:
        key = (item.asset_id, item.duty)
        free = next((rank for rank in range(PRIMARY + 1, 6) if rank not in held.get(key, ())), None)
        if key not in is_there and free is not None:
            new.append(_row(handoff, item, free, at, actor, at))
    Ownership.objects.bulk_create(new)


def _keys(handoff: Handoff) -> tuple[int, int]:
    giver = handoff.from_person_id or -(handoff.from_team_id or 0)
    return giver, handoff.to_person_id or -(handoff.to_team_id or 0)


def _row(handoff: Handoff, item: HandoffItem, rank: int, start: datetime, actor: Any, at: datetime) -> Ownership:
    return Ownership(
        asset_id=item.asset_id, person_id=handoff.to_person_id, team_id=handoff.to_team_id, duty=item.duty, rank=rank,
        state=State.ACCEPTED.value, valid=(start, None), origin=Origin.HANDOFF.value, recorded_at=at,
        recorded_by=actor, confirmed_at=at,
    )  # fmt: skip


def _tell(actor: Any, asset: Asset, item: HandoffItem, old: Ownership, taker: int, at: datetime) -> None:
    giver = old.party_key
    before, after = {"party": giver, "rank": item.rank}, {"party": taker, "rank": item.rank}
    record_audit(actor=actor, verb=HANDED_OVER, subject=asset, before=before, after=after, at=at)
    if item.rank == PRIMARY:
        tell_owner_changed(asset, item.duty, giver, taker, at)
