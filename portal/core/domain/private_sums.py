"""Private work in sums: who does not know of it sees none of it below three pieces (spec security 2).

The one place of this rule; budgets, reports and loads all ask here. From three pieces on the sum holds them all: then
it tells that there is private work, and of none of the pieces what it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST_PIECES = 3


def shown_of(unknown: Iterable[int]) -> int:
    """What pieces that somebody does not know of add to a sum they see; a piece of nothing is none."""
    pieces = [piece for piece in unknown if piece]
    return sum(pieces) if len(pieces) >= LEAST_PIECES else 0


def left_out_of(unknown: Iterable[int]) -> int:
    """What has to be taken out of the true sum, so that it shows `shown_of` and no more."""
    pieces = [piece for piece in unknown if piece]
    return sum(pieces) - shown_of(pieces)
