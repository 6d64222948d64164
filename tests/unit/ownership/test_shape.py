"""The figures of a team, and what if somebody moved."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from ownership.domain.shape import HeldAsset, Seat, embed, shape_of

CORE, WEB = 1, 2
ANA, BO, CARL = 10, 11, 12
SEATS = [Seat(ANA, CORE, "DE"), Seat(BO, CORE, "DE"), Seat(CARL, WEB, "SE")]
DAYS = frozenset({date(2026, 8, 3), date(2026, 8, 4)})
ASSETS = [
    HeldAsset(ANA, has_real_backup=True),
    HeldAsset(BO, has_real_backup=False, uncovered=DAYS, crossings=1),
    HeldAsset(-CORE, has_real_backup=False, uncovered=frozenset({date(2026, 8, 4)})),
    HeldAsset(CARL, has_real_backup=True),
]


def test_a_team_answers_for_its_own_and_its_members_assets() -> None:
    core = shape_of(CORE, SEATS, ASSETS)
    assert (core.people, core.primaries, core.backed, core.islands, core.uncovered_days, core.crossings) == (
        2, 3, 1, 0, 2, 1,
    )  # fmt: skip
    assert (core.primaries_a_person, round(core.backed_share or 0, 2)) == (1.5, 0.33)
    assert shape_of(WEB, SEATS, ASSETS).islands == 1
    empty = shape_of(3, SEATS, ASSETS)
    assert (empty.primaries_a_person, empty.backed_share) == (None, None)


def test_embedding_somebody_takes_their_assets_along_and_makes_islands() -> None:
    then = embed(SEATS, BO, WEB)
    core, web = shape_of(CORE, then, ASSETS), shape_of(WEB, then, ASSETS)
    assert (core.people, core.primaries, core.islands, core.crossings) == (1, 2, 1, 0)
    assert (web.people, web.primaries, web.islands, web.crossings) == (2, 2, 2, 1)
    assert SEATS[1].team == CORE


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 3)), unique_by=lambda each: each[0]), st.integers(1, 3))
def test_a_move_loses_and_makes_nothing(drawn: list[tuple[int, int]], target: int) -> None:
    seats = [Seat(person, team, "DE") for person, team in drawn]
    assets = [HeldAsset(person, has_real_backup=person % 2 == 0) for person, _ in drawn]
    then = embed(seats, 1, target)
    for wanted in ("people", "primaries", "backed"):
        before = sum(getattr(shape_of(team, seats, assets), wanted) for team in (1, 2, 3))
        assert before == sum(getattr(shape_of(team, then, assets), wanted) for team in (1, 2, 3))
