"""Small cells of reports: what fewer than three requests make up is never shown on its own (spec requests 9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_REQUESTS = 3
OTHER = "other"


@dataclass(frozen=True)
class Cell:
    """Minutes under a label, and how many requests they come from."""

    label: str
    minutes: int
    requests: int


def merged(cells: Sequence[Cell]) -> list[Cell]:
    """The cells with every small one in "other"; if that is still small it takes the smallest other cell along.

    What is left under three requests in all stays one cell: the team's sum is public anyway.
    """
    large = sorted((cell for cell in cells if cell.requests >= LEAST_REQUESTS), key=lambda cell: -cell.minutes)
    small = [cell for cell in cells if cell.requests < LEAST_REQUESTS]
    if not small:
        return large
    while large and sum(cell.requests for cell in small) < LEAST_REQUESTS:
        small.append(large.pop())
    rest = Cell(OTHER, sum(cell.minutes for cell in small), sum(cell.requests for cell in small))
    return [*large, rest] if rest.minutes else large


def middle(values: Sequence[float], share: float = 0.5) -> float | None:
    """The value that `share` of the values do not exceed (the lower one where two would do); None for none."""
    ordered = sorted(values)
    if not ordered:
        return None
    return ordered[min(len(ordered) - 1, max(0, -(-int(len(ordered) * share * 1000) // 1000) - 1))]
