"""Clocks: the worked examples of the specification, to the second."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from portal.core.domain.calendars import parse_calendar
from requests_queue.domain.sla_clock import ClockEvent, ClockView, evaluate, reopened_target

HOUR = 3600
WEEK = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
NEW_YORK = parse_calendar(
    {"zone": "America/New_York", "weekly": WEEK, "exceptions": {"2026-11-26": [], "2026-12-25": []}}
)
ALWAYS = parse_calendar({"always_open": True})
CALENDARS = {"ny": NEW_YORK, "always": ALWAYS}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def event(kind: str, occurred: str, recorded: str = "", **data: Any) -> ClockEvent:
    return ClockEvent(kind, at(occurred), at(recorded or occurred), data)


def start(occurred: str, hours: float, calendar: str = "ny") -> ClockEvent:
    return event("start", occurred, target_seconds=int(hours * HOUR), calendar=calendar)


def judge(*events: ClockEvent, now: str) -> ClockView:
    return evaluate(events, CALENDARS, at(now))


def test_the_ladder_falls_on_shares_of_the_counted_time() -> None:
    view = judge(start("2026-11-20T22:45", 9), now="2026-11-20T22:45")
    assert [(step.percent, step.at) for step in view.steps] == [
        (50, at("2026-11-23T18:15")),
        (80, at("2026-11-23T20:57")),
        (100, at("2026-11-23T22:45")),
        (125, at("2026-11-24T16:00")),
        (200, at("2026-11-24T22:45")),
    ]


def test_a_target_cut_below_what_was_counted_leaves_an_hour_of_grace() -> None:
    view = judge(
        start("2026-11-24T15:00", 9),
        event("target_changed", "2026-11-24T20:00", target_seconds=4 * HOUR),
        now="2026-11-24T20:00",
    )
    assert (view.due_at, view.allowance_seconds, view.elapsed_seconds) == (at("2026-11-24T21:00"), 6 * HOUR, 5 * HOUR)


def test_a_longer_target_adds_its_time_and_skips_the_holiday() -> None:
    view = judge(
        start("2026-11-24T15:00", 9),
        event("target_changed", "2026-11-24T20:00", target_seconds=18 * HOUR),
        now="2026-11-24T20:00",
    )
    assert view.due_at == at("2026-11-27T15:00")


def test_a_target_change_never_moves_a_breach() -> None:
    broken = start("2026-11-24T15:00", 2)
    before = judge(broken, now="2026-11-24T18:00")
    after = judge(broken, event("target_changed", "2026-11-24T18:00", target_seconds=90 * HOUR), now="2026-11-24T18:00")
    assert (after.due_at, after.breach_at, after.is_breached) == (before.due_at, before.breach_at, True)


def test_a_new_calendar_counts_from_the_change_on() -> None:
    view = judge(
        start("2026-11-24T22:00", 3),
        event("calendar_changed", "2026-11-24T23:30", calendar="always"),
        now="2026-11-24T23:30",
    )
    assert (view.elapsed_seconds, view.due_at) == (HOUR, at("2026-11-25T01:30"))


def test_a_pause_entered_late_never_removes_a_breach() -> None:
    view = judge(
        start("2026-11-24T15:00", 2),
        event("pause", "2026-11-24T15:30", recorded="2026-11-24T18:00", reason="requester"),
        now="2026-11-24T19:00",
    )
    assert (view.is_breached, view.breach_at) == (True, at("2026-11-24T17:00"))


def test_two_reasons_to_wait_are_one_pause() -> None:
    view = judge(
        start("2026-11-24T15:00", 4),
        event("pause", "2026-11-24T16:00", reason="requester"),
        event("pause", "2026-11-24T17:00", reason="upstream"),
        event("resume", "2026-11-24T18:00", reason="requester"),
        event("resume", "2026-11-24T19:00", reason="upstream"),
        now="2026-11-24T20:00",
    )
    assert (view.elapsed_seconds, view.due_at, view.state) == (2 * HOUR, at("2026-11-24T22:00"), "running")


def test_a_paused_clock_has_no_due_instant_but_knows_what_is_left() -> None:
    view = judge(
        start("2026-11-24T15:00", 4), event("pause", "2026-11-24T16:00", reason="requester"), now="2026-11-25T16:00"
    )
    assert (view.state, view.due_at, view.remaining_seconds) == ("paused", None, 3 * HOUR)


@pytest.mark.parametrize(
    ("stop", "state"),
    [("2026-11-25T01:00", "met"), ("2026-11-25T14:00", "met"), ("2026-11-25T14:01", "breached_closed")],
)
def test_an_answer_after_closing_is_in_time_until_the_next_counted_instant(stop: str, state: str) -> None:
    view = judge(start("2026-11-24T14:00", 9), event("stop", stop), now="2026-12-01T12:00")
    assert (view.due_at, view.breach_at, view.state) == (at("2026-11-24T23:00"), at("2026-11-25T14:00"), state)


def test_a_cancelled_clock_is_neither_kept_nor_broken() -> None:
    view = judge(start("2026-11-24T15:00", 2), event("cancel", "2026-11-24T16:00"), now="2026-12-01T12:00")
    assert (view.state, view.is_breached) == ("cancelled", False)


def test_an_excuse_changes_nothing_else() -> None:
    broken = (start("2026-11-24T15:00", 2), event("stop", "2026-11-24T18:00"))
    plain, excused = (
        judge(*broken, now="2026-12-01T12:00"),
        judge(*broken, event("excuse", "2026-11-30T12:00"), now="2026-12-01T12:00"),
    )
    assert (excused.is_excused, excused.state, excused.breach_at) == (True, plain.state, plain.breach_at)


def test_a_reopened_request_gets_half_its_target_and_at_least_an_hour() -> None:
    assert (reopened_target(9 * HOUR, 0.5), reopened_target(5401, 0.5), reopened_target(60, 0.5)) == (16200, 3600, 3600)
    view = judge(start("2026-11-27T22:30", 4.5), now="2026-11-27T22:30")
    assert view.due_at == at("2026-11-30T18:00")


def test_the_next_update_skips_the_holiday() -> None:
    assert judge(start("2026-11-25T17:00", 9), now="2026-11-25T17:00").due_at == at("2026-11-27T17:00")
