"""What unknown private work adds to a sum that somebody sees."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from portal.core.domain.private_sums import left_out_of, shown_of

PIECES = st.lists(st.integers(-5, 500), max_size=6)


def test_two_pieces_add_nothing_and_three_add_all_of_it() -> None:
    assert [shown_of(pieces) for pieces in ([], [60], [60, 30], [60, 30, 10])] == [0, 0, 0, 100]
    assert [left_out_of(pieces) for pieces in ([], [60], [60, 30], [60, 30, 10])] == [0, 60, 90, 0]


def test_a_piece_of_nothing_hides_nobody() -> None:
    assert shown_of([60, 30, 0]) == 0
    assert left_out_of([60, 30, 0]) == 90


@given(PIECES)
def test_shown_and_left_out_are_the_whole(pieces: list[int]) -> None:
    assert shown_of(pieces) + left_out_of(pieces) == sum(pieces)
