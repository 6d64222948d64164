"""Plain turns that look fair and are not (spec oncall H23, H40)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oncall.domain.diff import Piece, compare
from oncall.domain.turn_warnings import turn_warnings

WEEKLY: dict[str, Any] = {"kind": "weekly", "handoffs": [{"dow": "mon", "time": "15:00"}]}
SPLIT: dict[str, Any] = {"kind": "weekly", "handoffs": [*WEEKLY["handoffs"], {"dow": "fri", "time": "15:00"}]}
SAME = "Plain turns: {} people have the same weeks every year, and the same holidays."


@pytest.mark.parametrize(
    ("rotation", "people", "said"),
    [
        (WEEKLY, 4, [SAME.format(4)]),
        (WEEKLY, 5, []),
        (SPLIT, 4, ["Plain turns: 2 blocks a week give all weekends to 2 of 4 people.", SAME.format(4)]),
        (SPLIT, 5, []),
        ({"kind": "daily"}, 7, ["Plain turns: 7 blocks a week give all weekends to 1 of 7 people.", SAME.format(7)]),
        (WEEKLY | {"every": 2}, 4, []),
        ({"kind": "monthly"}, 4, []),
        (WEEKLY, 1, []),
    ],
)
def test_turns_that_never_change_are_told_when_they_are_saved(
    rotation: dict[str, Any], people: int, said: list[str]
) -> None:
    assert turn_warnings(rotation, people) == said


@pytest.mark.parametrize("people", range(2, 9))
@pytest.mark.parametrize("blocks", [1, 2, 3, 7])
def test_the_weekends_reach_exactly_as_many_people_as_counting_says(blocks: int, people: int) -> None:
    reached = {(week * blocks + blocks - 1) % people for week in range(200)}
    days = [{"dow": "mon", "time": f"{hour:02}:00"} for hour in range(blocks)]
    said = turn_warnings({"kind": "weekly", "handoffs": days}, people)
    assert any("weekends" in each for each in said) == (len(reached) < people and blocks > 1)


@pytest.mark.parametrize(("days", "asked"), [(13, ("ines", "jonas")), (15, ())])
def test_a_shift_within_two_weeks_needs_a_yes_and_one_after_does_not(days: int, asked: tuple[str, ...]) -> None:
    at = datetime(2027, 6, 1, 9, tzinfo=UTC)
    start = at + timedelta(days=days)
    before, after = (Piece("primary", 0, who, start, start + timedelta(days=4)) for who in ("ines", "jonas"))
    assert compare([before], [after], at=at, notice_days=14).consent == asked
