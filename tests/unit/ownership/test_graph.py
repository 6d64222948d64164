"""Closures over the compressed graph, against a plain walk."""

from __future__ import annotations

from collections import defaultdict, deque

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ownership.domain.graph import DOWN, UP, build_snapshot, closure

EDGES = st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), max_size=60)


def walked(edges: list[tuple[int, int]], root: int, side: str, depth: int | None) -> dict[int, int]:
    """Breadth first over dicts: the oracle."""
    following = defaultdict(set)
    for src, dst in edges:
        one, other = (src, dst) if side == DOWN else (dst, src)
        following[one].add(other)
    distance, queue = {root: 0}, deque([root])
    while queue:
        node = queue.popleft()
        if depth is not None and distance[node] == depth:
            continue
        for after in following[node]:
            if after not in distance:
                distance[after] = distance[node] + 1
                queue.append(after)
    del distance[root]
    return distance


@given(EDGES, st.sampled_from([DOWN, UP]), st.sampled_from([None, 1, 2, 5]))
def test_a_closure_is_what_a_plain_walk_reaches(edges: list[tuple[int, int]], side: str, depth: int | None) -> None:
    graph = build_snapshot([src for src, _ in edges], [dst for _, dst in edges])
    for root in range(1, 32):
        ids, distances = closure(graph, root, side, depth)
        known = any(root in edge for edge in edges)
        assert dict(zip(ids.tolist(), distances.tolist(), strict=True)) == (
            walked(edges, root, side, depth) if known else {}
        )


@given(EDGES)
def test_ids_far_apart_give_the_same_closure(edges: list[tuple[int, int]]) -> None:
    near = build_snapshot([src for src, _ in edges], [dst for _, dst in edges])
    far = build_snapshot([src * 10**12 for src, _ in edges], [dst * 10**12 for _, dst in edges])
    for root in range(1, 31):
        assert (closure(near, root)[0].astype(np.int64) * 10**12).tolist() == closure(far, root * 10**12)[0].tolist()


def test_three_million_edges_would_take_less_than_40_mb() -> None:
    n, m = 10_000, 30_000
    src = np.arange(m, dtype=np.int64) % n
    graph = build_snapshot(src, (src * 7 + 1) % n)
    assert graph.bytes * 100 < 40_000_000


def test_a_closure_comes_nearest_first() -> None:
    graph = build_snapshot([1, 2, 3, 1], [2, 3, 4, 4])
    ids, distances = closure(graph, 1)
    assert (ids.tolist(), distances.tolist()) == ([2, 4, 3], [1, 1, 2])
