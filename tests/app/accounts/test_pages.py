"""The pages of people and teams, in a browser without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache

from portal.accounts.models import Absence, ApiToken, ContactMethod, Membership, Person
from portal.accounts.services.arriving import offer_setup
from portal.core.clock import now
from portal.engine.models import Notice
from tests.world import PASSWORD, make_person

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from tests.world import World

pytestmark = pytest.mark.django_db
PAGES = ["/me/", "/me/away/", "/me/notifications/", "/me/tokens/", "/me/sessions/", "/me/team/", "/teams/", "/people/"]
PAGES += ["/teams/data-platform", "/people/alice", "/auth/2fa/", "/auth/password/change/", "/auth/logout/"]


@pytest.fixture
def browser(client: Client, world: World) -> Client:
    """Bob, signed in a moment ago."""
    cache.clear()
    client.post("/auth/login/", {"login": "bob@example.com", "password": PASSWORD})
    return client


def sign_in(client: Client, handle: str) -> None:
    client.post("/auth/login/", {"login": f"{handle}@example.com", "password": PASSWORD})


@pytest.mark.parametrize("page", PAGES)
def test_every_page_answers_and_asks_strangers_to_sign_in(browser: Client, page: str) -> None:
    assert browser.get(page).status_code == 200
    browser.logout()
    if not page.startswith("/auth/logout"):
        response = browser.get(page)
        assert (response.status_code, "/auth/login/" in response["Location"]) == (302, True)


@pytest.mark.parametrize("page", ["/me/", "/me/notifications/", "/teams/", "/teams/data-platform", "/people/alice"])
def test_pages_keep_their_budget_of_queries(
    browser: Client, page: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        make_person(f"extra{number}", team=Membership.objects.filter(team__slug="data-platform")[0].team)
    browser.get(page)
    with django_assert_max_num_queries(15):
        browser.get(page)


def test_a_profile_is_saved_and_a_short_night_refused(browser: Client, world: World) -> None:
    profile = {"name": "Bob B", "zone": "Europe/Madrid", "night_from": "23:00", "night_to": "06:00", "theme": "dark"}
    assert browser.post("/me/", profile).status_code == 303
    refused = browser.post("/me/", profile | {"night_to": "04:00", "name": "Typed"})
    assert (refused.status_code, b"A night has at least 6 hours" in refused.content) == (422, True)
    assert b"Typed" in refused.content
    world.bob.refresh_from_db()
    assert (world.bob.name, world.bob.zone, world.bob.theme) == ("Bob B", "Europe/Madrid", "dark")


def test_an_absence_is_entered_and_cancelled(browser: Client, world: World) -> None:
    day = now().date().isoformat()
    assert browser.post("/me/away/", {"first_on": day, "last_on": day, "kind": "sick"}).status_code == 303
    row = Absence.objects.get(person=world.bob)
    assert b"away until" in browser.get("/people/bob").content
    line = next(part for part in browser.get("/people/").content.split(b"<li") if b"/people/bob" in part)
    assert all(words in line for words in (b"nalyst", b"Analytics", b"away"))
    assert b"sick" not in browser.get("/people/bob").content.lower()
    browser.post(f"/me/away/{row.pk}/cancel")
    row.refresh_from_db()
    assert row.cancelled_at is not None


def test_a_token_is_shown_once(browser: Client, world: World) -> None:
    made = browser.post("/me/tokens/", {"name": "laptop", "scopes": ["people:read"], "days": "90"})
    token = ApiToken.objects.get(person=world.bob)
    assert (made.status_code, b"hwt_" in made.content) == (201, True)
    assert token.prefix.encode() in browser.get("/me/tokens/").content
    assert browser.post(f"/me/tokens/{token.pk}/revoke").status_code == 303
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_making_a_token_asks_again_after_15_minutes(browser: Client, world: World) -> None:
    session = browser.session
    session["account_authentication_methods"] = [{"method": "password", "at": 0, "email": "bob@example.com"}]
    session.save()
    response = browser.post("/me/tokens/", {"name": "laptop", "scopes": ["people:read"], "days": "90"})
    assert (response.status_code, "/auth/reauthenticate/" in response["Location"]) == (302, True)
    assert not ApiToken.objects.exists()


def test_a_way_is_added_and_removed(browser: Client, world: World) -> None:
    assert browser.post("/me/notifications/", {"channel": "email", "address": "b@example.com"}).status_code == 303
    row = ContactMethod.objects.get(person=world.bob)
    assert b"not verified" in browser.get("/me/notifications/").content
    assert browser.post(f"/me/notifications/{row.pk}/", {"code": "000000x"}).status_code == 422
    assert browser.post(f"/me/notifications/{row.pk}/remove").status_code == 303
    assert not ContactMethod.objects.exists()


def test_others_ways_and_tokens_are_not_there(browser: Client, world: World) -> None:
    assert browser.post("/me/notifications/999/remove").status_code == 404
    assert browser.post("/me/tokens/999/revoke").status_code == 404


def test_the_lead_adds_and_takes_out(client: Client, world: World) -> None:
    sign_in(client, "alice")
    make_person("eve")
    url = "/teams/data-platform/members"
    assert client.post(url, {"handle": "eve", "discipline": "AE", "role": "member"}).status_code == 303
    row = Membership.objects.get(person__handle="eve", team__slug="data-platform")
    assert client.post(f"/memberships/{row.pk}/end").status_code == 303
    row.refresh_from_db()
    assert row.during.upper is not None


def test_who_leads_nothing_gets_no_form_and_403(browser: Client, world: World) -> None:
    assert b"Add somebody" not in browser.get("/teams/data-platform").content
    refused = browser.post("/teams/data-platform/members", {"handle": "bob", "role": "member"})
    assert (refused.status_code, Membership.objects.filter(person=world.bob).count()) == (403, 1)
    assert browser.post("/people/alice/deactivate").status_code == 403


def test_a_newcomer_asks_for_a_team_and_the_lead_hears_once(client: Client, world: World) -> None:
    make_person("eve")
    sign_in(client, "eve")
    assert b"Which team are you in?" in client.get("/me/").content
    for _ in range(2):
        assert client.post("/me/team/", {"team": world.data_platform.pk}).status_code == 303
    assert [notice.recipient for notice in Notice.objects.filter(kind="accounts.place_me")] == [world.alice]


def test_the_setup_link_opens_once(client: Client, db: None) -> None:
    url = f"/welcome/{offer_setup(at=now())}"
    newcomer = {
        "name": "Ana", "email": "ana@example.com", "handle": "ana", "zone": "UTC", "password": PASSWORD,
    }  # fmt: skip
    assert client.get(url).status_code == 200
    assert client.post(url, newcomer | {"password": "short"}).status_code == 422
    assert client.post(url, newcomer).status_code == 303
    assert (client.get(url).status_code, Person.objects.get().is_admin) == (404, True)
    assert client.get("/welcome/").status_code == 200
    assert client.post("/auth/login/", {"login": "ana@example.com", "password": PASSWORD}).status_code == 302
