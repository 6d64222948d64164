"""Load, overload, islands and cover (spec ownership 8), with the examples of the page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ownership.domain.kinds import DATASET, MASTER_DATA, METRIC, PIPELINE
from ownership.domain.load import Owned, is_island, judge, points_of, uncovered

if TYPE_CHECKING:
    from ownership.domain.timelines import Span

START = datetime(2026, 8, 1, tzinfo=UTC)


def day(n: int) -> datetime:
    return datetime(2026, 8, n, tzinfo=UTC)


def rows(count: int, tier: int | None, kind: int, rank: int = 1) -> list[Owned]:
    return [Owned(tier, kind, rank)] * count


def test_an_analytics_engineer_with_three_boxes_is_overloaded_not_a_crossing() -> None:
    held = (
        rows(4, 1, PIPELINE.code) + rows(10, 2, MASTER_DATA.code) + rows(12, 3, METRIC.code)
        + rows(8, 2, DATASET.code, rank=2)
    )  # fmt: skip
    load = judge(held, [30, 30, 30, 52])
    assert (load.points, round(load.ratio, 2), sorted(load.boxes)) == (52.0, 1.73, ["master", "metric", "pipeline"])
    assert load.reason == "one person holds three boxes"


def test_two_boxes_at_the_same_load_are_not_too_much_and_twice_the_median_is() -> None:
    held = rows(13, 1, PIPELINE.code)
    assert judge(held, [30, 30, 30, 52]).reason == ""
    assert judge(held, [26, 26, 26, 52]).reason == "holds at least twice what is usual"
    assert judge(held, [1, 52]).reason == ""
    assert judge(rows(15, 1, PIPELINE.code), [1, 60]).reason == "holds at least twice what is usual"


@pytest.mark.parametrize(("tier", "points"), [(1, 4), (2, 2), (3, 1), (4, 0.5), (None, 0.5)])
def test_a_backup_weighs_a_quarter(tier: int | None, points: float) -> None:
    assert points_of(rows(1, tier, PIPELINE.code)) == points
    assert points_of(rows(1, tier, PIPELINE.code, rank=3)) == points / 4


def test_the_uncovered_days_of_the_example() -> None:
    away, backup = (day(3), day(22)), [(day(10), day(15))]
    assert uncovered(away, [backup]) == [(day(10), day(15))]
    assert uncovered(away, []) == [away]
    assert uncovered(away, [[]]) == []
    assert uncovered(away, [backup, [(day(12), day(20))]]) == [(day(12), day(15))]


@given(st.lists(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6)), max_size=3), max_size=3))
def test_a_day_is_uncovered_when_every_backup_is_away(drawn: list[list[tuple[int, int]]]) -> None:
    away = (START + timedelta(days=2), START + timedelta(days=18))
    gone: list[list[Span]] = [
        [(START + timedelta(days=first), START + timedelta(days=first + length)) for first, length in backup]
        for backup in drawn
    ]
    found = uncovered(away, gone)
    for half_day in range(2, 60):
        instant = START + timedelta(hours=12 * half_day)
        alone = away[0] <= instant < away[1] and all(
            any(start <= instant < end for start, end in backup) for backup in gone
        )
        assert any(start <= instant < end for start, end in found) == alone


def test_an_island_has_one_person_and_no_real_backup() -> None:
    assert is_island({1: 4}, has_real_backup=False)
    assert not is_island({1: 4}, has_real_backup=True)
    assert not is_island({1: 4, 2: 1}, has_real_backup=False)
    assert not is_island({}, has_real_backup=False)
