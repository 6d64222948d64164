"""Owners that the fairest matrix names are asked, and answer for themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from rest_framework.test import APIClient

from ownership.models import Asset, Ownership
from ownership.queries.suggested import suggested_owners
from ownership.services.evidence import Act, record_evidence
from ownership.services.owning import Nomination, accept_ownership, propose_owner
from tests.world import make_person

if TYPE_CHECKING:
    from django.test import Client

    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
URL = "/teams/data-platform/suggested-owners"


@pytest.fixture
def frank(world: World) -> Person:
    return make_person("frank", team=world.data_platform, discipline="DE")


@pytest.fixture
def assets(world: World, frank: Person, clock: MovableClock) -> list[Asset]:
    """The team holds orders and users; Alice and Frank have worked on both, Alice more on orders."""
    at = clock.now()
    made = []
    for name in ("orders", "users", "empty"):
        asset = Asset.objects.create(kind=20, slug=name, name=name, tier=1, created_at=at, updated_at=at, attrs={})
        propose_owner(actor=world.alice, asset=asset, nomination=Nomination(team=world.data_platform), at=at)
        made.append(asset)
    for who, place, count in ((world.alice, 0, 3), (frank, 0, 1), (frank, 1, 3), (world.alice, 1, 1)):
        for n in range(count):
            act = Act("commit", f"{who.handle}{place}{n}", at - timedelta(days=n))
            record_evidence(actor=None, person=who, assets=[made[place]], act=act)
    return made


def api(person: Person) -> APIClient:
    client = APIClient()
    client.force_login(person)
    return client


def test_the_matrix_shares_out_by_load_and_by_who_knows_it(
    world: World, assets: list[Asset], clock: MovableClock
) -> None:
    found = suggested_owners(world.data_platform, clock.now())
    lines = [
        (line.asset.slug, *(person.handle if person else "" for person in (line.primary, line.backup)))
        for line in found.lines
    ]
    assert lines == [("empty", "", ""), ("orders", "alice", "frank"), ("users", "frank", "alice")]
    assert found.points == {"alice": 4.0, "frank": 4.0}
    assert found.load == {"alice": 5.0, "frank": 5.0}
    assert Ownership.objects.filter(state="proposed").count() == 0


def test_asking_stores_proposals_and_a_yes_takes_it_from_the_team(
    client: Client, world: World, frank: Person, assets: list[Asset], clock: MovableClock
) -> None:
    client.force_login(world.alice)
    page = client.get(URL).content.decode()
    assert "nobody knows it enough" in page
    assert client.post(URL, {"chosen": ["users"]}).status_code == 303
    asked = Ownership.objects.filter(state="proposed", person=frank).get()
    assert asked.asset.slug == "users"
    done = accept_ownership(actor=frank, row=asked, at=clock.now())
    assert (done.state, Ownership.objects.get(asset=assets[1], team=world.data_platform).state) == ("accepted", "ended")
    backup = Ownership.objects.get(asset=assets[1], person=world.alice)
    assert (backup.rank, backup.state) == (2, "accepted")


def test_bad_input_asks_nobody(client: Client, world: World, frank: Person, assets: list[Asset]) -> None:
    client.force_login(world.alice)
    assert client.post(URL, {}).status_code == 422
    assert client.post(URL, {"chosen": ["users", "no-such"]}).status_code == 422
    assert api(world.alice).post("/api/v1" + URL, {"assets": ["empty"]}, format="json").status_code == 409
    assert api(frank).post("/api/v1" + URL, {"assets": ["users"]}, format="json").status_code == 403
    assert Ownership.objects.filter(state="proposed").count() == 0
    client.force_login(world.dave)
    assert client.get(URL).status_code == 403


def test_a_program_reads_and_asks(world: World, frank: Person, assets: list[Asset]) -> None:
    told = api(frank).get("/api/v1" + URL).json()
    assert [(line["asset"], line["primary"], line["backup"]) for line in told["lines"]] == [
        ("empty", None, None), ("orders", "alice", "frank"), ("users", "frank", "alice"),
    ]  # fmt: skip
    assert told["lines"][1]["familiarity"] == {"alice": 3, "frank": 2}
    done = api(world.alice).post("/api/v1" + URL, {"assets": ["orders", "users"]}, format="json")
    assert (done.status_code, done.json()) == (200, {"asked": 4})
    again = api(world.alice).get("/api/v1" + URL).json()
    assert [(line["asset"], line["is_asked"]) for line in again["lines"]] == [("empty", False), ("users", True)]


def test_the_export_has_the_lines(client: Client, world: World, assets: list[Asset]) -> None:
    client.force_login(world.alice)
    lines = b"".join(client.get(f"{URL}.csv").streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[2] == "orders,dataset,1,alice,frank,no"
