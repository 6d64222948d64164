"""Twenty red tasks are one page: alerts join by lineage, and the root is the first red node (spec oncall 6)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

HOPS = 3
JOINS_WITHIN = timedelta(hours=6)


@dataclass(frozen=True)
class Failing:
    """An asset that fails, since when, and in which run of an orchestrator, if one is known."""

    asset: int
    since: datetime
    run: str = ""


@dataclass(frozen=True)
class Group:
    """An open incident: its alerts in the order they came."""

    incident: int
    alerts: tuple[Failing, ...]

    @property
    def began_at(self) -> datetime:
        return min(alert.since for alert in self.alerts)


def distances(start: int, edges: Mapping[int, Collection[int]], hops: int = HOPS) -> dict[int, int]:
    """How many steps each asset lies from `start` along `edges`, up to `hops`; a cycle ends. Without `start`."""
    found = {start: 0}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        if found[here] == hops:
            continue
        for other in sorted(edges.get(here, ())):
            if other not in found:
                found[other] = found[here] + 1
                queue.append(other)
    del found[start]
    return found


def joins(alert: Failing, group: Group, edges: Mapping[int, Collection[int]]) -> bool:
    """Whether the alert belongs to the group: in time, and on one directed path of three hops, or of the same run.

    `edges` maps an asset to what it reads from. Both directions are asked, never a sibling by way of its parent.
    """
    if alert.since - group.began_at > JOINS_WITHIN:
        return False
    if alert.run and any(alert.run == each.run for each in group.alerts):
        return True
    above = distances(alert.asset, edges)
    return any(
        each.asset == alert.asset or each.asset in above or alert.asset in distances(each.asset, edges)
        for each in group.alerts
    )


def groups_of(alert: Failing, groups: Iterable[Group], edges: Mapping[int, Collection[int]]) -> list[Group]:
    """Every open group the alert connects, oldest first: the first takes it, the others are merged into it."""
    fitting = [group for group in groups if joins(alert, group, edges)]
    return sorted(fitting, key=lambda group: (group.began_at, group.incident))


def root_of(failing: Sequence[Failing], edges: Mapping[int, Collection[int]]) -> int:
    """The failing asset without a failing ancestor; of several, and in a cycle, the one that failed first."""
    assets = {each.asset for each in failing}
    heads = [each for each in failing if not assets & (_ancestors(each.asset, edges) - {each.asset})]
    first = min(heads or failing, key=lambda each: (each.since, each.asset))
    return first.asset


def _ancestors(asset: int, edges: Mapping[int, Collection[int]]) -> set[int]:
    return set(distances(asset, edges, hops=HOPS * 2))
