"""References to a table that is to go: when they are open, what stands in the way of the drop (ownership 14)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from ownership.domain.plans import IMPORT_NEWER_THAN, NO_READ_FOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

KINDS = {
    "depends_on": "is built from it",
    "exposure": "shows it",
    "run_read": "read it in a run",
    "document": "describes it",
    "manual": "named by hand",
}
OPEN, MOVED, WAIVED, GONE = "open", "moved", "waived", "gone"
STATES = (OPEN, MOVED, WAIVED, GONE)


@dataclass(frozen=True)
class Sight:
    """What one source shows of a referrer: whether it reads the old table, the new one, and when that was seen."""

    reads_old_at: datetime | None
    reads_new_at: datetime | None


@dataclass(frozen=True)
class Obstacles:
    """Everything that forbids the drop; empty means it may go ahead."""

    references: tuple[str, ...] = ()
    objections: tuple[str, ...] = ()
    stale_sources: tuple[str, ...] = ()
    recent_reads: tuple[str, ...] = ()
    sentences: tuple[str, ...] = field(default=(), compare=False)

    def __bool__(self) -> bool:
        return bool(self.references or self.objections or self.stale_sources or self.recent_reads)


def state_after(state: str, sight: Sight, closed_at: datetime | None = None) -> str:
    """The state of a reference once the sources have been looked at.

    A read of the old table opens it, unless it was closed after that read; one of the new table alone closes it. What
    its owner waived stays waived until it moves; a referrer that shows neither is gone.
    """
    old, new = sight.reads_old_at, sight.reads_new_at
    if old is None:
        if new is not None:
            return MOVED
        return state if state in (MOVED, WAIVED) else GONE
    if state == WAIVED:
        return WAIVED
    if state == MOVED and closed_at is not None and old <= closed_at:
        return MOVED
    return OPEN


def is_stale_import(newest: datetime | None, at: datetime) -> bool:
    """An import of a source with an edge to the table must be younger than a day."""
    return newest is None or at - newest > IMPORT_NEWER_THAN


def is_recent_read(last: datetime, at: datetime) -> bool:
    """Somebody read the table in the last seven days."""
    return at - last < NO_READ_FOR


@dataclass(frozen=True)
class Point:
    """How many references were open at the end of a day, and how many should have been by their dates."""

    day: date
    open: int
    due: int


def burn_down(rows: Iterable[tuple[date, date | None, date | None]], first: date, last: date) -> list[Point]:
    """Open references a day from (opened on, closed on, due on); a day counts what was open at its end.

    `due` counts the references whose own date has not come yet: the line to keep under.
    """
    spans = list(rows)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [
        Point(
            day,
            sum(opened <= day and (closed is None or closed > day) for opened, closed, _ in spans),
            sum(opened <= day and (due is None or due > day) for opened, _, due in spans),
        )
        for day in days
    ]


def ordered_below(
    root: int, edges: Sequence[tuple[int, int, datetime]], wanted: frozenset[int]
) -> list[tuple[int, frozenset[int]]]:
    """What is below `root` in an order in which data can be rebuilt, each with its direct forerunners in the list.

    A cycle is cut at its stalest edge (the oldest last sight, then the smallest ids). Only assets of `wanted`.
    """
    known = wanted | {root}
    left = {(src, dst): seen for src, dst, seen in edges if src in known and dst in known and dst not in (src, root)}
    waiting = set(wanted)
    order: list[tuple[int, frozenset[int]]] = []
    before: dict[int, set[int]] = {node: {src for src, dst in left if dst == node} - {root} for node in wanted}
    while waiting:
        ready = sorted(node for node in waiting if not before[node] & waiting)
        if not ready:
            _cut(left, before, waiting)
            continue
        order += [(node, frozenset(before[node])) for node in ready]
        waiting.difference_update(ready)
    return order


def _cut(left: dict[tuple[int, int], datetime], before: dict[int, set[int]], waiting: set[int]) -> None:
    """Drop the stalest edge that lies on a cycle among what waits."""
    cyclic = [pair for pair in left if pair[0] in waiting and pair[1] in waiting and pair[0] in before[pair[1]]]
    on_cycle = [pair for pair in cyclic if _reaches(pair[1], pair[0], cyclic)]
    src, dst = min(on_cycle, key=lambda pair: (left[pair], pair))
    before[dst].discard(src)


def _reaches(start: int, end: int, pairs: Iterable[tuple[int, int]]) -> bool:
    following: dict[int, list[int]] = {}
    for src, dst in pairs:
        following.setdefault(src, []).append(dst)
    seen, stack = {start}, [start]
    while stack:
        node = stack.pop()
        if node == end:
            return True
        fresh = [after for after in following.get(node, ()) if after not in seen]
        seen.update(fresh)
        stack += fresh
    return False
