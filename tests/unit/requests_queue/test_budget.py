"""The budget's arithmetic: the case file, and rules that it does not drive."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_queue.domain import budget
from requests_queue.domain.budget import Balance, Ruling, Size, Terms
from requests_queue.domain.budget_cases import capacity_misses, scenario_misses

CASES = json.loads((Path(__file__).parents[2] / "cases" / "budget_cases.json").read_text())
TERMS = Terms()


@pytest.mark.parametrize("scenario", CASES["scenarios"], ids=[one["name"] for one in CASES["scenarios"]])
def test_every_step_of_the_cases_holds(scenario: dict[str, Any]) -> None:
    assert scenario_misses(scenario) == []


def test_the_capacity_example_holds() -> None:
    assert capacity_misses(CASES["capacity_example"]) == []


def test_a_wrong_case_is_noticed() -> None:
    wrong = CASES["scenarios"][1] | {"floor_bp": 499}
    assert scenario_misses(wrong) != []


def test_only_overdraft_carries_over() -> None:
    carried = budget.overdraft_of(12_000, 11_000)
    assert budget.cap_of(113_568, Terms(overdraft=carried)) == 10_356
    assert budget.overdraft_of(9_000, 11_000) == 0


def test_a_large_overdraft_never_takes_the_cap_below_the_floor() -> None:
    assert budget.cap_of(113_568, Terms(overdraft=50_000)) == 5_678


def test_the_forecast_carries_the_pace_on() -> None:
    recent = [80] * 20
    told = budget.forecast(Balance(113_568, spent=4_000, reserved=900), 11_356, recent, 25)
    assert (told.minutes, told.passes_cap_in) == (6_000, None)


def test_the_forecast_says_on_which_working_day_the_cap_is_passed() -> None:
    told = budget.forecast(Balance(100_000, spent=9_000), 10_000, [100] * 20, 25)
    assert told.passes_cap_in == 11  # 9,000 + 10 x 100 just reaches the cap, the eleventh day passes it


def test_the_queue_is_walked_from_the_oldest_and_stops_at_the_first_that_does_not_fit() -> None:
    balance = Balance(10_000, spent=900)
    assert budget.promoted([60, 40], balance, TERMS) == 2
    assert budget.promoted([120, 10], balance, TERMS) == 0


@pytest.mark.parametrize(
    ("size", "estimate", "spent", "tripped"),
    [(Size.SMALL, 60, 90, False), (Size.SMALL, 60, 91, True), (Size.SMALL, 110, 121, True),
     (Size.MEDIUM, 400, 600, False), (Size.MEDIUM, 400, 601, True)],
)  # fmt: skip
def test_work_that_outgrows_its_estimate_trips(size: Size, estimate: int, spent: int, tripped: bool) -> None:  # noqa: FBT001 (a table)
    assert budget.is_tripped(size, estimate, spent, TERMS) is tripped


@given(st.integers(1, 2000), st.integers(0, 400_000), st.integers(0, 40_000), st.integers(0, 40_000), st.booleans())
def test_the_decision_follows_the_table(
    estimate: int, capacity: int, spent: int, reserved: int, is_structural: bool,  # noqa: FBT001 (hypothesis)
) -> None:  # fmt: skip
    """An oracle that reads the table of the spec cell by cell, with fractions instead of floors."""
    size = budget.size_of(estimate, TERMS, is_structural=is_structural)
    total = spent + reserved + estimate
    column = 0 if 20 * total <= capacity else 1 if 10 * total <= capacity else 2
    row = 2 if is_structural or estimate > 480 else 1 if estimate > 120 else 0
    table = [
        [Ruling.ACCEPT, Ruling.ACCEPT_AMBER, Ruling.QUEUE],
        [Ruling.ACCEPT, Ruling.LEAD_APPROVAL, Ruling.DEFER],
        [Ruling.DEFER] * 3,
    ]
    assert budget.decide(size, estimate, Balance(capacity, spent, reserved), TERMS) == table[row][column]


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 5000)), max_size=30), st.integers(0, 100_000))
def test_reversing_everything_gives_the_opening_balance(work: list[tuple[int, int]], capacity: int) -> None:
    opening = balance = Balance(capacity)
    changes = []
    for minutes, reserved in work:
        changes += [budget.reserve(reserved), budget.spend(minutes, reserved)]
    for change in changes:
        balance = budget.apply(balance, change)
    for change in changes:
        balance = budget.apply(balance, budget.reverse(change))
    assert balance == opening
