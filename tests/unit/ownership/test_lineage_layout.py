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


def inversions(layout_columns: list[list[int]], edges: list[tuple[int, int]]) -> int:
    """Pairs of edges that cross between neighbouring columns, counted one by one: the oracle."""
    place = {v: (x, y) for x, column in enumerate(layout_columns) for y, v in enumerate(column)}
    lines = [(*place[a], *place[b]) for a, b in edges]
    return sum(
        one[0] == other[0] and (one[1] - other[1]) * (one[3] - other[3]) < 0
        for index, one in enumerate(lines)
        for other in lines[:index]
    )


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=25, unique=True))
def test_crossings_are_counted_like_by_hand_and_never_exceed_those_of_the_input_order(
    pairs: list[tuple[int, int]],
) -> None:
    edges = [(a, b + 10) for a, b in pairs]
    layout = lay_out([*range(7), *range(10, 17)], edges)
    linked = {v for edge in edges for v in edge}
    columns = [
        [v for v in sorted(layout.position, key=lambda v: layout.position[v][1]) if v in linked and (v >= 10) is right]
        for right in (False, True)
    ]
    given_order = [sorted(v for v in linked if (v >= 10) is right) for right in (False, True)]
    assert layout.crossings == inversions(columns, edges)
    assert layout.crossings <= inversions(given_order, edges)


def test_an_edge_over_many_columns_runs_straight_where_nothing_is_in_its_way() -> None:
    layout = lay_out(range(6), [(0, 1), (1, 2), (2, 3), (0, 3), (4, 5)])
    heights = {y for _, y in layout.route[0, 3][1:-1]}
    assert len(heights) == 1


def test_what_is_one_step_from_the_centre_stands_beside_it_however_wide_the_graph_is() -> None:
    edges = [(n // 4, n) for n in range(4, 1024)] + [(0, n) for n in (1, 2, 3)]
    layout = lay_out(range(1024), edges, 0)
    middle = layout.position[0][1]
    assert {abs(layout.position[n][1] - middle) <= 2 * ROW for n in (1, 2, 3)} == {True}
    assert max(abs(layout.position[n][1] - middle) for n in range(4, 16)) <= 8 * ROW
    columns: dict[float, list[float]] = defaultdict(list)
    for x, y in layout.position.values():
        columns[x].append(y)
    for heights in columns.values():
        assert all(below - above >= ROW - 1e-6 for above, below in pairwise(sorted(heights)))


def test_a_column_of_ten_thousand_is_laid_out() -> None:
    layout = lay_out(range(10_001), [(0, n) for n in range(1, 10_001)])
    assert (len(layout.position), layout.crossings) == (10_001, 0)
