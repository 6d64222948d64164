"""Claims of sources become ownership, in the transaction of each import chunk (spec ownership 4)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ownership.domain.precedence import ClaimView, RowView, Settlement, Start, settle
from ownership.domain.states import PRIMARY, EndReason, Origin, State
from ownership.models import Asset, Claim, Ownership
from ownership.services.ranges import close_rows, start_after
from ownership.services.telling import tell_owner_changed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ownership.domain.states import Outcome

Key = tuple[int, int]


@dataclass(frozen=True)
class Resolved:
    """How many ownership rows a settlement started and ended."""

    started: int
    ended: int


def resolve_claims(*, actor: Any, asset_ids: Iterable[int], known_since: datetime, at: datetime) -> Resolved:
    """Settle every duty of these assets by precedence. Locks the assets in id order; repeating changes nothing.

    Only assets made before `known_since` publish a change of their owner: nobody looks at newer ones yet.
    """
    ids = sorted(asset_ids)
    locked = {asset.pk: asset for asset in Asset.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    claims = _claims(ids)
    rows = _rows(ids)
    settled = {
        key: settle([_claim_view(claim) for claim in claims[key]], [_row_view(row) for row in rows[key]])
        for key in sorted({*claims, *rows})
    }
    _write_outcomes(claims, settled)
    started, ended = _write_rows(rows, settled, actor, at)
    _tell({pk: asset for pk, asset in locked.items() if asset.created_at < known_since}, rows, settled, at)
    return Resolved(started, ended)


def _claims(ids: list[int]) -> dict[Key, list[Claim]]:
    found: dict[Key, list[Claim]] = defaultdict(list)
    for claim in Claim.objects.filter(asset_id__in=ids, closed_at=None).select_related("source").order_by("pk"):
        found[claim.asset_id, claim.duty].append(claim)
    return found


def _rows(ids: list[int]) -> dict[Key, list[Ownership]]:
    found: dict[Key, list[Ownership]] = defaultdict(list)
    open_rows = Ownership.objects.filter(asset_id__in=ids, state=State.ACCEPTED.value, valid__upper_inf=True)
    for row in open_rows.order_by("rank"):
        found[row.asset_id, row.duty].append(row)
    return found


def _claim_view(claim: Claim) -> ClaimView:
    party = None if claim.person_id is None and claim.team_id is None else (claim.person_id or 0, claim.team_id or 0)
    return ClaimView(
        id=claim.pk,
        source_id=claim.source_id,
        precedence=claim.source.precedence,
        basis=claim.basis,
        confidence=float(claim.confidence),
        rank=claim.rank,
        party=party,
        outcome=claim.outcome,
        valid_from=claim.valid_from,
    )


def _row_view(row: Ownership) -> RowView:
    party = (row.person_id or 0, row.team_id or 0)
    return RowView(row.pk, party, row.rank, row.origin, row.source_id, row.claim_id)


def _write_outcomes(claims: dict[Key, list[Claim]], settled: dict[Key, Settlement]) -> None:
    changed: dict[Outcome, list[int]] = defaultdict(list)
    for key, group in claims.items():
        for claim in group:
            outcome = settled[key].outcomes[claim.pk]
            if outcome.value != claim.outcome:
                changed[outcome].append(claim.pk)
    for outcome, ids in changed.items():
        Claim.objects.filter(pk__in=ids).update(outcome=outcome.value)


def _write_rows(
    rows: dict[Key, list[Ownership]], settled: dict[Key, Settlement], actor: Any, at: datetime
) -> tuple[int, int]:
    ending = {id_ for settlement in settled.values() for id_ in settlement.end}
    begun = [row.valid.lower for group in rows.values() for row in group if row.pk in ending]
    start = start_after(begun, at)
    ended = close_rows(sorted(ending), EndReason.IMPORT_CLOSED, start)
    wanted = [(key, each) for key, settlement in settled.items() for each in settlement.start]
    floors = _floors([key for key, each in wanted if each.since is not None])
    new = [_row(key, each, actor, _since(key, each, floors, start), at) for key, each in wanted]
    Ownership.objects.bulk_create(new)
    return len(new), ended


def _floors(keys: list[Key]) -> dict[Key, list[Ownership]]:
    """What is known of the past of duties whose new holder is dated back."""
    found: dict[Key, list[Ownership]] = defaultdict(list)
    if keys:
        rows = Ownership.objects.filter(asset_id__in={asset_id for asset_id, _ in keys}, state=State.ENDED.value)
        for row in rows:
            found[row.asset_id, row.duty].append(row)
    return found


def _since(key: Key, each: Start, floors: dict[Key, list[Ownership]], start: datetime) -> datetime:
    """The day a file dates the holder to, or the end of what is in the way; never later than `start`."""
    if each.since is None or each.since >= start:
        return start
    party = each.party[0] or -each.party[1]
    ends = [
        row.valid.upper
        for row in floors[key]
        if row.rank == each.rank or (row.person_id or -(row.team_id or 0)) == party
    ]
    return min(max([each.since, *(end for end in ends if end is not None)]), start)


def _row(key: Key, each: Start, actor: Any, start: datetime, at: datetime) -> Ownership:
    asset_id, duty = key
    person_id, team_id = each.party
    return Ownership(
        asset_id=asset_id,
        person_id=person_id or None,
        team_id=team_id or None,
        duty=duty,
        rank=each.rank,
        state=State.ACCEPTED.value,
        valid=(start, None),
        origin=Origin.IMPORT.value,
        source_id=each.source_id,
        claim_id=each.claim_id,
        confidence=str(each.confidence),
        rank_inferred=True,
        recorded_at=at,
        recorded_by=actor,
    )


def _tell(
    assets: dict[int, Asset], rows: dict[Key, list[Ownership]], settled: dict[Key, Settlement], at: datetime
) -> None:
    """One event for each changed primary of an asset that people may already look at."""
    for (asset_id, duty), settlement in settled.items():
        ended = set(settlement.end)
        old = [row for row in rows.get((asset_id, duty), ()) if row.pk in ended and row.rank == PRIMARY]
        before = [row.person_id or -(row.team_id or 0) for row in old]
        after = [each.party[0] or -each.party[1] for each in settlement.start if each.rank == PRIMARY]
        if asset_id in assets and before != after:
            tell_owner_changed(assets[asset_id], duty, next(iter(before), None), next(iter(after), None), at)
