"""Layered layout of a lineage graph: pure, the same picture for the same graph (docs: lineage).

Nodes flow left to right, one column per rank. The steps are the classic ones for layered drawings:

1. break cycles        depth-first search; an edge back to an open node is turned round and remembered
2. rank                longest path from the sources; then a source moves right, next to its first reader
3. split long edges    one bend per column crossed, so that every segment joins neighbouring columns
4. order the columns   barycentre sweeps, right and left in turn, from two first orders (as given, and
                       depth first); the order with the fewest crossings wins
5. place               each node wants the mean height of its neighbours; the best heights that keep the
                       order and the gaps are an isotonic regression (pool adjacent violators) per column
6. gather              from the centre outwards each column comes as near as it may to the one before, so that what
                       is one step from the centre stands beside it, however wide the graph is further out

No randomness and no wall clock: the same graph gives the same picture, so the result can be cached
by graph version and compared in a test. Cost: O(sweeps * (V + E) log V), V counting the bends.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

COLUMN, ROW, BEND_ROW = 214.0, 50.0, 14.0
NODE_WIDTH, NODE_HEIGHT = 164.0, 40.0
SWEEPS, PLACE_SWEEPS = 12, 10
# With so many nodes and bends it is a hairball whatever is tried, and trying would take seconds.
HAIRBALL, HAIRBALL_SWEEPS, HAIRBALL_PLACE_SWEEPS = 12_000, 1, 3
LEVEL = 0.5
PULL_BENDS, PULL_MIXED, PULL_NODES, FREE = 8.0, 2.0, 1.0, 0.1
OPEN, DONE = 1, 2


@dataclass(frozen=True)
class Layout:
    """Top-left corner of every node, and for every edge the points it passes (ports and bends)."""

    position: dict[Hashable, tuple[float, float]]
    route: dict[tuple[Hashable, Hashable], list[tuple[float, float]]]
    turned: frozenset[tuple[Hashable, Hashable]]
    width: float
    height: float
    crossings: int


@dataclass
class _Layers:
    """Columns of vertices 0..n-1 (real) and n.. (bends), with the segments between neighbours."""

    columns: list[list[int]]
    rank: list[int]
    left: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    right: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    @property
    def is_hairball(self) -> bool:
        return len(self.rank) > HAIRBALL


def lay_out(
    nodes: Sequence[Hashable], edges: Iterable[tuple[Hashable, Hashable]], centre: Hashable | None = None
) -> Layout:
    """Place `nodes`; edges to unknown nodes and loops on one node are left out, doubles drawn once.

    `centre` is the node that a viewer sees first: the others gather around it.
    """
    index = {node: i for i, node in enumerate(nodes)}
    pairs = sorted({(index[a], index[b]) for a, b in edges if a in index and b in index and a != b})
    given = set(pairs)
    forward, turned = _break_cycles(len(nodes), pairs)
    layers, chains = _split_long_edges(_rank(len(nodes), forward), forward)
    crossings = _order(layers)
    y = _place(layers, len(nodes))
    if centre in index:
        _gather(layers, y, len(nodes), index[centre])
    top = min(y, default=0.0)
    at = [(layers.rank[v] * COLUMN, y[v] - top) for v in range(len(layers.rank))]
    route = {}
    for (a, b), chain in chains.items():
        points = [point for v in chain for point in _ports(at[v], bend=v >= len(nodes), first=v == chain[0])]
        if (b, a) in turned:
            route[nodes[b], nodes[a]] = points[::-1]
        if (a, b) in given:
            route[nodes[a], nodes[b]] = points
    return Layout(
        position={node: at[i] for node, i in index.items()},
        route=route,
        turned=frozenset((nodes[a], nodes[b]) for a, b in turned),
        width=(max(layers.rank, default=0)) * COLUMN + NODE_WIDTH,
        height=(max(y, default=0.0) - top) + NODE_HEIGHT,
        crossings=crossings,
    )


def _break_cycles(n: int, edges: list[tuple[int, int]]) -> tuple[list[tuple[int, int]], set[tuple[int, int]]]:
    """Turn round the edges that close a cycle; the rest is acyclic. Iterative, deep graphs are fine."""
    out = defaultdict(list)
    for a, b in edges:
        out[a].append(b)
    state, turned = [0] * n, set()
    for root in range(n):
        stack = [] if state[root] else [(root, iter(out[root]))]
        state[root] = state[root] or 1
        while stack:
            node, rest = stack[-1]
            for child in rest:
                if state[child] == 1:
                    turned.add((node, child))
                elif state[child] == 0:
                    state[child] = 1
                    stack.append((child, iter(out[child])))
                    break
            else:
                state[node] = 2
                stack.pop()
    return sorted({(b, a) if (a, b) in turned else (a, b) for a, b in edges}), turned


def _rank(n: int, edges: list[tuple[int, int]]) -> list[int]:
    """Longest path from the sources; a source then moves right, next to its nearest reader."""
    out, waiting = defaultdict(list), [0] * n
    for a, b in edges:
        out[a].append(b)
        waiting[b] += 1
    sources = [v for v in range(n) if not waiting[v]]
    rank, ready = [0] * n, list(sources)
    for v in ready:
        for w in out[v]:
            rank[w] = max(rank[w], rank[v] + 1)
            waiting[w] -= 1
            if not waiting[w]:
                ready.append(w)
    for v in sources:
        rank[v] = min((rank[w] for w in out[v]), default=1) - 1
    return rank


def _split_long_edges(
    rank: list[int], edges: list[tuple[int, int]]
) -> tuple[_Layers, dict[tuple[int, int], list[int]]]:
    """Add one bend in every column an edge passes over."""
    layers = _Layers([[] for _ in range(max(rank, default=0) + 1)], list(rank))
    chains = {}
    for a, b in edges:
        chain = [a]
        for r in range(rank[a] + 1, rank[b]):
            layers.rank.append(r)
            chain.append(len(layers.rank) - 1)
        chain.append(b)
        chains[a, b] = chain
        for v, w in pairwise(chain):
            layers.right[v].append(w)
            layers.left[w].append(v)
    return layers, chains


def _walk(layers: _Layers) -> list[int]:
    """Depth-first order over both directions: keeps connected parts together from the start."""
    seen, order = set(), []
    for root in range(len(layers.rank)):
        stack = [root]
        while stack:
            v = stack.pop()
            if v in seen:
                continue
            seen.add(v)
            order.append(v)
            stack += reversed(layers.right[v] + layers.left[v])
    return order


def _order(layers: _Layers) -> int:
    """Order every column from two starts and keep the better result; returns its crossings."""
    best, best_columns = None, layers.columns
    for start in (range(len(layers.rank)), _walk(layers)):
        layers.columns = [[] for _ in best_columns]
        for v in start:
            layers.columns[layers.rank[v]].append(v)
        for sweep in range((HAIRBALL_SWEEPS if layers.is_hairball else SWEEPS) + 1):
            if sweep:
                _sort_by_neighbours(layers, forward=sweep % 2 == 1)
            count = _crossings(layers)
            if best is None or count < best:
                best, best_columns = count, [list(column) for column in layers.columns]
    layers.columns = best_columns
    return best or 0


def _sort_by_neighbours(layers: _Layers, *, forward: bool) -> None:
    """One barycentre sweep: a vertex goes to the mean place of its neighbours on the side just done."""
    columns = layers.columns[1:] if forward else layers.columns[-2::-1]
    neighbours = layers.left if forward else layers.right
    place = {v: i for column in layers.columns for i, v in enumerate(column)}
    for column in columns:
        mean = {v: _mean_place(place, neighbours[v], v) for v in column}
        column.sort(key=mean.__getitem__)
        place.update(zip(column, range(len(column)), strict=True))


def _mean_place(place: dict[int, int], neighbours: list[int], v: int) -> float:
    if len(neighbours) == 1:
        return place[neighbours[0]]
    return sum([place[w] for w in neighbours]) / len(neighbours) if neighbours else place[v]


def _crossings(layers: _Layers) -> int:
    """Inversions between neighbouring columns: of the ends so far, those that lie below the next one.

    The ends so far are kept sorted; a binary insertion in C beats a Fenwick tree in Python at every size we draw.
    """
    total, right = 0, layers.right
    for here, there in pairwise(layers.columns):
        place = {v: i for i, v in enumerate(there)}
        seen: list[int] = []
        for v in here:
            following = right[v]
            if len(following) == 1:  # every bend, and most nodes
                end = place[following[0]]
                total += len(seen) - bisect_right(seen, end)
                insort(seen, end)
                continue
            ends = sorted([place[w] for w in following])
            for end in ends:
                total += len(seen) - bisect_right(seen, end)
            for end in ends:
                insort(seen, end)
    return total


def _place(layers: _Layers, n: int) -> list[float]:
    """Heights: alternate right and left; a bend pulls a bend hardest, which straightens long edges."""
    y = [0.0] * len(layers.rank)
    for column in layers.columns:
        offsets = _offsets(column, n)
        for v, offset in zip(column, offsets, strict=True):
            y[v] = offset - offsets[-1] / 2
    both = {v: layers.left[v] + layers.right[v] for v in range(len(y))}
    sweeps = HAIRBALL_PLACE_SWEEPS if layers.is_hairball else PLACE_SWEEPS
    for sweep in range(sweeps):
        last = sweep >= sweeps - 2
        forward = sweep % 2 == 0
        neighbours = both if last else (layers.left if forward else layers.right)
        for column in layers.columns if forward else reversed(layers.columns):
            wishes = [_wish(v, neighbours[v], y, n) for v in column]
            for v, height in zip(column, _fit(wishes, _offsets(column, n)), strict=True):
                y[v] = height
    return y


def _gather(layers: _Layers, y: list[float], n: int, centre: int) -> None:
    """The centre's column closes up around it; then one sweep to both sides, each column looking at the one before."""
    middle = layers.rank[centre]
    own = layers.columns[middle]
    offsets = _offsets(own, n)
    top = y[centre] - offsets[own.index(centre)]
    for v, offset in zip(own, offsets, strict=True):
        y[v] = top + offset
    outward = [(column, layers.left) for column in layers.columns[middle + 1 :]]
    outward += [(column, layers.right) for column in reversed(layers.columns[:middle])]
    for column, inner in outward:
        wishes = [_wish(v, inner[v], y, n) for v in column]
        for v, height in zip(column, _fit(wishes, _offsets(column, n)), strict=True):
            y[v] = height


def _wish(v: int, neighbours: list[int], y: list[float], n: int) -> tuple[float, float]:
    """The height a vertex would like, and how much it minds: bends pull bends hardest."""
    if not neighbours:
        return y[v], FREE
    to_node, to_bend = (PULL_MIXED, PULL_BENDS) if v >= n else (PULL_NODES, PULL_MIXED)
    if len(neighbours) == 1:
        w = neighbours[0]
        return y[w], to_bend if w >= n else to_node
    total = height = 0.0
    for w in neighbours:
        pull = to_bend if w >= n else to_node
        total += pull
        height += y[w] * pull
    return height / total, total


def _offsets(column: list[int], n: int) -> list[float]:
    """Smallest distance of each vertex from the first one: a bend needs less room than a node."""
    offsets = [0.0] if column else []
    for v, w in pairwise(column):
        offsets.append(
            offsets[-1] + (ROW if v < n and w < n else BEND_ROW if v >= n and w >= n else (ROW + BEND_ROW) / 2)
        )
    return offsets


def _fit(wishes: list[tuple[float, float]], offsets: list[float]) -> list[float]:
    """Least squares to the wishes that keeps every gap: pool adjacent violators."""
    blocks: list[list[float]] = []
    for (wish, weight), offset in zip(wishes, offsets, strict=True):
        blocks.append([wish - offset, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            value, mass, count = blocks.pop()
            block = blocks[-1]
            block[0] = (block[0] * block[1] + value * mass) / (block[1] + mass)
            block[1] += mass
            block[2] += count
    level = [value for value, _, count in blocks for _ in range(int(count))]
    return [v + o for v, o in zip(level, offsets, strict=True)]


def _ports(at: tuple[float, float], *, bend: bool, first: bool) -> list[tuple[float, float]]:
    """Where an edge leaves (right side) or enters (left side); past a column it keeps level for the column's width."""
    x, middle = at[0], at[1] + NODE_HEIGHT / 2
    left, right = (x, middle), (x + NODE_WIDTH, middle)
    return [left, right] if bend else [right] if first else [left]


def path(points: list[tuple[float, float]]) -> str:
    """SVG path: level at every point, so that a run of bends at one height is one straight line."""
    x, y = points[0]
    out = [f"M{x:.0f} {y:.0f}"]
    for nx, ny in points[1:]:
        middle = (x + nx) / 2
        out.append(
            f"H{nx:.0f}" if abs(ny - y) < LEVEL else f"C{middle:.0f} {y:.0f} {middle:.0f} {ny:.0f} {nx:.0f} {ny:.0f}"
        )
        x, y = nx, ny
    return "".join(out)
