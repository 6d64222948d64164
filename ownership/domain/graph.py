"""The whole lineage as two compressed rows: closures of any size without asking the database (spec performance d).

A `Snapshot` holds, for every asset by its place in `ids`, where its neighbours begin in one long array, downstream and
upstream. Three million edges over one million assets take under 40 MB. Built once a graph version, read by many.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

# numpy is untyped here: an array is Any, its shape and type are said in words.
Array = Any
DOWN, UP = "down", "up"
PLACE_BITS = 32
# Above this many times as many possible ids as edges a table of ids would be larger than the graph.
SPARSE = 4


@dataclass(frozen=True)
class Rows:
    """Neighbours of place p: `targets[starts[p]:starts[p + 1]]`, as places."""

    starts: Array
    targets: Array


@dataclass(frozen=True)
class Snapshot:
    """`ids` are sorted; `down` follows the data, `up` goes against it."""

    ids: Array
    down: Rows
    up: Rows

    @property
    def bytes(self) -> int:
        """What the arrays hold in memory."""
        rows = (self.down.starts, self.down.targets, self.up.starts, self.up.targets)
        return int(self.ids.nbytes + sum(array.nbytes for array in rows))


def build_snapshot(sources: Iterable[int] | Array, targets: Iterable[int] | Array) -> Snapshot:
    """The graph of the edges `sources[i] -> targets[i]`; loops and doubles are kept and cost a closure nothing."""
    src, dst = _as_ids(sources), _as_ids(targets)
    ids, from_place, to_place = _places(src, dst)
    return Snapshot(ids, _rows(from_place, to_place, len(ids)), _rows(to_place, from_place, len(ids)))


def closure(graph: Snapshot, root: int, side: str = DOWN, depth: int | None = None) -> tuple[Array, Array]:
    """Everything reached from the asset `root`, nearest first, with its distance in steps; the root is left out.

    `depth` ends the walk; an asset that the graph does not know has an empty closure. O(nodes + edges reached).
    """
    place = int(np.searchsorted(graph.ids, root))
    if place >= len(graph.ids) or graph.ids[place] != root:
        return graph.ids[:0], np.empty(0, np.int32)
    levels = _levels(graph.down if side == DOWN else graph.up, place, len(graph.ids), depth)
    if not levels:
        return graph.ids[:0], np.empty(0, np.int32)
    distances = np.repeat(np.arange(1, len(levels) + 1, dtype=np.int32), [len(level) for level in levels])
    return graph.ids[np.concatenate(levels)], distances


def _levels(rows: Rows, root: int, n: int, depth: int | None) -> list[Array]:
    """Places by distance: each round takes all neighbours of the last one in one gather."""
    is_seen = np.zeros(n, dtype=bool)
    is_seen[root] = True
    winner = np.empty(n, dtype=np.int32)
    front, found = np.array([root], dtype=np.int32), list[Array]()
    while depth is None or len(found) < depth:
        reached = _neighbours(rows, front)
        reached = reached[~is_seen[reached]]
        if not len(reached):
            break
        # Of an asset reached twice in a round, the place that wrote last stays.
        order = np.arange(len(reached), dtype=np.int32)
        winner[reached] = order
        front = reached[winner[reached] == order]
        is_seen[front] = True
        found.append(np.sort(front))
    return found


def _neighbours(rows: Rows, front: Array) -> Array:
    """The neighbours of all places of `front`, one after the other."""
    begins, ends = rows.starts[front], rows.starts[front + 1]
    if len(front) == 1:
        return rows.targets[int(begins[0]) : int(ends[0])]
    counts = ends - begins
    total = int(counts.sum())
    shift = np.repeat(begins - (np.cumsum(counts) - counts), counts)
    return rows.targets[shift + np.arange(total, dtype=np.int32)]


def _places(src: Array, dst: Array) -> tuple[Array, Array, Array]:
    """All ids in order, and both ends as places in them: by a table where ids are dense, else by search."""
    highest = int(max(src.max(initial=0), dst.max(initial=0)))
    if highest > SPARSE * (len(src) + 1):
        ids = np.unique(np.concatenate([src, dst]))
        return ids, np.searchsorted(ids, src).astype(np.int32), np.searchsorted(ids, dst).astype(np.int32)
    is_there = np.zeros(highest + 1, dtype=bool)
    is_there[src] = is_there[dst] = True
    place = np.cumsum(is_there, dtype=np.int32) - np.int32(1)
    return np.flatnonzero(is_there).astype(np.int32), place[src], place[dst]


def _rows(src: Array, dst: Array, n: int) -> Rows:
    """Sorted as one number of both ends, which is faster than sorting places and gathering afterwards."""
    starts = np.zeros(n + 1, dtype=np.int32)
    np.cumsum(np.bincount(src, minlength=n), out=starts[1:])
    pairs = src.astype(np.int64)
    pairs <<= PLACE_BITS
    pairs |= dst
    pairs.sort()
    # The cast keeps the low bits: the place of the far end.
    return Rows(starts, pairs.astype(np.int32))


def _as_ids(ends: Iterable[int] | Array) -> Array:
    return ends if isinstance(ends, np.ndarray) else np.fromiter(ends, dtype=np.int64)
