"""The plan as arithmetic: lines, order, lock, votes, upkeep, outcomes (spec budget 4-6, 14)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.domain.quarter import quarter_called
from portal.core.errors import DomainError
from requests_queue.domain.budget import Terms
from requests_queue.domain.outcomes import Asked, judge
from requests_queue.domain.plan import (
    Uses,
    Wish,
    Work,
    checked_order,
    dates_of,
    lock_ruling,
    moved_across,
    moved_by,
    not_bumpable_at_risk,
    overbooked,
    placed,
    require_points,
    suggested_order,
    uses_of,
)
from requests_queue.domain.upkeep import (
    Pipeline,
    effect_of,
    maintenance_of,
    oncall_of,
    outlook,
    rate_of,
    share_of,
)

Q1 = quarter_called("2027q1")
EXAMPLE = uses_of(113_568, 16_560, 6_240, Terms())
MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)


def test_the_example_of_the_specification_has_both_lines() -> None:
    assert (EXAMPLE.floor, EXAMPLE.cap) == (5_678, 11_356)
    assert (EXAMPLE.line_1, EXAMPLE.line_2) == (79_412, 85_090)


def test_a_plan_of_80_000_minutes_locks_with_588_at_risk() -> None:
    ruling = lock_ruling([Work(1, 70_000), Work(2, 10_000, is_bumpable=True)], EXAMPLE)
    assert (ruling.is_allowed, ruling.at_risk, ruling.bumpable) == (True, 588, (2,))


@pytest.mark.parametrize(("planned", "over"), [(85_090, 0), (85_091, 1), (79_412, 0)])
def test_one_minute_over_the_second_line_is_refused(planned: int, over: int) -> None:
    assert lock_ruling([Work(1, planned)], EXAMPLE).over == over


def test_what_passes_a_line_takes_all_after_it_along() -> None:
    uses = Uses(capacity=100, maintenance=0, oncall=0, floor=10, cap=20)
    rows = placed([Work(1, 70), Work(2, 15), Work(3, 1), Work(4, 10), Work(5, 1)], uses)
    assert [(row.work.key, row.total, row.side) for row in rows] == [
        (1, 70, "fits"), (2, 85, "at_risk"), (3, 86, "at_risk"), (4, 96, "below"), (5, 97, "below"),
    ]  # fmt: skip
    assert not_bumpable_at_risk(rows) == [2, 3]


works = st.lists(st.integers(1, 60), max_size=8).map(
    lambda sizes: [Work(n, size) for n, size in enumerate(sizes)]
)  # fmt: skip


@given(works, st.integers(0, 200), st.integers(0, 20), st.integers(0, 20))
def test_a_line_is_where_the_running_sum_passes_it(rows: list[Work], capacity: int, floor: int, more: int) -> None:
    uses = Uses(capacity, 0, 0, floor, floor + more)
    totals = list(accumulate(work.minutes for work in rows))
    oracle = ["fits" if total <= uses.line_1 else "at_risk" if total <= uses.line_2 else "below" for total in totals]
    assert [row.side for row in placed(rows, uses)] == oracle


def test_an_order_is_suggested_by_points_and_delay_for_each_hour() -> None:
    wishes = [
        Wish(1, points=21, cost_of_delay=3, minutes=18 * 480, first_asked_at=MONDAY),
        Wish(2, points=8, cost_of_delay=5, minutes=600, first_asked_at=MONDAY),
        Wish(3, points=0, cost_of_delay=None, minutes=30, first_asked_at=MONDAY),
        Wish(4, points=0, cost_of_delay=1, minutes=60, first_asked_at=MONDAY - timedelta(days=1)),
    ]
    assert suggested_order(wishes) == [4, 3, 2, 1]


def test_a_line_moves_by_one_and_stays_at_the_ends() -> None:
    assert moved_by([1, 2, 3], 3, -1) == [1, 3, 2]
    assert moved_by([1, 2, 3], 1, -1) == [1, 2, 3]
    assert moved_by([1, 2, 3], 1, 1) == [2, 1, 3]


def test_a_line_below_the_cut_moves_in_front_of_what_was_last_above_it() -> None:
    uses = Uses(capacity=100, maintenance=0, oncall=0, floor=0, cap=0)
    rows = placed([Work(1, 50), Work(2, 40), Work(3, 30), Work(4, 9)], uses)
    assert moved_across(rows, 4, into=True) == [1, 4, 2, 3]
    assert moved_across(rows, 1, into=False) == [2, 3, 1, 4]


@pytest.mark.parametrize("order", [[1, 2], [1, 2, 2], [1, 2, 3, 4], [1, 2, 9]])
def test_a_ranking_with_missing_or_repeated_lines_is_refused(order: list[int]) -> None:
    with pytest.raises(DomainError) as refused:
        checked_order(order, [1, 2, 3])
    assert (refused.value.code, refused.value.field) == ("plan.bad_ranking", "order")


def test_the_eleventh_point_is_refused_with_what_is_left() -> None:
    require_points(4, 6)
    with pytest.raises(DomainError) as refused:
        require_points(5, 6)
    assert (refused.value.code, refused.value.extra) == ("plan.vote_quota", {"left": 4})
    with pytest.raises(DomainError, match="Whole points"):
        require_points(11, 0)


def test_a_person_with_more_work_than_time_is_over_by_the_difference() -> None:
    work = [("ada", 400), ("ada", 200), ("ben", 100), ("eve", 900)]
    assert overbooked(work, {"ada": 500, "ben": 100}) == {"ada": 100}


def test_a_plan_opens_35_days_before_its_quarter_and_closes_input_14_days_before() -> None:
    dates = dates_of(Q1, "Europe/Madrid")
    assert dates.opens_at == datetime(2026, 11, 27, 8, tzinfo=UTC)
    assert dates.input_closes_at == datetime(2026, 12, 18, 17, tzinfo=UTC)
    assert dates.lock_due_at == datetime(2026, 12, 27, 17, tzinfo=UTC)


def tier_2(started_on: date, history: tuple[int, ...] = ()) -> Pipeline:
    return Pipeline(1, "sessions", 2, started_on, history=history)


def test_a_pipeline_without_history_costs_half_as_much_again_in_its_first_full_quarter() -> None:
    pipeline = tier_2(date(2026, 11, 16))
    assert share_of(pipeline, Q1.before()).minutes == 720 * 46 // 92
    assert (share_of(pipeline, Q1).minutes, share_of(pipeline, Q1).is_first) == (1_080, True)
    assert share_of(pipeline, Q1.following()).minutes == 720


def test_two_quarters_of_logged_time_replace_the_default() -> None:
    assert (rate_of(2, (500,)).minutes, rate_of(2, (500,)).is_measured) == (720, False)
    assert (rate_of(2, (500, 900)).minutes, rate_of(2, (500, 900)).is_measured) == (500, True)
    assert rate_of(2, (9_000, 100, 200, 300, 400)).minutes == 200


def test_a_retired_pipeline_counts_to_its_last_day_and_the_dearest_stands_first() -> None:
    ends = Pipeline(2, "old", 1, date(2020, 1, 1), retired_on=date(2027, 2, 1))
    shares = maintenance_of([tier_2(date(2020, 1, 1)), ends], Q1)
    assert [(share.pipeline.name, share.minutes) for share in shares] == [("sessions", 720), ("old", 1440 * 31 // 90)]


def test_building_two_tier_2_pipelines_adds_2_160_and_then_1_440() -> None:
    assert effect_of([2, 2], []) == (2_160, 1_440)
    assert effect_of([2], [rate_of(1, ())]) == (1_080 - 1_440, 720 - 1_440)


def test_thirteen_weeks_without_a_history_are_6_240_minutes_of_on_call() -> None:
    assert oncall_of(13, []) == 6_240
    assert oncall_of(2, [0, 0, 100, 300, 500]) == 200


def test_four_pipelines_more_a_quarter_make_a_third_of_the_capacity_in_two_years() -> None:
    seen = outlook([], (Q1, 16_560, 113_568), (2_880, 4.0), other=6_240 + 11_356)
    assert (round(seen.line[0].share * 100, 1), round(seen.line[-1].share * 100, 1)) == (14.6, 34.9)
    assert (seen.line[-1].label, len(seen.line), seen.squeezed_in) == ("2029q1", 9, "2029q1")


@pytest.mark.parametrize(
    ("after", "word", "probability", "change"), [(4, "fell", 0.007, -74), (12, "not_shown", 0.33, -21)]
)
def test_a_fall_is_called_one_only_when_chance_would_not_do_it(
    after: int, word: str, probability: float, change: int
) -> None:
    verdict = judge(Asked(18, 90), Asked(after, 76), median_minutes=30)
    assert verdict.word == word
    assert round(verdict.probability, 3 if word == "fell" else 2) == probability
    assert verdict.change is not None
    assert round(verdict.change * 100) == change


def test_minutes_saved_are_negative_when_the_questions_grew() -> None:
    assert judge(Asked(9, 90), Asked(16, 80), median_minutes=30).minutes_saved == -240


def test_before_the_settling_time_is_over_it_is_too_early() -> None:
    assert judge(Asked(9, 90), Asked(0, 0), median_minutes=30).word == "too_early"


@given(st.integers(0, 25), st.integers(0, 25), st.integers(1, 90), st.integers(1, 90))
def test_the_probability_is_that_of_a_count_of_all_orders(before: int, after: int, days: int, later: int) -> None:
    """The oracle multiplies the terms as floats, one after another."""
    n, share = before + after, later / (days + later)
    term, total = (1 - share) ** n, 0.0
    for k in range(after + 1):
        total += term
        term *= (n - k) / (k + 1) * share / (1 - share)
    assert judge(Asked(before, days), Asked(after, later), 1).probability == pytest.approx(total, abs=1e-9)
