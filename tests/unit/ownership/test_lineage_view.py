"""Leaving assets out, and lighting a path."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ownership.domain.lineage_view import contracted, late_ways, lit_path

EDGES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25)


def paths_through(edges: set[tuple[int, int]], hidden: set[int], start: int) -> set[int]:
    """All assets reached from `start` with every asset between them hidden: the oracle, by rounds."""
    found = {dst for src, dst in edges if src == start}
    while True:
        more = {dst for src, dst in edges if src in found & hidden} - found
        if not more:
            return found - hidden
        found |= more


@given(EDGES, st.sets(st.integers(0, 9)))
def test_an_edge_stands_for_a_way_through_what_is_left_out(edges: list[tuple[int, int]], kept: set[int]) -> None:
    hidden = set(range(10)) - kept
    found = contracted(edges, kept)
    for start in kept:
        assert {dst for src, dst in found if src == start} == paths_through(set(edges), hidden, start) - {start}


def test_a_direct_edge_wins_over_a_way_round() -> None:
    assert contracted([(1, 2), (2, 3), (1, 3)], {1, 3}) == {(1, 3): True}
    assert contracted([(1, 2), (2, 3)], {1, 3}) == {(1, 3): False}


def test_a_path_lights_what_it_needs_and_what_it_feeds_and_nothing_beside() -> None:
    edges = [(1, 2), (2, 3), (3, 4), (1, 9), (9, 4), (8, 2)]
    lit, ways = lit_path(edges, 3)
    assert lit == {1, 2, 3, 4, 8}
    assert ways == {(1, 2), (2, 3), (3, 4), (8, 2)}


def test_lateness_comes_down_to_the_centre_and_no_further() -> None:
    edges = [(1, 2), (2, 3), (3, 4), (1, 9), (8, 2)]
    assert late_ways(edges, {1}, 3) == {(1, 2), (2, 3)}
    assert late_ways(edges, {4}, 3) == frozenset()
