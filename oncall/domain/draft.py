"""The draft of a special period: who may be free of which block (spec oncall 3)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime


def draft_order(balances: Mapping[str, int]) -> list[str]:
    """Who chooses first: the highest balance; a tie by handle."""
    return sorted(balances, key=lambda handle: (-balances[handle], handle))


def run_draft(
    order: Sequence[str], wishes: Mapping[str, Sequence[datetime]], rounds: int, room: Callable[[datetime], int]
) -> list[tuple[int, str, datetime]]:
    """What each round protects, as (round, handle, start of the block).

    In a round each person protects the first own wish still open; a block takes at most `room(block)` =
    members - absent - slots needed protections.
    """
    granted: list[tuple[int, str, datetime]] = []
    taken: Counter[datetime] = Counter()
    own: dict[str, set[datetime]] = {handle: set() for handle in order}
    for number in range(1, rounds + 1):
        for handle in order:
            open_wishes = (w for w in wishes.get(handle, ()) if w not in own[handle] and taken[w] < room(w))
            wish = next(open_wishes, None)
            if wish is not None:
                granted.append((number, handle, wish))
                own[handle].add(wish)
                taken[wish] += 1
    return granted
