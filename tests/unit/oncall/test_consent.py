"""When people are reminded, and what their answers decide (spec oncall 5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.domain.consent import Answer, EditState, ask_steps, joined, line_of, lines_of, mark_of, moved_of, verdict
from oncall.domain.diff import Moved
from tests.unit.oncall.test_rotations import utc

ASKED = utc("2027-10-05 12:00")


@pytest.mark.parametrize(
    ("hours", "remind", "lead"), [(24 * 13, 24, 72), (72, 24, 48), (36, 12, 24), (3, 1, 2)]
)  # fmt: skip
def test_after_a_day_they_are_reminded_and_after_three_the_lead_hears_or_sooner(
    hours: int, remind: int, lead: int
) -> None:
    steps = ask_steps(ASKED, ASKED + timedelta(hours=hours))
    assert steps == (ASKED + timedelta(hours=remind), ASKED + timedelta(hours=lead))


@given(st.lists(st.sampled_from(list(Answer)), min_size=1))
def test_one_no_declines_and_everybody_else_has_to_answer(answers: list[Answer]) -> None:
    expected = EditState.APPLIED
    for answer in answers:
        if answer == Answer.NONE and expected != EditState.DECLINED:
            expected = EditState.WAITING
        if answer == Answer.NO:
            expected = EditState.DECLINED
    assert verdict(answers) == expected


def test_a_stretch_survives_storage_and_each_is_shown_their_own() -> None:
    first = Moved("primary", 0, utc("2027-10-18 09:00"), utc("2027-10-25 09:00"), "ann", "bob")
    second = Moved("primary", 0, utc("2027-10-25 09:00"), utc("2027-11-01 09:00"), "bob", "")
    lines = [line_of(first), line_of(second)]
    assert [moved_of(line) for line in lines] == [first, second]
    assert (lines_of("ann", lines), lines_of("bob", lines)) == (lines[:1], lines)
    assert mark_of(lines[:1]) != mark_of(lines)


def test_neighbours_with_the_same_people_are_one_stretch() -> None:
    half = utc("2027-10-20 09:00")
    row = Moved("primary", 0, utc("2027-10-18 09:00"), utc("2027-10-25 09:00"), "ann", "bob")
    parts = [Moved("primary", 0, row.start, half, "ann", "bob"), Moved("primary", 0, half, row.end, "ann", "bob")]
    assert joined(parts) == [row]
    assert joined([row]) == [row]
