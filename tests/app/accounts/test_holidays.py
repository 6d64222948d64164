"""Public holidays by page and API: confirmed by admins, taken over by hours, never in the past (spec accounts 3)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import ProgrammingError, transaction
from django.test import Client

from portal.accounts.models import HolidayFollower, HolidaySet
from portal.accounts.queries.teams import newest_version
from portal.accounts.services.holidays import follow_own_holidays, recompose_hours
from portal.core.models import AuditEntry, CalendarVersion
from portal.site.queries.checks_of_work import holiday_years
from tests.app.accounts.test_api import door
from tests.unit.accounts.test_holidays import FILE
from tests.world import make_admin

if TYPE_CHECKING:
    from rest_framework.test import APIClient

    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 24, 10, tzinfo=UTC)
PAGE, API = "/admin-setup/holidays/DE-BE/2026", "/api/v1/holidays/DE/BE/2026"
DAYS = {"dates": [{"date": "2026-12-24", "name": "Eve"}, {"date": "2026-12-25", "name": "Christmas Day"}]}


@pytest.fixture
def admin(world: World, clock: MovableClock) -> Person:
    del world
    clock.set(NOW)
    return make_admin()


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def program(person: Person) -> APIClient:
    return door(person, "people:read", "people:write", "me:read", "me:write")


def exceptions_of(calendar_id: int | None) -> dict[str, Any]:
    assert calendar_id is not None
    return {day: facts["name"] for day, facts in newest_version(calendar_id).exceptions.items()}


def test_an_admin_ticks_the_proposed_days_and_hours_take_them_over(admin: Person, world: World) -> None:
    browser, calendar = signed_in(admin), world.analytics.calendar
    page = browser.get(PAGE).content.decode()
    assert "Proposed, and confirmed by nobody yet" in page
    assert "Second Day of Christmas" in page
    follow = {"calendar": calendar.pk, "region": "de-be"}
    assert browser.post("/admin-setup/holidays/follow", follow).status_code == 303
    assert exceptions_of(calendar.pk) == {}  # a team's clocks know no day that nobody confirmed
    answer = browser.post(PAGE, {"tick": ["2026-12-24", "2026-12-25"], "more": "2026-12-31 Old year"})
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    assert exceptions_of(calendar.pk) == {"2026-12-25": "Christmas Day", "2026-12-31": "Old year"}
    listed = browser.get("/admin-setup/holidays/").content.decode()
    assert "DE-BE, 2026" in listed
    lines = b"".join(browser.get("/admin-setup/holidays.csv").streaming_content).decode()  # type: ignore[attr-defined]  # a stream
    assert "DE-BE,2026,1,2026-12-31,Old year,yes,no,root," in lines
    assert AuditEntry.objects.filter(verb="accounts.holidays_confirmed", actor=admin).count() == 1
    browser.post("/admin-setup/holidays/follow", {"calendar": calendar.pk, "region": ""})
    assert (exceptions_of(calendar.pk), HolidayFollower.objects.count()) == ({}, 0)


def test_confirming_again_is_the_next_version_and_leaves_what_is_over(
    admin: Person, world: World, clock: MovableClock
) -> None:
    browser, calendar = signed_in(admin), world.analytics.calendar
    browser.post("/admin-setup/holidays/follow", {"calendar": calendar.pk, "region": "DE-BE"})
    browser.post(PAGE, {"tick": ["2026-12-25", "2026-12-26"]})
    clock.set(datetime(2026, 12, 25, 10, tzinfo=UTC))
    browser = signed_in(admin)
    browser.post(PAGE, {"tick": []})
    assert list(HolidaySet.objects.values_list("n", flat=True)) == [1, 2]
    assert exceptions_of(calendar.pk) == {"2026-12-25": "Christmas Day"}
    versions = CalendarVersion.objects.filter(calendar=calendar).count()
    browser.post(PAGE, {"tick": []})
    assert (HolidaySet.objects.count(), CalendarVersion.objects.filter(calendar=calendar).count()) == (2, versions)


def test_people_plan_with_proposed_days_until_they_are_confirmed(admin: Person, world: World) -> None:
    bob = world.bob
    answer = signed_in(bob).post("/me/holidays", {"region": "DE-BE"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me/hours/")
    bob.refresh_from_db()
    assert exceptions_of(bob.calendar_id)["2026-12-25"] == "Christmas Day (proposed)"
    assert "2027-01-01" in exceptions_of(bob.calendar_id)
    program(admin).put(API, DAYS, format="json")
    assert exceptions_of(bob.calendar_id)["2026-12-25"] == "Christmas Day"
    assert "2026-12-26" not in exceptions_of(bob.calendar_id)
    assert "Your hours take over those of DE-BE" in signed_in(bob).get("/me/hours/").content.decode()
    assert program(bob).get("/api/v1/me/holidays").json() == {"region": "DE-BE"}
    assert program(bob).put("/api/v1/me/holidays", {"region": ""}, format="json").json() == {"region": ""}
    assert exceptions_of(bob.calendar_id) == {}


def test_the_nightly_pass_knows_the_next_year_and_repeats_without_effect(
    admin: Person, world: World, clock: MovableClock
) -> None:
    del admin
    follow_own_holidays(actor=world.bob, region=None, at=NOW)
    signed_in(world.bob).post("/me/holidays", {"region": "DE"})
    clock.set(datetime(2027, 1, 2, 3, tzinfo=UTC))
    assert recompose_hours({}, None) == {"changed": 1}
    world.bob.refresh_from_db()
    assert "2028-01-01" in exceptions_of(world.bob.calendar_id)
    assert recompose_hours({}, None) == {"changed": 0}


def test_a_calendar_file_says_the_days(admin: Person) -> None:
    upload = SimpleUploadedFile("days.ics", FILE, "text/calendar")
    answer = signed_in(admin).post(PAGE.replace("2026", "2027"), {"calendar": upload, "tick": ["2027-01-01"]})
    assert answer.status_code == 303
    days = program(admin).get("/api/v1/holidays/de/be/2027/").json()
    assert [day["date"] for day in days["dates"]] == ["2027-05-03", "2027-05-04"]
    assert (days["version"], days["is_provisional"], days["confirmed_by"]) == (1, False, "root")
    given = {"calendar": FILE.decode().replace("20270505", "20270504")}
    again = program(admin).put("/api/v1/holidays/de/be/2027", given, format="json").json()
    assert (again["version"], [day["date"] for day in again["dates"]]) == (2, ["2027-05-03"])


@pytest.mark.parametrize(
    ("address", "body", "status", "code"),
    [
        ("/api/v1/holidays/ZZ/-/2026", DAYS, 422, "core.unknown_country"),
        (API, {"dates": [{"date": "2027-01-01", "name": "x"}]}, 422, "accounts.bad_holiday"),
        (API, {"calendar": "no calendar"}, 422, "accounts.bad_calendar"),
        (API, {}, 422, "core.invalid"),
        (API, DAYS | {"calendar": "x"}, 422, "core.invalid"),
        ("/api/v1/calendars/999999/holidays", {"region": "DE"}, 404, "core.not_found"),
    ],
)
def test_wrong_days_change_nothing(admin: Person, address: str, body: dict[str, Any], status: int, code: str) -> None:
    answer = program(admin).put(address, body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (HolidaySet.objects.count(), AuditEntry.objects.filter(verb__startswith="accounts.holid").count()) == (0, 0)


def test_who_is_no_admin_reads_and_confirms_nothing(admin: Person, world: World) -> None:
    del admin
    assert program(world.alice).put(API, DAYS, format="json").status_code == 403
    assert signed_in(world.alice).post(PAGE, {"tick": []}).status_code == 403
    assert program(world.alice).get(API).json()["is_provisional"] is True
    assert HolidaySet.objects.count() == 0


def test_a_confirmed_set_is_never_edited(admin: Person) -> None:
    program(admin).put(API, DAYS, format="json")
    with pytest.raises(ProgrammingError), transaction.atomic():
        HolidaySet.objects.update(dates=[])


def test_the_doctor_is_red_in_december_for_a_followed_region_that_nobody_confirmed(admin: Person, world: World) -> None:
    signed_in(admin).post("/admin-setup/holidays/follow", {"calendar": world.analytics.calendar_id, "region": "DE-BE"})
    red = holiday_years()
    assert (red.colour, "DE-BE, whose 2027 nobody confirmed" in red.sentence) == ("bad", True)
    program(admin).put("/api/v1/holidays/DE/BE/2027", {"dates": []}, format="json")
    assert holiday_years().colour == "ok"
