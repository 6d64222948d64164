"""Rules become blocks in wall-clock time (spec oncall 3, hard cases H1-H10)."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.domain.coverage import covered_spans, restrict
from oncall.domain.instants import wall_instant
from oncall.domain.plan_facts import Member, Problem
from oncall.domain.points import day_points
from oncall.domain.rotation import DOWS, Block, blocks
from oncall.domain.sun import Segment, sun_report
from oncall.domain.turns import plan_turns

MADRID = "Europe/Madrid"
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
HOUR = timedelta(hours=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "at", "instant"),
    [
        (MADRID, "2027-03-28", "02:30", "2027-03-28 01:00"),
        (MADRID, "2027-10-31", "02:30", "2027-10-31 00:30"),
        ("America/New_York", "2027-03-14", "02:30", "2027-03-14 07:00"),
        ("Australia/Lord_Howe", "2027-10-03", "02:15", "2027-10-02 15:30"),
    ],
)
def test_a_missing_time_is_the_end_of_the_gap_and_a_repeated_one_the_first(
    zone: str, day: str, at: str, instant: str
) -> None:
    assert wall_instant(date.fromisoformat(day), time.fromisoformat(at), zone) == utc(instant)


def daily(at: str) -> dict[str, Any]:
    return {"kind": "daily", "start": "2027-01-01", "time": at}


def weekly(at: str, *dows: str, every: int = 1) -> dict[str, Any]:
    return {"kind": "weekly", "start": "2027-01-04", "every": every, "handoffs": [{"dow": d, "time": at} for d in dows]}


def test_handoffs_in_the_gap_touch_their_neighbours() -> None:
    found = blocks(daily("02:30"), MADRID, utc("2027-03-26"), utc("2027-04-01"))
    assert all(one.end == two.start for one, two in itertools.pairwise(found))


def test_a_week_over_the_clock_change_has_167_or_169_hours_and_a_day_stays_a_point() -> None:
    spring, autumn = (
        next(b for b in blocks(weekly("15:00", "mon"), MADRID, utc("2027-01-01"), utc("2028-01-01")) if b.start == at)
        for at in (utc("2027-03-22 14:00"), utc("2027-10-25 13:00"))
    )
    assert (spring.end - spring.start, autumn.end - autumn.start) == (167 * HOUR, 169 * HOUR)
    inner = [row.milli for row in day_points([(spring.start, spring.end)], MADRID, frozenset())][1:-1]
    assert inner == [1000, 1000, 1000, 1000, 1500, 1500]


def test_a_window_of_nine_stays_at_nine_over_the_clock_change() -> None:
    coverage = {"mode": "windows", "windows": [{"dow": dow, "from": "09:00", "to": "17:00"} for dow in DOWS]}
    spans = covered_spans(coverage, MADRID, utc("2027-03-27"), utc("2027-03-30"))
    assert [start.astimezone(ZoneInfo(MADRID)).strftime("%H:%M") for start, _ in spans] == ["09:00"] * 3
    assert [start.hour for start, _ in spans] == [8, 7, 7]


def test_follow_the_sun_reports_the_weeks_of_other_clock_changes() -> None:
    segments = [Segment("Europe/Berlin", "08:00", "20:00"), Segment("America/New_York", "14:00", "02:00")]
    report = sun_report(segments, date(2027, 1, 1), 365)

    def days(first: date, last: date) -> list[date]:
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    autumn = days(date(2027, 10, 31), date(2027, 11, 6))
    assert report.overlap_days() == days(date(2027, 3, 14), date(2027, 3, 27)) + autumn
    assert report.hole_days() == days(date(2027, 3, 15), date(2027, 3, 27)) + autumn
    assert {(s.hour, e.hour) for s, e in report.overlaps} == {(18, 19)}
    assert {(s.hour, e.hour) for s, e in report.holes} == {(6, 7)}
    assert (len(report.overlaps), len(report.holes)) == (21, 20)


@pytest.mark.parametrize("zone", ["Asia/Kuala_Lumpur", "Asia/Kolkata", "Australia/Lord_Howe"])
def test_a_year_in_any_zone_has_neither_gap_nor_overlap(zone: str) -> None:
    found = blocks(weekly("02:15", "mon", "fri"), zone, utc("2027-01-01"), utc("2028-01-01"))
    assert all(one.end == two.start for one, two in itertools.pairwise(found))
    assert (found[0].start, found[-1].end) == (utc("2027-01-01"), utc("2028-01-01"))


def night_windows() -> dict[str, Any]:
    return {"mode": "windows", "windows": [{"dow": dow, "from": "22:00", "to": "07:00"} for dow in WORKDAYS]}


def test_the_night_of_friday_ends_on_saturday_and_sunday_is_not_covered() -> None:
    spans = covered_spans(night_windows(), "UTC", utc("2027-01-08 12:00"), utc("2027-01-11 12:00"))
    assert spans == [(utc("2027-01-08 22:00"), utc("2027-01-09 07:00"))]


def test_a_window_over_the_week_s_end_is_one_shift() -> None:
    coverage = {"mode": "windows", "windows": [{"dow": "fri", "from": "20:00", "to": "08:00", "to_dow": "mon"}]}
    found = restrict(
        blocks(weekly("20:00", "fri"), "UTC", utc("2027-01-08 20:00"), utc("2027-01-15 20:00")),
        covered_spans(coverage, "UTC", utc("2027-01-08"), utc("2027-01-16")),
    )
    assert [block.served for block in found] == [((utc("2027-01-08 20:00"), utc("2027-01-11 08:00")),)]


def test_fourteen_members_each_serve_a_workday_before_anybody_twice() -> None:
    rule = {"kind": "daily", "start": "2027-01-04", "time": "09:00", "weekdays": list(WORKDAYS)}
    found = blocks(rule, "UTC", utc("2027-01-04 09:00"), utc("2027-02-11 09:00"))
    people = [Member(f"p{n:02}", "UTC") for n in range(14)]
    holders = plan_turns(Problem("UTC", found, people)).holders
    assert list(holders[:28]) == [member.handle for member in people] * 2


def test_months_are_clamped_from_their_anchor() -> None:
    rule = {"kind": "monthly", "start": "2027-01-31", "time": "09:00"}
    found = blocks(rule, "UTC", utc("2027-01-31 09:00"), utc("2027-05-01"))
    assert [b.start.date().isoformat() for b in found] == ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]


def test_the_leap_day_is_there_and_week_53_skips_no_turn() -> None:
    found = blocks(daily("09:00"), "UTC", utc("2028-02-28 09:00"), utc("2028-03-02 09:00"))
    assert [b.start.date().isoformat() for b in found] == ["2028-02-28", "2028-02-29", "2028-03-01"]
    weeks = blocks(weekly("09:00", "mon", every=2), "UTC", utc("2026-12-01"), utc("2027-03-01"))
    assert {two.start - one.start for one, two in itertools.pairwise(weeks[1:])} == {timedelta(days=14)}


def test_the_second_tuesday_of_odd_months() -> None:
    rule = {"kind": "monthly", "start": "2027-01-01", "time": "09:00", "nth_weekday": {"n": 2, "dow": "tue"},
            "parity": "odd"}  # fmt: skip
    found = blocks(rule, "UTC", utc("2027-01-12 09:00"), utc("2027-07-01"))
    assert [b.start.date().isoformat() for b in found] == ["2027-01-12", "2027-03-09", "2027-05-11"]


def test_hours_begin_anew_each_day() -> None:
    rule = {"kind": "hours", "every": 8, "time": "00:00"}
    found = blocks(rule, MADRID, utc("2027-03-27 23:00"), utc("2027-03-28 22:00"))
    assert [(b.end - b.start) // HOUR for b in found] == [8, 8, 7]


ZONES = st.sampled_from(
    ["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo", "Africa/Cairo"]
)
CLOCKS = st.times(max_value=time(23, 59)).map(lambda t: t.replace(second=0, microsecond=0))
DAYS = st.dates(date(2026, 1, 1), date(2029, 1, 1))


def holder_by_minute(zone: str, at: time, minute: datetime) -> date:
    """The oracle: the last day whose clock had shown the handoff's time, minute after minute."""
    local = minute.astimezone(ZoneInfo(zone))
    day = local.date()
    passed = (local.hour, local.minute) >= (at.hour, at.minute)
    if not passed and local.fold == 1:  # the clock showed it before it was set back
        earlier = (minute - timedelta(hours=1)).astimezone(ZoneInfo(zone))
        passed = earlier.date() == day and (earlier.hour, earlier.minute) >= (at.hour, at.minute)
    return day if passed else day - timedelta(days=1)


@given(ZONES, CLOCKS, DAYS, st.integers(0, 3 * 24 * 60))
def test_daily_blocks_agree_with_a_clock_watched_minute_by_minute(zone: str, at: time, day: date, minutes: int) -> None:
    start = datetime.combine(day, time(), UTC)
    minute = start + timedelta(minutes=minutes)
    found = blocks(daily(at.strftime("%H:%M")), zone, start - timedelta(days=2), start + timedelta(days=5))
    held = next(block for block in found if block.start <= minute < block.end)
    begun = held.start.astimezone(ZoneInfo(zone))
    assert begun.date() == holder_by_minute(zone, at, minute)


@given(ZONES, CLOCKS, st.lists(st.sampled_from(DOWS), min_size=1, max_size=7, unique=True), st.integers(1, 4), DAYS)
def test_blocks_of_any_weekly_rule_cover_every_minute_once(
    zone: str, at: time, dows: list[str], every: int, day: date
) -> None:
    start = datetime.combine(day, time(), UTC)
    found: list[Block] = blocks(
        weekly(at.strftime("%H:%M"), *dows, every=every), zone, start, start + timedelta(days=60)
    )
    assert (found[0].start, found[-1].end) == (start, start + timedelta(days=60))
    assert all(one.end == two.start and one.start < one.end for one, two in itertools.pairwise(found))
