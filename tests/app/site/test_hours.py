"""`/me/hours/` and its API: one's own hours and holidays, from now on (spec accounts 3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from portal.accounts.queries.working import next_working_days, working_persons
from portal.core.models import AuditEntry, CalendarVersion
from tests.app.accounts.test_api import door

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
THURSDAY = datetime(2026, 12, 24, 10, tzinfo=UTC)
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu"), "08:00-14:00")


@pytest.fixture
def browser(world: World, clock: MovableClock) -> Client:
    clock.set(THURSDAY)
    client = Client()
    client.force_login(world.bob)
    return client


def test_ones_own_hours_count_from_now_on_and_the_teams_again_when_they_are_dropped(
    browser: Client, world: World
) -> None:
    bob, afternoon = world.bob, THURSDAY + timedelta(hours=5)
    assert working_persons([bob], afternoon) == {bob.pk}
    given = WEEK | {"zone": "Europe/Berlin", "exceptions": "2026-12-28 * Bridge", "holidays": ["2026-12-29 Feast"]}
    answer = browser.post("/me/hours/", given)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me/hours/")
    bob.refresh_from_db()
    assert working_persons([bob], afternoon) == set()
    assert [str(day) for day in next_working_days(bob, THURSDAY, 2)] == ["2026-12-30", "2026-12-31"]
    page = browser.get("/me/hours/").content.decode()
    assert 'value="08:00-14:00"' in page
    assert "2026-12-28 * Bridge" in page
    assert "2026-12-29 * Feast" in page
    assert AuditEntry.objects.filter(verb="accounts.hours_published", actor=bob).count() == 1
    browser.post("/me/hours/drop")
    bob.refresh_from_db()
    assert (bob.calendar_id, working_persons([bob], afternoon)) == (None, {bob.pk})


def test_holidays_of_a_country_are_proposed_and_none_is_taken_by_itself(browser: Client) -> None:
    page = browser.get("/me/hours/", {"country": "de", "part": "be"}).content.decode()
    assert 'value="2026-12-25 Christmas Day"' in page
    assert not CalendarVersion.objects.filter(calendar__name="Hours of bob").exists()
    assert browser.get("/me/hours/", {"country": "zz"}).status_code == 422


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"mon": "nine to five"}, "write 09:00-17:00."),
        ({"zone": "Europe/Nowhere"}, "An IANA zone such as Europe/Madrid."),
        ({"exceptions": "soon"}, "is no date. Write 2026-12-25."),
    ],
)
def test_what_cannot_be_read_is_said_and_changes_nothing(
    browser: Client, world: World, wrong: dict[str, str], said: str
) -> None:
    answer = browser.post("/me/hours/", WEEK | {"zone": "UTC"} | wrong)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    world.bob.refresh_from_db()
    assert (world.bob.calendar_id, AuditEntry.objects.filter(verb="accounts.hours_published").count()) == (None, 0)


def test_a_program_reads_replaces_and_drops_them(browser: Client, world: World) -> None:
    api = door(world.bob, "me:read", "me:write")
    assert api.get("/api/v1/me/working-hours").json()["is_own"] is False
    given = {"zone": "UTC", "weekly": {"mon": [["09:00", "12:00"]]}}
    first, again = (api.put("/api/v1/me/working-hours", given).json() for _ in range(2))
    assert (first["is_own"], first["version"], again["version"]) == (True, 1, 1)
    assert (first["weekly"]["mon"], first["zone"]) == ([["09:00", "12:00"]], "UTC")
    closed = api.put("/api/v1/me/working-hours", {"zone": "UTC", "weekly": {}})
    assert (closed.status_code, closed.json()["code"]) == (422, "sla.never_open")
    assert api.delete("/api/v1/me/working-hours").status_code == 204
    assert api.get("/api/v1/me/working-hours").json()["is_own"] is False
