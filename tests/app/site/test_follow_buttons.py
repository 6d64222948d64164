"""*Follow* on the pages of an asset, a request and an incident, and the one notice that comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from oncall.services.helping import report_incident
from oncall.services.incidents import add_note
from ownership.services.assets import update_asset
from portal.accounts.models import Follow
from portal.core import clock as portal_clock
from portal.engine.models import Notice
from portal.engine.services.ticking import tick
from portal.site.queries import events
from portal.site.services.follow_watch import watch_followed
from requests_queue.services.filing import Filing, file_request
from requests_queue.services.privacy import make_private
from requests_queue.services.talking import post_message
from tests.app.oncall.house import House, make_house

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> House:
    """Rows of one test's transaction count as settled."""
    monkeypatch.setattr(events, "NEWEST", events.NEWEST.replace(events.SETTLED, "true"))
    monkeypatch.setattr(events, "SETTLED", "true")
    return make_house()


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def press(client: Client, page: str, word: str) -> None:
    """The button of the page, as a browser sends it."""
    text = client.get(page).content.decode()
    form = next(part for part in text.split("<form") if "/follows/" in part.split("</form>")[0])
    assert f"{word}</button>" in form
    action = form.split('action="')[1].split('"')[0]
    wanted = form.split('name="wanted" value="')[1].split('"')[0]
    answer = client.post(action, {"wanted": wanted, "next": page})
    assert (answer.status_code, answer.headers.get("Location")) == (303, page), action


def test_what_others_do_to_three_followed_things_is_one_notice(house: House, clock: MovableClock) -> None:
    asset, at = next(iter(house.assets.values())), portal_clock.now()
    incident = report_incident(actor=house.ruth, asset=asset, title="No rows since six", at=at)
    request = file_request(actor=house.ruth, filing=Filing(kind="question", title="Why", team=house.core), at=at)
    bea = client_of(house.bea)
    for page in (f"/assets/{asset.slug}", incident.get_absolute_url(), request.get_absolute_url()):
        press(bea, page, "Follow")
    assert Follow.objects.filter(person=house.bea).count() == 3
    watch_followed(at=portal_clock.now())
    update_asset(actor=house.ruth, asset=asset, changes={"description": "Once."}, version=None, at=portal_clock.now())
    add_note(actor=house.lucia, incident=incident, text="The loader stands.", at=portal_clock.now())
    post_message(actor=house.ruth, request=request, body="I look at it now.", at=portal_clock.now())
    watch_followed(at=portal_clock.now())
    clock.advance(minutes=11)
    tick(component="engine")
    told = Notice.objects.get(kind="accounts.follow_digest", recipient=house.bea)
    assert told.context["count"] == "3 changes"
    for name in (asset.name, incident.number, request.number):
        assert name in str(told.context["lines"])
    press(bea, f"/assets/{asset.slug}", "Stop following")
    assert Follow.objects.filter(person=house.bea).count() == 2


def test_what_is_private_has_no_button_and_what_is_not_visible_cannot_be_followed(house: House) -> None:
    at = portal_clock.now()
    request = file_request(actor=house.ruth, filing=Filing(kind="question", title="Who", team=house.core), at=at)
    make_private(actor=house.ruth, request=request, people=[house.ines], reason="An investigation of people", at=at)
    request.refresh_from_db()
    assert "/follows/" not in client_of(house.ruth).get(request.get_absolute_url()).content.decode()
    given: dict[str, Any] = {"wanted": "on", "next": "/"}
    answer = client_of(house.bea).post(f"/follows/requests_queue.datarequest/{request.pk}", given)
    assert (answer.status_code, Follow.objects.count()) == (404, 0)


def test_the_way_back_stays_in_the_house(house: House) -> None:
    asset = next(iter(house.assets.values()))
    answer = client_of(house.bea).post(f"/follows/ownership.asset/{asset.pk}", {"next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"
