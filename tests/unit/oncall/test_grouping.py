"""Which alerts are one incident, and whose it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from oncall.domain.grouping import Failing, Group, distances, groups_of, joins, root_of

T0 = datetime(2027, 2, 3, 2, 5, tzinfo=UTC)
CHAIN = {2: [1], 3: [2], 4: [3], 5: [4], 20: [1]}


def alert(asset: int, minutes: int = 0, run: str = "") -> Failing:
    return Failing(asset, T0 + timedelta(minutes=minutes), run)


def group(number: int, *alerts: Failing) -> Group:
    return Group(number, alerts)


def test_three_steps_up_or_down_join_and_four_do_not() -> None:
    assert joins(alert(4), group(1, alert(1)), CHAIN)
    assert joins(alert(1), group(1, alert(4)), CHAIN)
    assert not joins(alert(5), group(1, alert(1)), CHAIN)


def test_a_sibling_is_not_on_the_path() -> None:
    assert not joins(alert(20), group(1, alert(2)), CHAIN)


def test_after_six_hours_a_new_incident_begins() -> None:
    assert joins(alert(2, 360), group(1, alert(1)), CHAIN)
    assert not joins(alert(2, 361), group(1, alert(1)), CHAIN)


def test_the_same_run_joins_whatever_the_lineage() -> None:
    assert joins(alert(99, run="dag:1"), group(1, alert(1, run="dag:1")), CHAIN)


def test_an_upstream_alert_connects_what_was_apart_and_the_oldest_takes_it() -> None:
    apart = [group(8, alert(20, 3)), group(7, alert(2, 1))]
    assert [each.incident for each in groups_of(alert(1, 5), apart, CHAIN)] == [7, 8]


def test_the_root_is_the_failing_asset_without_a_failing_ancestor() -> None:
    assert root_of([alert(4, 0), alert(3, 1), alert(2, 9)], CHAIN) == 2


def test_of_two_heads_the_first_to_fail_is_the_root() -> None:
    assert root_of([alert(2, 5), alert(20, 3)], CHAIN) == 20


def test_h34_a_cycle_ends_and_its_earliest_alert_is_the_root() -> None:
    cycle = {1: [3], 2: [1], 3: [2]}
    assert distances(1, cycle) == {3: 1, 2: 2}
    assert root_of([alert(3, 4), alert(2, 2), alert(1, 9)], cycle) == 2


@given(st.permutations([alert(asset, asset) for asset in (1, 2, 3, 4)]))
def test_the_order_of_arrival_does_not_change_the_root(order: list[Failing]) -> None:
    assert root_of(order, CHAIN) == 1
