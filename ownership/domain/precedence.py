"""Whose word counts: claims of several sources against what people have said (spec ownership 4).

Pure: the caller reads rows under the asset's lock and writes what comes back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ownership.domain.states import LAST_RANK, Basis, Origin, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

# A person is (id, 0), a team (0, id).
Party = tuple[int, int]


@dataclass(frozen=True)
class ClaimView:
    """An open claim; `party` is None while nobody is known by that text."""

    id: int
    source_id: int
    precedence: int
    basis: str
    confidence: float
    rank: int
    party: Party | None
    outcome: str = ""
    valid_from: datetime | None = None


@dataclass(frozen=True)
class RowView:
    """An accepted row that is open."""

    id: int
    party: Party
    rank: int
    origin: str
    source_id: int | None = None
    claim_id: int | None = None


@dataclass(frozen=True)
class Start:
    party: Party
    rank: int
    claim_id: int
    source_id: int
    confidence: float
    since: datetime | None = None
    rank_inferred: bool = True


@dataclass
class Settlement:
    """What to write: rows to start and to end at one instant, and the outcome of each claim."""

    start: list[Start] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    outcomes: dict[int, Outcome] = field(default_factory=dict)


def settle(claims: Sequence[ClaimView], rows: Sequence[RowView]) -> Settlement:
    """Settle one duty of one asset. Rows of people are never touched; a differing claim becomes a conflict.

    Otherwise the resolved declared claims of the one highest source are applied, first owner first; at equal
    precedence the source already applied stays. Rows whose claim is gone end. Settling twice changes nothing.
    """
    result = Settlement()
    for claim in claims:
        result.outcomes[claim.id] = _plain_outcome(claim)
    declared = [claim for claim in claims if _counts(claim)]
    people = {row.party for row in rows if row.origin != Origin.IMPORT}
    imported = [row for row in rows if row.origin == Origin.IMPORT]
    if people:
        holding = people | {row.party for row in imported}
        for claim in declared:
            result.outcomes[claim.id] = Outcome.APPLIED if claim.party in holding else Outcome.CONFLICT
        live = {claim.id for claim in declared}
        result.end = [row.id for row in imported if row.claim_id not in live]
        return result
    winners = _winners(declared, imported, result)
    _apply(winners, imported, result)
    return result


def _plain_outcome(claim: ClaimView) -> Outcome:
    if claim.outcome == Outcome.MUTED:
        return Outcome.MUTED
    if claim.party is None:
        return Outcome.UNRESOLVED
    return Outcome.SHADOWED if claim.basis == Basis.DECLARED else Outcome.PROPOSED


def _counts(claim: ClaimView) -> bool:
    return claim.party is not None and claim.basis == Basis.DECLARED and claim.outcome != Outcome.MUTED


def _winners(declared: Sequence[ClaimView], imported: Sequence[RowView], result: Settlement) -> list[ClaimView]:
    """The claims of the one source that is applied, best rank first."""
    top = max((claim.precedence for claim in declared), default=0)
    rivals = sorted({claim.source_id for claim in declared if claim.precedence == top})
    if not rivals:
        return []
    applied = {row.source_id for row in imported}
    chosen = next((source for source in rivals if source in applied), rivals[0])
    for claim in declared:
        if claim.precedence == top and claim.source_id != chosen:
            result.outcomes[claim.id] = Outcome.CONFLICT
    winners = [claim for claim in declared if claim.source_id == chosen]
    return sorted(winners, key=lambda claim: (claim.rank, -claim.confidence, claim.id))


def _apply(winners: Sequence[ClaimView], imported: Sequence[RowView], result: Settlement) -> None:
    wanted: dict[Party, tuple[int, ClaimView]] = {}
    for claim in winners:
        result.outcomes[claim.id] = Outcome.APPLIED
        if claim.party is not None and claim.party not in wanted and len(wanted) < LAST_RANK:
            wanted[claim.party] = (len(wanted) + 1, claim)
    kept = {row.party for row in imported if _fits(row, wanted.values())}
    result.end = [row.id for row in imported if row.party not in kept]
    result.start = [
        Start(party, rank, claim.id, claim.source_id, claim.confidence, claim.valid_from)
        for party, (rank, claim) in wanted.items()
        if party not in kept
    ]


def _fits(row: RowView, wanted: Iterable[tuple[int, ClaimView]]) -> bool:
    return any(
        claim.party == row.party and rank == row.rank and claim.source_id == row.source_id for rank, claim in wanted
    )
