"""Plans of change: which one, which step, what stands in the way, and in which order things run."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from ownership.domain.impact import asset_words, half_time, tally
from ownership.domain.plan_sql import DIALECTS, BadRange, Table, check_range, rollback_statements, statements
from ownership.domain.plans import (
    STEPS,
    Check,
    Choice,
    PlanKind,
    StepState,
    all_pass,
    choose,
    may_roll_back,
    open_step,
)
from ownership.domain.references import Point, Sight, burn_down, ordered_below, state_after
from ownership.domain.triggering import held, ready, trigger_body, trigger_key

SEEN = datetime(2026, 3, 2, 6, tzinfo=UTC)
DAY = timedelta(days=1)
ORDERS = Table("db.main.orders", keys=("id",), sums=("total",), columns=("id", "total"), where="day >= '2026-01-01'")


@pytest.mark.parametrize(
    ("answers", "kind"),
    [((True, False, True), PlanKind.SMALL), ((False, False, True), PlanKind.LARGE),
     ((True, True, True), PlanKind.LARGE), ((True, False, False), PlanKind.LARGE)],
)  # fmt: skip
def test_only_all_easy_is_the_small_plan(answers: tuple[bool, bool, bool], kind: PlanKind) -> None:
    assert choose(Choice(*answers)) is kind


def test_the_plans_have_nine_and_ten_steps_and_open_one_at_a_time() -> None:
    assert [len(STEPS[kind]) for kind in PlanKind] == [9, 10]
    assert open_step([StepState.DONE, StepState.SKIPPED, StepState.FAILED, StepState.TODO]) == 2
    assert open_step([StepState.DONE]) is None


def test_a_rollback_ends_with_the_old_table() -> None:
    assert may_roll_back(PlanKind.SMALL, {"swap"})
    assert not may_roll_back(PlanKind.SMALL, {"swap", "drop"})
    assert may_roll_back(PlanKind.LARGE, {"move"})
    assert not may_roll_back(PlanKind.LARGE, {"drop"})


def test_a_check_without_a_value_does_not_pass() -> None:
    assert all_pass([Check("rows", 0.1, 0.1)])
    assert not all_pass([Check("rows", 0.1, 0.11)])
    assert not all_pass([Check("rows", 0.1)])
    assert not all_pass([])


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("kind", ["backfill", "migration"])
def test_each_statement_is_one_that_its_warehouse_can_parse(kind: str, dialect: str) -> None:
    for step in STEPS[PlanKind(kind)]:
        for sql in statements(kind, step.code, ORDERS, dialect):
            assert len(sqlglot.parse(sql, dialect=dialect)) == 1
    assert rollback_statements(kind, ORDERS, dialect, is_swapped=True)


def test_a_swap_is_one_transaction_where_the_engine_can() -> None:
    assert statements("backfill", "swap", ORDERS, "postgres") == [
        "BEGIN", "ALTER TABLE db.main.orders RENAME TO orders_old",
        "ALTER TABLE db.main.orders_backfill RENAME TO orders", "COMMIT",
    ]  # fmt: skip
    assert statements("backfill", "swap", ORDERS, "snowflake") == [
        "ALTER TABLE db.main.orders SWAP WITH db.main.orders_backfill",
        "ALTER TABLE db.main.orders_backfill RENAME TO db.main.orders_old",
    ]
    assert statements("migration", "rename", ORDERS, "bigquery") == ["ALTER TABLE db.main.orders_v2 RENAME TO orders"]


def test_names_that_are_no_identifiers_are_quoted() -> None:
    sql = statements("backfill", "drop", Table('my table"; DROP TABLE x; --'), "postgres")
    assert sql == ['DROP TABLE IF EXISTS "my table""; DROP TABLE x; --_old"']


@pytest.mark.parametrize("text", ["1 = 1; drop table x", "day >", "1 = 1 group by 2", "1 = 1 union select 2"])
def test_a_range_is_one_condition_and_nothing_else(text: str) -> None:
    with pytest.raises(BadRange):
        check_range(text)


def test_a_range_is_kept_as_it_means() -> None:
    assert check_range("day>='2026-01-01' AND shop = 3") == "day >= '2026-01-01' AND shop = 3"
    assert check_range("  ") == ""


@pytest.mark.parametrize(
    ("state", "sight", "after"),
    [
        ("open", Sight(SEEN, None), "open"),
        ("open", Sight(None, SEEN), "moved"),
        ("open", Sight(SEEN, SEEN), "open"),
        ("open", Sight(None, None), "gone"),
        ("moved", Sight(SEEN, SEEN), "moved"),
        ("moved", Sight(SEEN + 2 * DAY, SEEN), "open"),
        ("moved", Sight(None, None), "moved"),
        ("gone", Sight(SEEN, None), "open"),
        ("waived", Sight(SEEN + 2 * DAY, None), "waived"),
        ("waived", Sight(None, SEEN), "moved"),
    ],
)
def test_a_reference_follows_what_sources_show(state: str, sight: Sight, after: str) -> None:
    assert state_after(state, sight, SEEN + DAY if state == "moved" else None) == after


def test_the_burn_down_counts_what_was_open_at_the_end_of_each_day() -> None:
    first = date(2026, 3, 1)
    rows = [(first, date(2026, 3, 3), date(2026, 3, 2)), (first, None, date(2026, 3, 4))]
    assert burn_down(rows, first, date(2026, 3, 4)) == [
        Point(date(2026, 3, 1), 2, 2), Point(date(2026, 3, 2), 2, 1), Point(date(2026, 3, 3), 1, 1),
        Point(date(2026, 3, 4), 1, 0),
    ]  # fmt: skip


EDGES = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20, unique=True)


@given(EDGES)
def test_what_runs_below_comes_after_what_feeds_it_and_each_once(pairs: list[tuple[int, int]]) -> None:
    edges = [(src, dst, SEEN + DAY * n) for n, (src, dst) in enumerate(pairs)]
    wanted = frozenset(range(1, 8))
    order = ordered_below(0, edges, wanted)
    place = {node: n for n, (node, _) in enumerate(order)}
    assert sorted(place) == sorted(wanted)
    assert all(place[one] < place[node] for node, before in order for one in before)


def test_a_cycle_is_cut_at_its_stalest_edge() -> None:
    edges = [(0, 1, SEEN), (1, 2, SEEN + 3 * DAY), (2, 3, SEEN + 2 * DAY), (3, 1, SEEN + DAY)]
    assert ordered_below(0, edges, frozenset({1, 2, 3})) == [
        (1, frozenset()), (2, frozenset({1})), (3, frozenset({2})),
    ]  # fmt: skip


def test_a_failure_holds_its_descendants_and_nothing_else() -> None:
    after = {2: [1], 3: [2], 4: [], 5: [4], 6: [3, 5]}
    states = {1: "failed", 2: "todo", 3: "todo", 4: "done", 5: "todo", 6: "todo"}
    assert held(states, after) == {2: 1, 3: 1, 6: 1}
    assert ready(states, after) == [5]


def test_each_scheduler_hears_the_key_in_its_own_words() -> None:
    key = trigger_key("BKF-3", "trigger", 41)
    assert key == "BKF-3:trigger:41"
    assert trigger_body("airflow2", key, "daily", "fct")["dag_run_id"] == key
    assert trigger_body("airflow3", key, "daily", "fct")["logical_date"] is None
    assert key in trigger_body("dbt_cloud", key, "7", "fct")["cause"]
    assert trigger_body("generic", key, "daily", "fct") == {
        "type": "ownership.trigger", "key": key, "job": "daily", "asset": "fct",
    }  # fmt: skip


def test_words_of_announcements() -> None:
    assert asset_words(["a"]) == "a"
    assert asset_words(["a", "b", "c"]) == "a, b and c"
    assert asset_words(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert tally({"pending": 3, "acknowledged": 1, "objected": 1, "superseded": 2}) == "2 of 5 have answered, 1 objects"
    assert half_time(SEEN, SEEN + 4 * DAY) == SEEN + 2 * DAY
