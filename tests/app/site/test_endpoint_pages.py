"""The pages of endpoints: made, tested, signed anew, switched off and removed; the address is never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from portal.accounts.models import Endpoint
from portal.core import egress
from portal.engine.models import Notice
from tests.world import PASSWORD, World

if TYPE_CHECKING:
    from portal.accounts.models import Person

pytestmark = pytest.mark.django_db
HOOK = {
    "slug": "hook", "team": "data-platform", "kind": "webhook", "address": "https://hooks.example.com/very-secret",
    "topics": ["oncall.*", "requests.request_filed"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def public_names(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"inner.example.com": ["10.1.2.3"]}
    monkeypatch.setattr(egress, "system_resolve", lambda host, _: names.get(host, ["93.184.215.14"]))


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    client.post("/auth/reauthenticate/", {"password": PASSWORD})
    return client


@pytest.fixture
def page(world: World) -> Client:
    return browser(world.alice)


@pytest.fixture
def hook(page: Client) -> Endpoint:
    made = page.post("/endpoints/", HOOK)
    assert (made.status_code, b"whsec_" in made.content) == (201, True)
    return Endpoint.objects.get(slug="hook")


def test_a_lead_makes_an_endpoint_and_sees_the_secret_once(page: Client, hook: Endpoint) -> None:
    assert hook.topics == ["oncall.*", "requests.request_filed"]
    for path in ("/endpoints/", "/endpoints/hook"):
        shown = page.get(path)
        assert (shown.status_code, b"whsec_" in shown.content, b"very-secret" in shown.content) == (200, False, False)


def test_bad_input_names_its_field_and_makes_nothing(page: Client) -> None:
    for changed, word in (
        ({"address": "https://inner.example.com/"}, b"not on the public internet"),
        ({"address": "http://hooks.example.com/"}, b"Only https"),
        ({"kind": "mail"}, b"Enter"),
        ({"slug": ""}, b"required"),
    ):
        answer = page.post("/endpoints/", HOOK | changed)
        assert answer.status_code == 422, changed
        assert word in answer.content or b"error" in answer.content
    assert not Endpoint.objects.exists()


def test_every_handle_of_an_endpoint(page: Client, hook: Endpoint) -> None:
    assert page.post("/endpoints/hook/test").status_code == 303
    assert Notice.objects.filter(kind="engine.test", endpoint_ref=f"endpoint:{hook.pk}").count() == 1
    assert b"engine.test" in page.get("/endpoints/hook").content
    page.post("/endpoints/hook/off")
    assert not Endpoint.objects.get().is_active
    page.post("/endpoints/hook/on")
    assert Endpoint.objects.get().is_active
    before = Endpoint.objects.get().secrets
    assert page.post("/endpoints/hook/rotate").status_code == 201
    assert Endpoint.objects.get().secrets.split("\n")[1] == before
    page.post("/endpoints/hook", {"address": "", "topics": ["answers.*"]})
    assert (Endpoint.objects.get().topics, Endpoint.objects.get().address) == (["answers.*"], HOOK["address"])
    assert (
        page.post("/endpoints/hook/again", {"after": "2020-01-01T00:00", "until": "2020-01-02T00:00"}).status_code
        == 422
    )
    assert page.post("/endpoints/hook/explode").status_code == 404
    page.post("/endpoints/hook/remove")
    assert not Endpoint.objects.exists()


def test_another_teams_lead_and_a_member_see_none(world: World, hook: Endpoint) -> None:
    for person in (world.bob, world.carol, world.dave):
        client = browser(person)
        assert client.get("/endpoints/hook").status_code == 404
        assert client.post("/endpoints/hook/off").status_code == 404
        assert b"hook</" not in client.get("/endpoints/").content
    assert Endpoint.objects.get().is_active
