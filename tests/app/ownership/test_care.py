"""Who in fact takes care of an asset, and what stands behind a crossing, on pages and for programs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.test import APIClient

from ownership.models import Asset, Crossing, Domain
from ownership.queries.care import care_of
from ownership.services.evidence import Act, record_evidence
from ownership.services.owning import Nomination, propose_owner
from ownership.services.refreshing import refresh_touched
from tests.world import make_person

if TYPE_CHECKING:
    from datetime import datetime

    from django.test import Client

    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def orders(world: World, clock: MovableClock) -> Asset:
    """Carol owns it since 40 days; Alice has worked on it since then."""
    at = clock.now()
    asset = Asset.objects.create(
        kind=20, slug="orders", name="orders", tier=1, created_at=at, updated_at=at, attrs={},
        domain=Domain.objects.create(name="Shop", slug="shop"),
    )  # fmt: skip
    propose_owner(actor=world.carol, asset=asset, nomination=Nomination(person=world.carol), at=at)
    for n in range(4):
        did(world.alice, asset, "commit" if n else "review", at + timedelta(hours=n))
    clock.advance(days=40)
    return asset


def did(person: Person, asset: Asset, kind: str, at: datetime) -> None:
    record_evidence(actor=person, person=person, assets=[asset], act=Act(kind, f"{kind} {at:%d %H}", at))


def api(person: Person) -> APIClient:
    client = APIClient()
    client.force_login(person)
    return client


def shown(client: Client, person: Person, url: str) -> str:
    client.force_login(person)
    return client.get(url).content.decode()


def test_who_does_the_work_for_forty_days_looks_after_it(world: World, orders: Asset, clock: MovableClock) -> None:
    found = care_of([orders.pk], clock.now())[orders.pk]
    assert found.accountable is not None
    assert (found.accountable.slug, [share.party for share in found.shares]) == (
        "carol",
        [world.alice.pk, world.carol.pk],
    )
    assert found.shadow is not None
    assert (found.shadow.party, found.shadow.events) == (world.alice.pk, 4)


def test_only_both_parties_and_their_leads_are_told_the_name(client: Client, world: World, orders: Asset) -> None:
    lead = make_person("erin", team=world.checkout, discipline="SE", role="lead")
    for person in (world.alice, world.carol, lead):
        page = shown(client, person, "/assets/orders")
        assert "Alice Example has looked after it for more than 30 days; Carol Example answers for it." in page
        assert "/handoffs/new?asset=orders&amp;owner=carol&amp;taker=alice" in page
    page = shown(client, world.dave, "/assets/orders")
    assert "Who takes care of it" in page
    assert "looked after it" not in page
    assert "/handoffs/new?asset=orders" not in page
    told = api(world.dave).get("/api/v1/assets/orders/care").json()
    assert (told["is_named"], told["looks_after_it"], told["shares"]) == (False, None, [])
    assert [(act["kind"], act["party"], act["ref"]) for act in told["acts"]] == [("commit", None, "")] * 3 + [
        ("review", None, "")
    ]


def test_a_program_reads_who_looks_after_it(world: World, orders: Asset) -> None:
    told = api(world.carol).get("/api/v1/assets/orders/care").json()
    assert (told["accountable"], told["effective"]["party"], told["looks_after_it"]["traces"]) == ("carol", "alice", 4)
    assert told["acts"][0]["party"] == "alice"


def test_taking_it_back_begins_the_thirty_days_anew(
    client: Client, world: World, orders: Asset, clock: MovableClock
) -> None:
    page = shown(client, world.carol, "/assets/orders")
    assert "Take it back" in page
    row = orders.ownerships.get()
    assert client.post("/assets/orders/accept", {"ownership": row.pk}).status_code == 303
    assert care_of([orders.pk], clock.now())[orders.pk].shadow is None
    clock.advance(days=31)
    for n in range(3):
        did(world.alice, orders, "commit", clock.now() - timedelta(days=n))
    assert care_of([orders.pk], clock.now())[orders.pk].shadow is not None


def test_what_a_member_does_is_done_in_the_name_of_the_team(world: World, clock: MovableClock) -> None:
    at = clock.now()
    asset = Asset.objects.create(kind=20, slug="users", name="users", created_at=at, updated_at=at, attrs={})
    propose_owner(actor=world.alice, asset=asset, nomination=Nomination(team=world.data_platform), at=at)
    for n in range(3):
        did(world.alice, asset, "commit", at + timedelta(hours=n))
    clock.advance(days=40)
    found = care_of([asset.pk], clock.now())[asset.pk]
    assert [share.party for share in found.shares] == [-world.data_platform.pk]
    assert found.shadow is None


@pytest.fixture
def crossing(world: World, clock: MovableClock) -> Crossing:
    """Alice, a data engineer, works on a metric that nobody owns: three acts of two kinds."""
    at = clock.now()
    domain = Domain.objects.create(name="Sales", slug="sales", lead_team=world.analytics)
    churn = Asset.objects.create(
        kind=30, slug="churn", name="churn", tier=1, domain=domain, created_at=at, updated_at=at, attrs={}
    )
    for n, kind in enumerate(("commit", "commit", "review")):
        did(world.alice, churn, kind, at + timedelta(days=n))
    clock.advance(days=3)
    refresh_touched(at=clock.now())
    return Crossing.objects.get()


def test_a_crossing_shows_its_acts_with_their_days_and_its_three_marks(
    client: Client, world: World, crossing: Crossing, clock: MovableClock
) -> None:
    page = shown(client, world.bob, f"/boundaries/crossings/{crossing.pk}")
    assert page.count("Commit") == 2
    assert "Review" in page
    assert [words in page for words in ("30 days", "90 days", "180 days", "on the agenda of both leads")] == [True] * 4
    told = api(world.bob).get(f"/api/v1/crossings/{crossing.pk}/").json()
    assert [act["kind"] for act in told["acts"]] == ["review", "commit", "commit"]
    assert [(mark["days"], mark["state"]) for mark in told["marks"]] == [(30, "comes"), (90, "comes"), (180, "comes")]
    clock.advance(days=28)
    told = api(world.bob).get(f"/api/v1/crossings/{crossing.pk}/").json()
    assert [mark["state"] for mark in told["marks"]] == ["came_up", "comes", "comes"]


def test_which_act_it_was_is_for_the_two_teams_alone(client: Client, world: World, crossing: Crossing) -> None:
    reference = crossing.asset.evidence.latest("at").ref
    url = f"/boundaries/crossings/{crossing.pk}"
    assert reference in shown(client, world.bob, url)
    assert reference not in shown(client, world.dave, url)
    told: Any = api(world.dave).get(f"/api/v1{url.removeprefix('/boundaries')}/").json()
    assert {act["ref"] for act in told["acts"]} == {""}
