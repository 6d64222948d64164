"""States, steps, kinds of failure and what data is owed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from oncall.domain.agreements import NightClass, NightException, Terms, check_terms, expiry_of, may_wake, reminder_days
from oncall.domain.decision import Hours
from oncall.domain.escalation import DEFAULT_STEPS, Position, delay_before, following, from_json, to_json
from oncall.domain.expectations import next_due, parse_rule
from oncall.domain.failure_kinds import FailureKind, failure_kind
from oncall.domain.incident_states import OPEN, State, may_close_with, may_move
from oncall.domain.sleeping import next_start
from oncall.domain.wall import instant_of
from portal.core.domain.calendars import parse_calendar
from portal.core.errors import DomainError

WEEK = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
MADRID = parse_calendar({"zone": "Europe/Madrid", "weekly": WEEK, "exceptions": {"2027-01-01": [], "2027-01-06": []}})


def utc(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def test_every_open_incident_can_be_resolved_and_merged() -> None:
    assert all(may_move(state, target) for state in OPEN for target in (State.RESOLVED, State.MERGED))


def test_what_is_merged_stays_so_and_the_resolved_opens_again() -> None:
    assert not any(may_move(State.MERGED, state) for state in State)
    assert may_move(State.RESOLVED, State.TRIGGERED)


@pytest.mark.parametrize(("cause", "may"), [("fixed_cause", "yes"), ("accepted", "yes"), ("false_alarm", "no")])
def test_what_woke_somebody_is_closed_by_a_cause_that_ends_it(cause: str, may: str) -> None:
    assert may_close_with(cause, has_woken=True) is (may == "yes")


def test_the_default_policy_reaches_the_organization_after_two_hours() -> None:
    position, at, told = Position(0, 0), 0, [0]
    while (position := following(position, DEFAULT_STEPS, 0)) is not None:  # type: ignore[assignment]  # ends by None
        at += delay_before(position, DEFAULT_STEPS)
        told.append(at // 60)
    assert told == [0, 15, 30, 60, 120]


def test_repeats_begin_again_a_quarter_of_an_hour_later_and_end() -> None:
    last = Position(0, len(DEFAULT_STEPS) - 1)
    again = following(last, DEFAULT_STEPS, 1)
    assert again == Position(1, 0)
    assert delay_before(Position(1, 0), DEFAULT_STEPS) == 900
    assert following(Position(1, 4), DEFAULT_STEPS, 1) is None


def test_steps_survive_storage() -> None:
    assert from_json(to_json(DEFAULT_STEPS)) == DEFAULT_STEPS


@pytest.mark.parametrize(
    "steps",
    [
        [], [{"targets": []}], [{"targets": ["nobody"]}], [{"targets": ["primary"], "delay_seconds": -1}],
        [{"targets": ["primary"]}] * 21, [{"targets": [{"kind": "person"}]}],
        [{"targets": ["primary"], "severity": "info"}],
    ],
)  # fmt: skip
def test_a_step_that_tells_nobody_is_refused(steps: list[dict[str, object]]) -> None:
    with pytest.raises(DomainError):
        from_json(steps)


@pytest.mark.parametrize(
    ("source", "text", "kind"),
    [
        ("expectation", "", FailureKind.LATE), ("schema_hash", "", FailureKind.SCHEMA_CHANGE),
        ("airflow", "java.lang.OutOfMemoryError: Java heap space", FailureKind.SKEW_OOM),
        ("airflow", "ExecutorLostFailure (executor 7 exited)", FailureKind.SKEW_OOM),
        ("airflow", "Container exited with exit code 137", FailureKind.SKEW_OOM),
        ("dbt", 'column "plan_id" does not exist', FailureKind.SCHEMA_CHANGE),
        ("dbt", "Got 3 results, configured to fail if != 0", FailureKind.QUALITY),
        ("airflow", "s3 partition dt=2027-02-02 not found", FailureKind.MISSING_DATA),
        ("airflow", "Connection refused", FailureKind.INFRA), ("airflow", "boom", FailureKind.UNKNOWN),
    ],
)  # fmt: skip
def test_the_kind_of_a_failure(source: str, text: str, kind: FailureKind) -> None:
    assert failure_kind(source, text) == kind


@pytest.mark.parametrize(
    ("rule", "zone", "after", "due"),
    [
        ({"kind": "nth_business_day", "n": 5, "hours": 7}, "UTC", "2027-01-02 00:00", "2027-01-11 07:00"),
        ({"kind": "daily", "hours": 4}, "UTC", "2027-01-02 05:00", "2027-01-03 04:00"),
        ({"kind": "daily", "hours": 4}, "UTC", "2027-01-02 03:59", "2027-01-02 04:00"),
        ({"kind": "daily", "hours": 28}, "UTC", "2027-01-02 03:00", "2027-01-02 04:00"),
        ({"kind": "weekly", "weekday": 0, "time": "10:00"}, "Europe/Madrid", "2027-06-15 00:00", "2027-06-21 08:00"),
        ({"kind": "month_end", "hours": 6}, "UTC", "2028-02-10 00:00", "2028-02-29 06:00"),
        ({"kind": "every", "minutes": 30}, "UTC", "2027-01-02 00:00", "2027-01-02 00:30"),
        ({"kind": "late_arrival", "hours": 48}, "UTC", "2027-01-02 00:00", "2027-01-02 01:00"),
    ],
)  # fmt: skip
def test_when_data_is_owed(rule: dict[str, object], zone: str, after: str, due: str) -> None:
    assert next_due(parse_rule(rule), zone, MADRID, utc(after)) == utc(due)


@pytest.mark.parametrize("rule", [{}, {"kind": "hourly"}, {"kind": "daily", "hours": -1}, {"kind": "late_arrival"},
                                  {"kind": "weekly", "time": "25:00"}, {"kind": "every", "minutes": 1}])  # fmt: skip
def test_a_rule_that_never_comes_due_is_refused(rule: dict[str, object]) -> None:
    with pytest.raises(DomainError):
        parse_rule(rule)


@pytest.mark.parametrize(
    ("day", "wall", "zone", "instant"),
    [
        (date(2027, 3, 28), time(2, 30), "Europe/Madrid", "2027-03-28 01:00"),
        (date(2027, 10, 31), time(2, 30), "Europe/Madrid", "2027-10-31 00:30"),
        (date(2027, 3, 14), time(2, 30), "America/New_York", "2027-03-14 07:00"),
        (date(2027, 10, 3), time(2, 15), "Australia/Lord_Howe", "2027-10-02 15:30"),
    ],
)  # fmt: skip
def test_wall_times_on_the_nights_of_the_change(day: date, wall: time, zone: str, instant: str) -> None:
    assert instant_of(day, wall, zone) == utc(instant)


def test_an_agreement_ends_after_six_months_unless_told_and_never_after_twelve() -> None:
    signed = date(2027, 1, 4)
    assert expiry_of(signed, None) == date(2027, 7, 4)
    assert expiry_of(signed, date(2028, 1, 4)) == date(2028, 1, 4)
    for wrong in (signed, date(2028, 1, 5)):
        with pytest.raises(DomainError):
            expiry_of(signed, wrong)


def test_both_sides_are_reminded_thirty_seven_and_one_day_before() -> None:
    end = date(2027, 7, 4)
    assert reminder_days(end, date(2027, 6, 1)) == [date(2027, 6, 4), date(2027, 6, 27), date(2027, 7, 3)]
    assert reminder_days(end, end - timedelta(days=7)) == [date(2027, 7, 3)]


def test_a_wake_exception_makes_a_gentle_agreement_one_that_wakes() -> None:
    gentle = Terms(NightClass.WITHIN_WEEK)
    close = NightException(date(2027, 1, 11), date(2027, 1, 15), NightClass.WAKE)
    assert (may_wake(gentle), may_wake(Terms(NightClass.WITHIN_WEEK, exceptions=(close,)))) == (False, True)
    check_terms(Terms(NightClass.WITHIN_WEEK, exceptions=(close,)))
    with pytest.raises(DomainError):
        check_terms(Terms(NightClass.WITHIN_WEEK, exceptions=(close, close)))


@pytest.mark.parametrize(
    ("now", "start"),
    [("2027-02-03 02:05", "2027-02-03 08:00"), ("2027-02-03 09:00", "2027-02-04 08:00"),
     ("2027-02-05 17:30", "2027-02-08 08:00")],
)  # fmt: skip
def test_a_sleep_ends_by_the_next_working_start(now: str, start: str) -> None:
    assert next_start(Hours(MADRID, "Europe/Madrid"), utc(now)) == utc(start)


@pytest.mark.parametrize(
    ("now", "start"), [("2027-02-03 02:05", "2027-02-03 08:00"), ("2027-02-03 15:00", "2027-02-04 08:00")]
)
def test_hours_that_never_end_begin_again_in_the_morning(now: str, start: str) -> None:
    around = parse_calendar({"zone": "Europe/Madrid", "weekly": {}, "exceptions": {}, "always_open": True})
    assert next_start(Hours(around, "Europe/Madrid"), utc(now)) == utc(start)
