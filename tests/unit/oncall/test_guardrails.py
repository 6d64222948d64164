"""When a night is given away, and what a team's figures turn red at (spec oncall 10)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from oncall.domain.guardrails import (
    Burden,
    broken_rule,
    is_over_pages,
    longest_rest,
    next_night,
    share_colour,
)

MADRID = "Europe/Madrid"
AT = datetime(2027, 2, 4, 3, tzinfo=UTC)  # Thursday 04:00 in Madrid
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def burden(
    pages: tuple[datetime, ...] = (), nights: tuple[date, ...] = (), work: tuple[tuple[datetime, datetime], ...] = ()
) -> Burden:
    return Burden(pages, nights, work, MADRID)


@pytest.mark.parametrize(
    ("days_ago", "rule"), [((0, 3, 6), "G1"), ((0, 3), ""), ((0, 3, 7), ""), ((0, 0, 0), "G1"), ((1, 3, 8, 9), "")]
)
def test_g1_is_the_third_page_at_night_within_seven_days(days_ago: tuple[int, ...], rule: str) -> None:
    pages = tuple(AT - n * DAY for n in sorted(days_ago, reverse=True))
    assert broken_rule(burden(pages), AT, {}) == rule


@pytest.mark.parametrize(("hours", "rule"), [(10.9, "G2"), (11.0, ""), (11.5, "")])
def test_g2_is_less_than_eleven_hours_of_rest_before_eight_in_the_evening(hours: float, rule: str) -> None:
    """Work until so many hours before 20:00, and from 20:00 of the day before on."""
    evening = datetime(2027, 2, 3, 19, tzinfo=UTC)  # 20:00 in Madrid
    worked = burden(work=((evening - DAY, evening - hours * HOUR),))
    assert longest_rest(worked, AT) == hours * HOUR
    assert broken_rule(worked, AT, {}) == rule


def test_a_page_interrupts_rest_and_two_short_rests_do_not_add_up() -> None:
    evening = datetime(2027, 2, 3, 19, tzinfo=UTC)
    pages = (evening - 16 * HOUR, evening - 8 * HOUR)
    assert longest_rest(burden(pages), AT) == 8 * HOUR
    assert broken_rule(burden(pages), AT, {}) == "G2"


@pytest.mark.parametrize(
    ("nights", "rule"),
    [((1, 2), "G3"), ((1, 3), ""), ((3,), ""), ((1, 2, 3), "G3"), ((1, 1), "")],
)
def test_g3_is_two_broken_nights_running(nights: tuple[int, ...], rule: str) -> None:
    assert broken_rule(burden(nights=tuple(date(2027, 2, day) for day in nights)), AT, {}) == rule


def test_a_team_may_switch_a_rule_off_and_the_next_one_still_acts() -> None:
    both = burden((AT - DAY, AT - HOUR, AT), (date(2027, 2, 2), date(2027, 2, 3)))
    assert [broken_rule(both, AT, off) for off in ({}, {"G1": False}, {"G1": False, "G3": False, "G2": False})] == [
        "G1", "G3", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("at", "night"),
    [
        ("2027-02-04T03:00", ("2027-02-04T21:00", "2027-02-05T06:00")),
        ("2027-02-04T20:59", ("2027-02-04T21:00", "2027-02-05T06:00")),
        ("2027-02-04T21:00", ("2027-02-05T21:00", "2027-02-06T06:00")),
        ("2027-03-27T12:00", ("2027-03-27T21:00", "2027-03-28T05:00")),
    ],
)
def test_the_next_night_is_from_ten_to_seven_of_the_persons_own_clock(at: str, night: tuple[str, str]) -> None:
    start, end = next_night(datetime.fromisoformat(at).replace(tzinfo=UTC), MADRID)
    assert (f"{start:%Y-%m-%dT%H:%M}", f"{end:%Y-%m-%dT%H:%M}") == night


@pytest.mark.parametrize(
    ("outside", "pages", "colour"),
    [(0, 0, "ok"), (15, 100, "ok"), (16, 100, "warn"), (30, 100, "warn"), (31, 100, "bad")],
)
def test_g5_turns_amber_over_fifteen_percent_and_red_over_thirty(outside: int, pages: int, colour: str) -> None:
    assert share_colour(outside, pages) == colour


@pytest.mark.parametrize(("shifts", "over"), [([], False), ([2, 2, 2], False), ([0, 2, 5], True), ([3], True)])
def test_g4_is_more_than_two_pages_a_shift_on_average(shifts: list[int], over: bool) -> None:  # noqa: FBT001 (a row)
    assert is_over_pages(shifts) == over
