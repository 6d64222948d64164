"""Former rules come back as a new version, by page and by API."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from oncall.models import PlannedShift, Rota
from oncall.services.rotas import Applying, NewRota, RulesDraft, Seat, create_rota, publish_rota_version
from tests.unit.oncall.test_rotations import utc

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
MADE, EDITED, NOW = utc("2027-10-01 12:00"), utc("2027-10-02 12:00"), utc("2027-10-05 12:00")


@pytest.fixture
def rota(world: World, clock: MovableClock) -> Rota:
    """Alice alone by the first rules, Bob alone by the second from 11 October on."""
    rotation = {"kind": "weekly", "start": "2027-10-04", "handoffs": [{"dow": "mon", "time": "09:00"}]}
    rules = RulesDraft([{"role": "primary", "planner": "turns"}], rotation, [Seat(world.alice)])
    made = create_rota(actor=world.alice, rota=NewRota(world.data_platform, "data", "Data"), rules=rules, at=MADE)
    later = replace(rules, seats=[Seat(world.bob)], starts_at=utc("2027-10-11 09:00"))
    applying = Applying(told_reason="Alice is needed elsewhere")
    publish_rota_version(actor=world.alice, rota=made, rules=later, applying=applying, at=EDITED)
    clock.set(NOW)
    return made


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def holders(rota: Rota) -> list[str]:
    """Who serves the next four weeks."""
    rows = PlannedShift.objects.filter(rota=rota, during__startswith__gte=utc("2027-10-11 00:00")).order_by("during")
    return [row.person.handle for row in rows.select_related("person")[:4] if row.person is not None]


def test_the_page_shows_what_moves_and_then_brings_the_former_rules_back(rota: Rota, world: World) -> None:
    client = browser(world.alice)
    assert 'href="/oncall/rotas/data/versions/1/restore"' in client.get("/oncall/rotas/data/edit").content.decode()
    address = "/oncall/rotas/data/versions/1/restore"
    page = client.get(address)
    assert "Bob Example to Alice Example" in page.content.decode()
    assert holders(rota) == ["bob"] * 4
    mark = page.context["diff"].sha256
    refused = client.post(address, {"diff_sha256": mark, "told_reason": ""})
    assert (refused.status_code, holders(rota)) == (422, ["bob"] * 4)
    done = client.post(address, {"diff_sha256": mark, "told_reason": "She is back"})
    assert (done.status_code, holders(rota)) == (303, ["alice"] * 4)
    newest = rota.versions.order_by("-number")[0]
    assert (newest.number, newest.reason) == (3, "version 1 again")


def test_the_api_does_the_same(rota: Rota, world: World) -> None:
    body = json.dumps({"version": 1, "told_reason": "She is back"})
    answer = browser(world.alice).post("/api/v1/rotas/data/restore", body, content_type="application/json")
    assert (answer.status_code, answer.json()["number"], holders(rota)) == (201, 3, ["alice"] * 4)


@pytest.mark.parametrize(
    ("version", "status", "code"), [(2, 409, "oncall.in_force"), (9, 422, "oncall.unknown_version")]
)
def test_what_is_in_force_or_never_was_comes_not_back(
    rota: Rota, world: World, version: int, status: int, code: str
) -> None:
    body = json.dumps({"version": version, "told_reason": "x"})
    answer = browser(world.alice).post("/api/v1/rotas/data/restore", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"], rota.versions.count()) == (status, code, 2)


def test_only_a_lead_brings_rules_back(rota: Rota, world: World) -> None:
    body = json.dumps({"version": 1, "told_reason": "x"})
    answer = browser(world.bob).post("/api/v1/rotas/data/restore", body, content_type="application/json")
    assert (answer.status_code, holders(rota)) == (403, ["bob"] * 4)
