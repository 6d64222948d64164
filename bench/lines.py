"""One figure, its peer and its limit, and what it is to reach."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """What one line of output says. Ratios: the larger, the better.

    `ratio_to_peer` is how many times better than the peer, `ratio_to_limit` the share of the limit that is reached.
    `value`, `limit` and `peer` are in `unit`; `cpu_us` is the CPU time of one of the `n` operations.
    """

    item: str
    name: str
    value: float
    unit: str
    n: int
    cpu_us: float | None = None
    limit: float | None = None
    ratio_to_limit: float | None = None
    peer: float | None = None
    ratio_to_peer: float | None = None
    goal_peer: float | None = None
    goal_limit: float | None = None
    goal_at_most: float | None = None

    def json(self) -> str:
        """The line as `performance.md` wants it."""
        keys = ("item", "name", "value", "unit", "limit", "ratio_to_limit", "peer", "ratio_to_peer", "n", "cpu_us")
        return json.dumps({key: _short(getattr(self, key)) for key in keys})

    def misses(self) -> list[str]:
        """Which goals are missed, in words."""
        return [
            f"{self.item} {self.name}: {what} is {_short(found)}, the goal is {sign} {goal}"
            for what, found, sign, goal in (
                ("ratio_to_peer", self.ratio_to_peer, ">=", self.goal_peer),
                ("ratio_to_limit", self.ratio_to_limit, ">=", self.goal_limit),
                ("value", self.value, "<=", self.goal_at_most),
            )
            if goal is not None and (found is None or (found < goal if sign == ">=" else found > goal))
        ]


def rate(
    item: str,
    name: str,
    seconds: float,
    n: int,
    *,
    peer: float | None = None,
    limit: float | None = None,
    goal_peer: float | None = None,
    goal_limit: float | None = None,
) -> Line:
    """A line in operations a second; `peer` and `limit` are seconds an operation."""
    each = seconds / n
    return Line(
        item, name, 1 / each, "1/s", n, each * 1e6,
        limit=limit and 1 / limit, ratio_to_limit=limit and limit / each,
        peer=peer and 1 / peer, ratio_to_peer=peer and peer / each,
        goal_peer=goal_peer, goal_limit=goal_limit,
    )  # fmt: skip


def _short(value: object) -> object:
    """Four digits say enough."""
    return float(f"{value:.4g}") if isinstance(value, float) else value
