"""The books of a period as an outsider, a member and nobody see them."""

from __future__ import annotations

from requests_queue.domain import budget
from requests_queue.domain.budget import Balance
from requests_queue.domain.unseen import Folded, Piece, as_seen, before, folded, spent_unseen, unseen_by

ADA, BEN = 1, 2
PIECES = tuple(Piece(n, 60, 10 * n, 0, frozenset({ADA})) for n in range(1, 4))
TRUE = Balance(10_000, spent=280, reserved=90, exempt=30)


def test_a_member_sees_the_books_as_they_are() -> None:
    assert unseen_by(PIECES, ADA) == ()
    assert as_seen(TRUE, ()) == TRUE


def test_below_three_requests_the_books_are_those_of_a_house_without_them() -> None:
    unseen = unseen_by(PIECES[:2], BEN)
    assert as_seen(TRUE, unseen) == Balance(10_000, spent=160, reserved=60, exempt=30)
    assert folded(unseen) is None
    assert spent_unseen(unseen) == {1, 2}


def test_from_three_requests_on_their_sum_stands_in_the_books() -> None:
    unseen = unseen_by(PIECES, None)
    assert as_seen(TRUE, unseen) == TRUE
    assert folded(unseen) == Folded(180, 60, 0)
    assert spent_unseen(unseen) == frozenset()


def test_each_sum_is_judged_by_itself() -> None:
    """Three have worked, of one something is still reserved: the time shows, the reservation does not."""
    pieces = [Piece(n, 60, 90 if n == 1 else 0, 0, frozenset()) for n in range(1, 4)]
    assert as_seen(TRUE, pieces) == Balance(10_000, spent=280, reserved=0, exempt=30)
    assert folded(pieces) == Folded(180, 0, 0)


def test_one_who_is_let_into_one_of_three_does_not_see_the_sum_of_the_others() -> None:
    pieces = (*PIECES[:2], Piece(3, 60, 30, 0, frozenset({BEN})))
    unseen = unseen_by(pieces, BEN)
    assert as_seen(TRUE, unseen) == Balance(10_000, spent=160, reserved=60, exempt=30)


def test_an_entry_is_taken_back_from_the_piece_of_its_request() -> None:
    change = budget.spend(20, 10)
    assert before(PIECES, 2, change)[1] == Piece(2, 40, 30, 0, frozenset({ADA}))
    assert before(PIECES, None, change) == PIECES
