"""Calendar versions: immutable, checked, and read once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction

from portal.core.domain.working_time import add
from portal.core.errors import Conflict, DomainError, NotAllowed
from portal.core.models import AuditEntry, BusinessCalendar, CalendarVersion
from portal.core.queries.calendars import load_calendar, proposed_holidays
from portal.core.services.calendars import create_calendar, publish_calendar_version

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
WEEK: dict[str, Any] = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
CHRISTMAS = {"intervals": [], "name": "Christmas", "is_public_holiday": True}
pytestmark = pytest.mark.django_db


@pytest.fixture
def calendar() -> BusinessCalendar:
    return create_calendar(actor=None, name="Berlin office", at=START)


def publish(calendar: BusinessCalendar, **change: Any) -> CalendarVersion:
    content = {"weekly": WEEK, "exceptions": {}, "zone": "Europe/Berlin", "actor": None, "at": START} | change
    return publish_calendar_version(calendar=calendar, **content)


def test_new_hours_make_a_new_version_and_leave_the_old_one(calendar: BusinessCalendar) -> None:
    publish(calendar)
    publish(calendar, exceptions={"2026-12-25": CHRISTMAS})
    assert list(calendar.versions.order_by("n").values_list("n", "exceptions", "nominal_day_seconds")) == [
        (1, {}, 28_800),
        (2, {"2026-12-25": CHRISTMAS}, 28_800),
    ]


def test_the_same_hours_written_differently_make_no_new_version(calendar: BusinessCalendar) -> None:
    first = publish(calendar, exceptions={"2026-12-25": []})
    audited = AuditEntry.objects.count()
    again = publish(calendar, weekly=WEEK | {"sat": []}, exceptions={"2026-12-25": {"intervals": []}})
    assert (again.pk, calendar.versions.count(), AuditEntry.objects.count()) == (first.pk, 1, audited)


def test_an_always_open_version_keeps_nothing_but_that(calendar: BusinessCalendar) -> None:
    version = publish(calendar, always_open=True)
    assert (version.zone, version.weekly, version.nominal_day_seconds) == ("UTC", {}, 86_400)
    assert add(load_calendar(version.pk), START, 60) == START.replace(minute=1)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"zone": "Europe/Atlantis"}, "sla.unknown_zone", "zone"),
        ({"weekly": {"mon": [["17:00", "09:00"]]}}, "sla.bad_interval", "weekly.mon"),
        ({"weekly": {}}, "sla.never_open", "weekly"),
        ({"exceptions": {"2026-02-30": []}}, "sla.bad_interval", "exceptions.2026-02-30"),
        ({"nominal_seconds": 59}, "sla.bad_nominal_day", "nominal_seconds"),
    ],
)
def test_wrong_hours_are_refused_with_their_field(
    calendar: BusinessCalendar, change: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(DomainError) as caught:
        publish(calendar, **change)
    assert (caught.value.code, caught.value.field, calendar.versions.count()) == (code, field, 0)


def test_only_an_administrator_publishes(calendar: BusinessCalendar) -> None:
    with pytest.raises(NotAllowed):
        publish(calendar, actor=SimpleNamespace(is_admin=False))
    assert calendar.versions.count() == 0


def test_a_name_is_given_once(calendar: BusinessCalendar) -> None:
    with pytest.raises(Conflict):
        create_calendar(actor=None, name=calendar.name, at=START)


@pytest.mark.parametrize("statement", ["UPDATE core_calendarversion SET n = 9", "DELETE FROM core_calendarversion"])
def test_the_database_refuses_to_change_a_version(calendar: BusinessCalendar, statement: str) -> None:
    publish(calendar)
    with pytest.raises((ProgrammingError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_version_is_read_once_a_process(calendar: BusinessCalendar, django_assert_num_queries: Any) -> None:
    version = publish(calendar)
    with django_assert_num_queries(1):
        assert load_calendar(version.pk) is load_calendar(version.pk)


def test_holidays_are_proposed_for_a_part_of_a_country() -> None:
    berlin = {holiday.on: holiday.name for holiday in proposed_holidays("DE", "BE", 2027)}
    assert (berlin[date(2027, 3, 8)], date(2027, 1, 6) in berlin) == ("Women's Day", False)


def test_an_unknown_country_is_named() -> None:
    with pytest.raises(DomainError) as caught:
        proposed_holidays("XX", "", 2027)
    assert (caught.value.code, caught.value.field) == ("core.unknown_country", "country")
