"""The engine's promises as pure functions."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.engine.domain.ack_tokens import make_token, read_token
from portal.engine.domain.catch_up import has_jumped, rebased, split_expired, split_highest
from portal.engine.domain.cron import next_run
from portal.engine.domain.drafts import DueDeadline, Recipient, dedup_key
from portal.engine.domain.messages import fill, header
from portal.engine.domain.profiles import FAST, NORMAL, fits_lease
from portal.engine.domain.retries import deadline_wait, is_exhausted, job_wait, lifetime, wait_after
from portal.engine.domain.states import DELIVERY_MOVES, may_move
from portal.engine.domain.subjects import Subject

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def _due(number: int, step: int, due_at: datetime = NOON) -> DueDeadline:
    return DueDeadline(number * 10 + step, "house.step", Subject("house.thing", number), step, due_at, {})


def test_the_dedup_key_names_kind_subject_version_step_and_recipient() -> None:
    key = dedup_key("oncall.page", Subject("oncall.incident", 41), 2, Recipient(person_id=7))
    assert key == "oncall.page:oncall.incident.41:v1:s2:user.7"


@pytest.mark.parametrize(("failures", "seconds"), [(1, 60), (2, 120), (3, 240), (4, 480), (5, 900), (9, 900)])
def test_a_failing_handler_waits_longer_each_time_and_at_most_a_quarter_of_an_hour(failures: int, seconds: int) -> None:
    assert deadline_wait(failures) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("failures", "seconds"), [(1, 2), (2, 4), (5, 32), (8, 256), (9, 300), (12, 300)])
def test_a_page_is_retried_in_doubling_steps_up_to_five_minutes(failures: int, seconds: int) -> None:
    assert wait_after("page", failures, 1.0) == timedelta(seconds=seconds)
    assert wait_after("page", failures, 0.0) == timedelta(seconds=seconds / 2)


def test_an_info_waits_by_its_own_ladder_and_a_provider_may_ask_for_an_hour_at_most() -> None:
    assert [wait_after("info", n, 0.5).total_seconds() for n in (1, 2, 3, 4, 5, 6)] == [
        60,
        300,
        1800,
        7200,
        21600,
        21600,
    ]
    assert wait_after("page", 1, 1.0, retry_after=90.0) == timedelta(seconds=90)
    assert wait_after("page", 1, 1.0, retry_after=90_000.0) == timedelta(hours=1)


def test_an_event_is_tried_ten_times_over_three_days_each_time_a_fifth_sooner_or_later() -> None:
    waits = [wait_after("event", n, 0.5).total_seconds() for n in range(1, 10)]
    assert waits == [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
    assert (wait_after("event", 4, 0.0), wait_after("event", 4, 1.0)) == (timedelta(hours=1.6), timedelta(hours=2.4))
    assert [is_exhausted("event", n) for n in (9, 10)] == [False, True]
    assert sum(waits) * 1.2 < lifetime("event").total_seconds()


def test_a_page_ends_after_twelve_tries_and_an_info_by_time_alone() -> None:
    assert [is_exhausted("page", 11), is_exhausted("page", 12), is_exhausted("info", 50)] == [False, True, False]


def test_jobs_wait_ten_seconds_a_minute_six_minutes() -> None:
    assert [job_wait(n).total_seconds() for n in (1, 2, 3)] == [10, 60, 360]


def test_every_send_ends_well_before_its_lease() -> None:
    assert fits_lease(NORMAL)
    assert fits_lease(FAST) is (FAST.total_timeout + FAST.lease_margin <= FAST.lease)


def test_final_states_are_never_left() -> None:
    assert [state for state, moves in DELIVERY_MOVES.items() if not moves] == ["delivered", "cancelled", "dead"]
    assert not may_move("sent", "queued")


def test_only_the_highest_step_of_each_subject_is_told() -> None:
    told, skipped = split_highest([_due(1, 0), _due(1, 1), _due(2, 0)])
    assert [each.id for each in told] == [11, 20]
    assert [each.id for each in skipped] == [10]


def test_a_reminder_past_its_hour_expires() -> None:
    told, expired = split_expired([_due(1, 0), _due(2, 0, NOON - timedelta(hours=2))], NOON, timedelta(hours=1))
    assert ([each.id for each in told], [each.id for each in expired]) == ([10], [20])


def test_a_late_step_makes_the_following_count_from_now() -> None:
    assert rebased(NOON, NOON + timedelta(hours=8)) == NOON + timedelta(hours=8)
    assert rebased(NOON, NOON + timedelta(seconds=3)) == NOON


def test_a_leap_of_the_clock_is_one_that_the_own_clock_did_not_make() -> None:
    assert has_jumped(timedelta(minutes=10), timedelta(seconds=1))
    assert not has_jumped(timedelta(minutes=10), timedelta(minutes=10))
    assert not has_jumped(timedelta(minutes=-10), timedelta(seconds=1))


@pytest.mark.parametrize(
    ("cron", "zone", "after", "wanted"),
    [
        ("30 3 * * *", "UTC", "2026-11-24T03:30:00Z", "2026-11-25T03:30:00Z"),
        ("0 9 * * 1", "Europe/Madrid", "2026-11-24T12:00:00Z", "2026-11-30T08:00:00Z"),
        ("*/15 * * * *", "UTC", "2026-11-24T12:01:00Z", "2026-11-24T12:15:00Z"),
        ("30 2 * * *", "Europe/Madrid", "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z"),
        ("0 0 29 2 *", "UTC", "2026-11-24T12:00:00Z", "2028-02-29T00:00:00Z"),
    ],
)
def test_periodic_work_keeps_its_hour_on_the_wall(cron: str, zone: str, after: str, wanted: str) -> None:
    assert next_run(cron, zone, datetime.fromisoformat(after)) == datetime.fromisoformat(wanted)


@pytest.mark.parametrize("cron", ["", "* * * *", "61 * * * *", "0 0 31 2 *", "a * * * *"])
def test_a_malformed_schedule_is_refused(cron: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        next_run(cron, "UTC", NOON)


def test_a_token_is_stable_and_read_back_under_any_key() -> None:
    delivery = UUID("0190a000-0000-7000-8000-000000000001")
    token = make_token(delivery, b"old")
    assert token == make_token(delivery, b"old")
    assert read_token(token, [b"new", b"old"]) == delivery
    assert read_token(token, [b"new"]) is None


@given(st.text(max_size=60))
def test_no_text_is_mistaken_for_a_token(text: str) -> None:
    assert read_token(text, [b"key"]) is None


@given(st.integers(0, 31), st.integers(1, 255))
def test_a_token_with_one_byte_changed_is_refused(place: int, flip: int) -> None:
    token = make_token(uuid4(), b"key")
    raw = bytearray(base64.urlsafe_b64decode(token + "="))
    raw[place] ^= flip
    altered = base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")
    assert read_token(altered, [b"key"]) is None


def test_values_are_filled_in_once_and_their_braces_stay_literal() -> None:
    assert fill("{a} and {b}", {"a": "{b}", "b": "{0.__class__}"}) == "{b} and {0.__class__}"
    assert fill("{missing}!", {}) == "!"


def test_a_header_is_one_line() -> None:
    assert header("a\r\nBcc: x@y.z\u202e\x00") == "a Bcc: x@y.z"
