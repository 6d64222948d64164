"""A dated list of who came and who went becomes tenures with ranks, without one overlap (spec ownership 23.33)."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from ownership.domain.states import LAST_RANK

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


@dataclass(frozen=True)
class Move:
    """Somebody came (`is_add`) or went, at an instant."""

    at: datetime
    owner: str
    is_add: bool


@dataclass(frozen=True)
class Tenure:
    """`owner` held `rank` in [start, end); an `end` of None still holds."""

    owner: str
    rank: int
    start: datetime
    end: datetime | None = None


def replay(moves: Iterable[Move]) -> list[Tenure]:
    """The tenures of one asset. The longest there is rank 1; whoever goes lets the others move up.

    Going without having come is nothing, coming twice is once. At one instant the last word counts: nobody holds for
    no time. Beyond the fifth rank nobody is kept.
    """
    present: list[str] = []
    open_ranks: dict[str, Tenure] = {}
    done: list[Tenure] = []
    for instant, group in _by_instant(moves):
        for move in group:
            if move.is_add and move.owner not in present:
                present.append(move.owner)
            elif not move.is_add and move.owner in present:
                present.remove(move.owner)
        done += _turn(present[:LAST_RANK], open_ranks, instant)
    return sorted([*done, *open_ranks.values()], key=attrgetter("start", "rank"))


def _turn(present: list[str], open_ranks: dict[str, Tenure], at: datetime) -> list[Tenure]:
    """Close what changes at this instant, open what begins."""
    wanted = {owner: rank for rank, owner in enumerate(present, start=1)}
    ended = [held for owner, held in open_ranks.items() if wanted.get(owner) != held.rank]
    for held in ended:
        del open_ranks[held.owner]
    for owner, rank in wanted.items():
        if owner not in open_ranks:
            open_ranks[owner] = Tenure(owner, rank, at)
    return [Tenure(held.owner, held.rank, held.start, at) for held in ended if held.start < at]


def _by_instant(moves: Iterable[Move]) -> list[tuple[datetime, list[Move]]]:
    grouped: dict[datetime, list[Move]] = {}
    for move in moves:
        grouped.setdefault(move.at, []).append(move)
    return sorted(grouped.items())


def ranked(spans: Iterable[tuple[str, datetime, datetime | None]]) -> tuple[list[Tenure], list[str]]:
    """Spans of owners as tenures: each gets the best rank that is free for all of its time.

    The second value names the owners whose span found none, or who overlap with themselves: they are not kept.
    """
    kept: list[Tenure] = []
    left_out: list[str] = []
    for owner, start, end in sorted(spans, key=lambda span: span[1]):
        clashing = [held for held in kept if _overlap(held, start, end)]
        taken = {held.rank for held in clashing}
        rank = next((n for n in range(1, LAST_RANK + 1) if n not in taken), None)
        if rank is None or any(held.owner == owner for held in clashing) or (end is not None and end <= start):
            left_out.append(owner)
        else:
            kept.append(Tenure(owner, rank, start, end))
    return kept, left_out


def _overlap(held: Tenure, start: datetime, end: datetime | None) -> bool:
    return (held.end is None or start < held.end) and (end is None or held.start < end)
