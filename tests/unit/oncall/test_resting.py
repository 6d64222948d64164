"""When rest until noon is offered (spec additions, "rest")."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from oncall.domain.resting import rest_until

MADRID, NIGHT_FROM = "Europe/Madrid", time(22)
MORNING = datetime(2027, 2, 3, 7, tzinfo=UTC)  # Wednesday, 08:00 in Madrid
NOON = datetime(2027, 2, 3, 11, tzinfo=UTC)


def span(start: str, minutes: int) -> tuple[datetime, datetime]:
    begin = datetime.fromisoformat(f"2027-02-{start}+00:00")
    return begin, begin + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("work", "until"),
    [
        ([span("03T02:05", 60)], NOON),
        ([span("03T02:05", 59)], None),
        ([span("02T23:00", 30), span("03T04:00", 30)], NOON),
        ([span("02T20:00", 90)], None),  # 30 minutes of it after 22:00 in Madrid
        ([span("03T06:30", 600)], None),  # still at it: 30 minutes so far
    ],
)
def test_an_hour_awake_since_the_night_began(work: list[tuple[datetime, datetime]], until: datetime | None) -> None:
    assert rest_until(work, [], MORNING, MADRID, NIGHT_FROM) == until


def test_two_broken_nights_running() -> None:
    first, second = date(2027, 2, 1), date(2027, 2, 2)
    assert rest_until([], [first, second], MORNING, MADRID, NIGHT_FROM) == NOON
    assert rest_until([], [second], MORNING, MADRID, NIGHT_FROM) is None
    assert rest_until([], [date(2027, 1, 31), first], MORNING, MADRID, NIGHT_FROM) is None


def test_in_the_afternoon_nothing_is_owed() -> None:
    assert rest_until([span("03T02:05", 300)], [], NOON, MADRID, NIGHT_FROM) is None


def test_a_night_that_begins_after_midnight_is_that_of_the_same_day() -> None:
    assert rest_until([span("02T23:30", 60)], [], MORNING, MADRID, time(1)) is None
    assert rest_until([span("03T00:30", 60)], [], MORNING, MADRID, time(1)) == NOON
