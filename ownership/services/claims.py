"""Claims of sources become ownership, in the transaction of each import chunk (spec ownership 4)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from ownership.domain.precedence import ClaimView, RowView, Settlement, Start, settle
from ownership.domain.states import LAST_RANK, PRIMARY, EndReason, Origin, Outcome, State
from ownership.models import Asset, Claim, Ownership
from ownership.services.ranges import close_rows, start_after
from ownership.services.telling import tell_owner_changed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

Key = tuple[int, int]
SURE_ENOUGH = Decimal("0.50")


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
    _withdraw(ids)
    _propose(claims, rows, settled, actor, at)
    started, ended = _write_rows(rows, settled, actor, at)
    _tell({pk: asset for pk, asset in locked.items() if asset.created_at < known_since}, rows, settled, at)
    return Resolved(started, ended)


def _claims(ids: list[int]) -> dict[Key, list[Claim]]:
    found: dict[Key, list[Claim]] = defaultdict(list)
    claims = Claim.objects.filter(asset_id__in=ids, closed_at=None).select_related("source")
    for claim in claims.order_by("asset_id", "pk"):
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


def _withdraw(ids: list[int]) -> None:
    """A proposal goes with the claim it came from."""
    waiting = Ownership.objects.filter(
        asset_id__in=ids, origin=Origin.IMPORT.value, state=State.PROPOSED.value, claim__closed_at__isnull=False
    )
    waiting.update(state=State.DECLINED.value, end_reason=EndReason.IMPORT_CLOSED.value)


def _propose(
    claims: dict[Key, list[Claim]],
    rows: dict[Key, list[Ownership]],
    settled: dict[Key, Settlement],
    actor: Any,
    at: datetime,
) -> None:
    """What files only infer becomes a proposal where nobody is accountable, once."""
    wanted = [
        claim
        for key, group in claims.items()
        if not _has_primary(rows[key], settled[key])
        for claim in group
        if settled[key].outcomes[claim.pk] == Outcome.PROPOSED and claim.confidence >= SURE_ENOUGH
    ]
    asked = _asked({claim.asset_id for claim in wanted})
    new: dict[tuple[int, int, int], Ownership] = {}
    for claim in wanted:
        party = claim.person_id or -(claim.team_id or 0)
        if (claim.asset_id, claim.duty, party) not in asked:
            new.setdefault((claim.asset_id, claim.duty, party), _proposal(claim, actor, at))
    Ownership.objects.bulk_create(new.values(), batch_size=1000)


def _has_primary(open_rows: list[Ownership], settlement: Settlement) -> bool:
    kept = any(row.rank == PRIMARY and row.pk not in settlement.end for row in open_rows)
    return kept or any(each.rank == PRIMARY for each in settlement.start)


def _asked(asset_ids: set[int]) -> set[tuple[int, int, int]]:
    """(asset, duty, party) of everything that was proposed, held or declined before."""
    found = Ownership.objects.filter(asset_id__in=asset_ids)
    gone = Q(state=State.DECLINED.value, end_reason=EndReason.IMPORT_CLOSED.value)
    return set(found.exclude(gone).values_list("asset_id", "duty", "party_key"))


def _proposal(claim: Claim, actor: Any, at: datetime) -> Ownership:
    return Ownership(
        asset_id=claim.asset_id,
        person_id=claim.person_id,
        team_id=claim.team_id,
        duty=claim.duty,
        rank=min(claim.rank, LAST_RANK),
        state=State.PROPOSED.value,
        origin=Origin.IMPORT.value,
        source_id=claim.source_id,
        claim=claim,
        confidence=claim.confidence,
        rank_inferred=True,
        evidence=claim.evidence,
        recorded_at=at,
        recorded_by=actor,
    )


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
