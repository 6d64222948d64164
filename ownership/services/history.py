"""Tenures of the past that a file dates (spec import_formats 5, ODCS): rows only where nothing is known yet."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from ownership.domain.states import LAST_RANK, EndReason, Origin, State
from ownership.models import Asset, Ownership

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

Span = tuple[int, int, Any, Any]


@dataclass(frozen=True)
class PastTenure:
    """Who held a duty in [since, until); nobody known by `raw` has neither person nor team."""

    duty: int
    rank: int
    rank_inferred: bool
    person_id: int | None
    team_id: int | None
    raw: str
    since: datetime | None
    until: datetime
    confidence: Any = 1


def add_tenures(*, actor: Any, source: Any, tenures: Mapping[int, Sequence[PastTenure]], at: datetime) -> list[str]:
    """Write ended rows for tenures that are over and overlap nothing; returns the texts that were left out.

    Locks the assets in id order. A tenure that stands there already is no change: importing twice is once.
    """
    ids = sorted(tenures)
    list(Asset.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
    known = _known(ids)
    new: list[Ownership] = []
    left_out: list[str] = []
    for asset_id in ids:
        for tenure in sorted(tenures[asset_id], key=attrgetter("until")):
            row = _row(asset_id, tenure, known[asset_id, tenure.duty], at)
            if row is None:
                left_out.append(tenure.raw)
            elif row.rank:
                row.source, row.recorded_by = source, actor
                new.append(row)
                known[asset_id, tenure.duty].append((row.rank, _party(row), tenure.since, tenure.until))
    Ownership.objects.bulk_create(new, batch_size=1000)
    return left_out


def _row(asset_id: int, tenure: PastTenure, known: list[Span], at: datetime) -> Ownership | None:
    """The row to write, one without a rank where it stands there already, None where it has no place."""
    row = Ownership(
        asset_id=asset_id, person_id=tenure.person_id, team_id=None if tenure.person_id else tenure.team_id,
        duty=tenure.duty, rank=0, state=State.ENDED.value, origin=Origin.IMPORT.value, confidence=tenure.confidence,
        rank_inferred=tenure.rank_inferred, recorded_at=at, end_reason=EndReason.HANDOFF.value,
    )  # fmt: skip
    party = _party(row)
    if not party or tenure.since is None or tenure.until > at or tenure.since >= tenure.until:
        return None
    if any(span[1:] == (party, tenure.since, tenure.until) for span in known):
        return row
    clashing = [span for span in known if _overlap(span, tenure)]
    taken = {rank for rank, *_ in clashing}
    free = [rank for rank in range(tenure.rank, LAST_RANK + 1) if rank not in taken]
    if not free or any(other == party for _, other, _, _ in clashing):
        return None
    row.rank, row.valid = free[0], (tenure.since, tenure.until)
    return row


def _known(ids: list[int]) -> dict[tuple[int, int], list[Span]]:
    found: dict[tuple[int, int], list[Span]] = defaultdict(list)
    rows = Ownership.objects.filter(asset_id__in=ids, state__in=[State.ACCEPTED.value, State.ENDED.value])
    for row in rows:
        found[row.asset_id, row.duty].append((row.rank, _party(row), row.valid.lower, row.valid.upper))
    return found


def _party(row: Ownership) -> int:
    return row.person_id if row.person_id is not None else -(row.team_id or 0)


def _overlap(span: Span, tenure: PastTenure) -> bool:
    _, _, start, end = span
    return bool((end is None or tenure.since < end) and start < tenure.until)
