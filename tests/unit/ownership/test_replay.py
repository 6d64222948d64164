"""Dated comings and goings against a plain fold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ownership.domain.replay import Move, Tenure, ranked, replay

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(n: int) -> datetime:
    return START + timedelta(days=n)


MOVES = st.lists(
    st.builds(Move, st.integers(0, 9).map(day), st.sampled_from("abcd"), st.booleans()), max_size=25
)  # fmt: skip


def folded(moves: list[Move], at: datetime) -> set[str]:
    """The independent oracle: walk the moves up to an instant, in order."""
    present: set[str] = set()
    for move in sorted(moves, key=lambda move: move.at):
        if move.at <= at:
            present = present | {move.owner} if move.is_add else present - {move.owner}
    return present


def holding(tenures: list[Tenure], at: datetime) -> list[Tenure]:
    return [held for held in tenures if held.start <= at and (held.end is None or at < held.end)]


@given(MOVES)
def test_at_every_instant_the_owners_are_those_of_a_plain_fold(moves: list[Move]) -> None:
    tenures = replay(moves)
    for n in range(11):
        for at in (day(n), day(n) + timedelta(hours=1)):
            held = holding(tenures, at)
            assert {each.owner for each in held} == folded(moves, at)
            assert sorted(each.rank for each in held) == list(range(1, len(held) + 1))


@given(MOVES)
def test_no_two_tenures_of_a_rank_or_an_owner_overlap(moves: list[Move]) -> None:
    tenures = replay(moves)
    for n, one in enumerate(tenures):
        assert one.end is None or one.start < one.end
        for other in tenures[n + 1 :]:
            if one.rank == other.rank or one.owner == other.owner:
                assert (one.end is not None and one.end <= other.start) or (
                    other.end is not None and other.end <= one.start
                )


def test_a_chain_of_a_contract_is_one_rank() -> None:
    spans = [("c", day(0), day(5)), ("j", day(5), day(9)), ("b", day(9), None)]
    assert ranked(spans) == (
        [Tenure("c", 1, day(0), day(5)), Tenure("j", 1, day(5), day(9)), Tenure("b", 1, day(9))],
        [],
    )


def test_who_overlaps_is_a_backup_and_who_overlaps_with_themselves_is_left_out() -> None:
    spans = [("a", day(0), None), ("b", day(2), day(3)), ("a", day(4), day(5)), ("c", day(6), day(6))]
    kept, left_out = ranked(spans)
    assert ([(held.owner, held.rank) for held in kept], left_out) == ([("a", 1), ("b", 2)], ["a", "c"])
