"""The drawing of lineage: left to right, nothing on top of anything, the same picture for the same graph."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ownership.domain.lineage_layout import ROW, lay_out

GRAPHS = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=40)


@given(GRAPHS)
def test_every_edge_runs_to_the_right_unless_turned(edges: list[tuple[int, int]]) -> None:
    layout = lay_out(range(15), edges)
    for edge, points in layout.route.items():
        step = -1 if edge in layout.turned else 1
        assert all((after[0] - before[0]) * step > 0 for before, after in pairwise(points))


@given(GRAPHS)
def test_nodes_of_a_column_keep_their_distance(edges: list[tuple[int, int]]) -> None:
    columns: dict[float, list[float]] = defaultdict(list)
    for x, y in lay_out(range(15), edges).position.values():
        columns[x].append(y)
    for heights in columns.values():
        assert all(below - above >= ROW - 1e-6 for above, below in pairwise(sorted(heights)))


@given(GRAPHS)
def test_the_same_graph_gives_the_same_picture(edges: list[tuple[int, int]]) -> None:
    assert lay_out(range(15), edges) == lay_out(range(15), list(reversed(edges)))


def test_loops_doubles_cycles_and_nothing_pass() -> None:
    assert lay_out([], []).position == {}
    layout = lay_out([1, 2], [(1, 1), (1, 2), (1, 2), (2, 1), (1, 9)])
    assert (len(layout.route), layout.turned) == (2, frozenset({(2, 1)}))
