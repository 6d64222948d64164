"""One clock: Python follows PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from portal.core import clock as portal_clock

if TYPE_CHECKING:
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT portal_now()")
        instant: datetime = cursor.fetchone()[0]
        return instant


def test_a_host_an_hour_wrong_still_writes_right_instants(monkeypatch: pytest.MonkeyPatch) -> None:
    real = portal_clock.process_clock
    monkeypatch.setattr(portal_clock, "process_clock", lambda: real() + timedelta(hours=1))
    monkeypatch.setattr(portal_clock, "_last", portal_clock._Measurement())
    portal_clock.measure_offset()
    assert abs(portal_clock.now() - database_now()) < timedelta(seconds=5)


def test_a_wait_for_the_answer_is_no_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    real: datetime = portal_clock.process_clock()
    asked: list[None] = []

    def late_the_second_time() -> datetime:
        asked.append(None)
        return real + timedelta(seconds=0.3 * (len(asked) > 1))

    monkeypatch.setattr(portal_clock, "_last", portal_clock._Measurement())
    monkeypatch.setattr(portal_clock, "process_clock", late_the_second_time)
    assert portal_clock.measure_offset() == timedelta(0)


def test_a_moved_clock_moves_python_and_the_database(clock: MovableClock) -> None:
    clock.set(datetime(2027, 3, 28, 1, tzinfo=UTC))
    assert abs(portal_clock.now() - database_now()) < timedelta(seconds=5)
    assert database_now().date() == datetime(2027, 3, 28, tzinfo=UTC).date()
