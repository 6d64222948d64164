"""The page of a date says where the time went, in a picture and a table; whoever reads a request follows it or not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from portal.accounts.services.teams import TeamProfile, create_team
from portal.core.services.calendars import create_calendar, publish_calendar_version
from portal.engine.models import Notice
from portal.engine.services.firing import fire_batch
from requests_queue.models import Watcher
from requests_queue.queries.explaining import explain_clock
from requests_queue.services.talking import post_message
from requests_queue.services.working import ask_requester
from requests_queue.web.clock_line import line_of
from tests.app.requests_queue.desk import TUESDAY, filed, started
from tests.world import BEFORE

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
WEEK = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_closed_stretch_names_the_holiday_in_it(world: World) -> None:
    calendar = create_calendar(actor=None, name="New York", at=BEFORE)
    publish_calendar_version(
        actor=None, calendar=calendar, weekly=WEEK, zone="America/New_York", at=BEFORE,
        exceptions={"2026-11-26": {"name": "Thanksgiving", "hours": []}, "2026-11-27": [["09:00", "12:00"]]},
    )  # fmt: skip
    profile = TeamProfile(name="Orders", calendar_id=calendar.pk)
    team = create_team(actor=None, slug="orders", profile=profile, at=BEFORE)
    request = filed(world, team=team, at=TUESDAY + 5 * HOUR)
    told = explain_clock(request.clocks.get(kind="resolution"), TUESDAY + timedelta(days=3, hours=5))
    closed = [row.label for row in told.stretches if row.kind == "closed"]
    assert closed == ["outside the team's hours", "outside the team's hours, Thanksgiving on 26 Nov"]


def test_the_page_draws_the_stretches_and_says_them(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    request = started(world)
    clock.set(TUESDAY + 5 * HOUR)
    fire_batch(by="test")
    ask_requester(actor=world.alice, request=request, question="Which market?", at=TUESDAY + 5 * HOUR)
    clock.set(TUESDAY + 7 * HOUR)
    chosen = request.clocks.get(kind="resolution")
    page = browser(world.bob).get(f"/requests/{request.number}/clock?clock={chosen.pk}").content.decode()
    assert "counted 5\N{NO-BREAK SPACE}h, standing still 2\N{NO-BREAK SPACE}h" in page
    assert page.count('<rect class="col now"') == 1
    assert "told to 1 person" in page


def test_a_fresh_date_has_no_picture_yet(world: World) -> None:
    told = explain_clock(filed(world).clocks.get(kind="resolution"), TUESDAY)
    assert line_of(told, "UTC", TUESDAY) is None


def test_a_reader_follows_a_request_and_keeps_it_quiet_again(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    request, carol = filed(world), browser(world.carol)
    path = f"/requests/{request.number}"
    for verb, offered, told in (
        ("follow", "Follow it", 1),
        ("mute", "No more news of it", 1),
        ("follow", "Follow it", 2),
    ):
        assert offered in carol.get(path).content.decode()
        assert carol.post(f"{path}/do/{verb}").status_code == 303
        post_message(actor=world.alice, request=request, body=f"We look into it {told} {verb}", at=TUESDAY)
        assert Notice.objects.filter(recipient=world.carol, kind="requests.changed").count() == told
    assert Watcher.objects.filter(person=world.carol).count() == 1


def test_the_lead_promises_another_length_on_the_page_and_nobody_else(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    request = started(world)
    chosen = request.clocks.get(kind="resolution")
    path = f"/requests/{request.number}/clock"
    body = {"clock": str(chosen.pk), "target": "2 days", "reason": "The source comes a day later"}
    assert browser(world.bob).post(f"{path}/target", body).status_code == 403
    assert "Promise another length" not in browser(world.bob).get(path).content.decode()
    alice = browser(world.alice)
    refused = alice.post(f"{path}/target", body | {"target": "soon"})
    assert refused.status_code == 422
    assert "no length of time. Write 30 min, 9 h or 2 days." in refused.content.decode()
    chosen.refresh_from_db()
    assert chosen.allowance_seconds == 9 * 3600
    assert alice.post(f"{path}/target", body).status_code == 303
    chosen.refresh_from_db()
    assert (chosen.allowance_seconds, chosen.due_at) == (18 * 3600, TUESDAY + timedelta(days=2))
