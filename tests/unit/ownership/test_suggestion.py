"""The golden matrix of the exercise (spec exercise 2), and any small team against a plain search of everything."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from ownership.domain.suggestion import Suggested, Wanted, suggest

PEOPLE = ("ines", "jonas", "kofi", "maeve")
PROFIT = {"ines": 3, "jonas": 1, "kofi": 1, "maeve": 2}
GROWTH = {"ines": 1, "jonas": 3, "kofi": 2, "maeve": 2}
ENGAGEMENT = {"ines": 1, "jonas": 0, "kofi": 3, "maeve": 2}
PIPELINES = [
    Wanted("profit_agg_investor", 4, PROFIT), Wanted("growth_agg_investor", 4, GROWTH),
    Wanted("engagement_agg_investor", 4, ENGAGEMENT), Wanted("profit_unit_experiment", 2, PROFIT),
    Wanted("growth_daily_experiment", 2, GROWTH),
]  # fmt: skip


def test_four_engineers_and_five_pipelines_give_the_matrix_of_the_exercise() -> None:
    matrix = suggest(PEOPLE, PIPELINES)
    assert matrix.lines == (
        Suggested("engagement_agg_investor", "kofi", "ines"),
        Suggested("growth_agg_investor", "jonas", "kofi"),
        Suggested("growth_daily_experiment", "maeve", "jonas"),
        Suggested("profit_agg_investor", "ines", "maeve"),
        Suggested("profit_unit_experiment", "maeve", "jonas"),
    )
    assert dict(matrix.primary_points) == dict.fromkeys(PEOPLE, 4)
    assert dict(matrix.load) == dict.fromkeys(PEOPLE, 5.0)
    assert matrix.familiarity == 35


def test_nobody_who_knows_enough_leaves_the_line_empty() -> None:
    matrix = suggest(["ana", "bo"], [Wanted("a", 4, {"ana": 1, "bo": 1}), Wanted("b", 1, {"ana": 3})])
    assert matrix.lines == (Suggested("a", "", ""), Suggested("b", "ana", ""))


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from([1, 2, 4]), st.tuples(*[st.integers(0, 3)] * 3)), min_size=1, max_size=3))
def test_the_search_finds_what_trying_everything_finds(drawn: list[tuple[int, tuple[int, int, int]]]) -> None:
    people = ("ana", "bo", "cy")
    assets = [Wanted(f"a{n}", points, dict(zip(people, known, strict=True))) for n, (points, known) in enumerate(drawn)]
    lines = suggest(people, assets).lines
    assert _cost(people, assets, [(line.primary, line.backup) for line in lines]) == min(
        _cost(people, assets, choice) for choice in product(*(_pairs(people, asset) for asset in assets))
    )


def _pairs(people: tuple[str, ...], asset: Wanted) -> list[tuple[str, str]]:
    able = [who for who in people if asset.familiarity[who] >= 2]
    both = [(p, b) for p in able for b in people if b != p and asset.familiarity[b] >= 1]
    return both or [(p, "") for p in able] or [("", "")]


def _cost(people: tuple[str, ...], assets: list[Wanted], choice: object) -> tuple[object, ...]:
    pairs: list[tuple[str, str]] = list(choice)  # type: ignore[call-overload] # a tuple of pairs
    points = {who: sum(a.points for a, pair in zip(assets, pairs, strict=True) if pair[0] == who) for who in people}
    load = {
        who: points[who] + sum(a.points / 4 for a, pair in zip(assets, pairs, strict=True) if pair[1] == who)
        for who in people
    }
    known = sum(2 * a.familiarity.get(p, 0) + a.familiarity.get(b, 0) for a, (p, b) in zip(assets, pairs, strict=True))
    return max(points.values()), max(load.values()), -known, sum(v * v for v in load.values()), tuple(pairs)
