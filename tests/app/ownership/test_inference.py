"""What nobody owns gets guesses with evidence; they ask, and go when the evidence goes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ownership.models import Asset, Claim, Domain, Edge, Ownership
from ownership.services.evidence import Act, record_evidence
from ownership.services.inferring import Inferred, infer_owners
from ownership.services.owning import Nomination, decline_ownership, propose_owner
from portal.core.models import ImportSource

if TYPE_CHECKING:
    from datetime import datetime

    from django.test import Client

    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


def asset(name: str, kind: int, at: datetime, domain: Domain | None = None) -> Asset:
    return Asset.objects.create(kind=kind, slug=name, name=name, domain=domain, created_at=at, updated_at=at, attrs={})


def flows(src: Asset, dst: Asset, at: datetime) -> None:
    source, _ = ImportSource.objects.get_or_create(
        importer="manual", scope="t", defaults={"name": "t", "created_at": at}
    )
    Edge.objects.create(src=src, dst=dst, kind=1, source=source, first_seen=at, last_seen=at, attrs={})


def own(thing: Asset, person: Person, at: datetime) -> None:
    propose_owner(actor=person, asset=thing, nomination=Nomination(person=person), at=at)


def commit(thing: Asset, person: Person, days: int, at: datetime) -> None:
    act = Act("commit", f"{person.handle}{days}", at - timedelta(days=days))
    record_evidence(actor=None, person=person, assets=[thing], act=act)


@pytest.fixture
def orders(world: World, clock: MovableClock) -> Asset:
    """Nobody owns it; Alice owns the pipeline that writes it and most of its commits, Bob the only board below."""
    at = clock.now()
    orders, load, board = asset("orders", 20, at), asset("load", 22, at), asset("board", 40, at)
    flows(load, orders, at)
    flows(orders, board, at)
    own(load, world.alice, at)
    own(board, world.bob, at)
    for days in (1, 2, 3):
        commit(orders, world.alice, days, at)
    return orders


def waiting(thing: Asset) -> list[tuple[str, str]]:
    rows = Ownership.objects.filter(asset=thing, state="proposed").order_by("-confidence")
    return [(row.person.handle if row.person else "", str(row.confidence)) for row in rows]


def test_several_signs_make_one_proposal_with_every_line(
    client: Client, world: World, orders: Asset, clock: MovableClock
) -> None:
    assert infer_owners(at=clock.now()) == Inferred(made=2)
    assert waiting(orders) == [("alice", "0.84"), ("bob", "0.50")]
    assert Ownership.objects.filter(asset=orders, state="accepted").count() == 0
    client.force_login(world.alice)
    page = client.get("/proposals/").content.decode()
    assert "commits: 3 of 3 in 180 days" in page
    assert "the pipeline that writes it: load" in page
    assert "84 % sure" in page


def test_repeating_changes_nothing_and_new_evidence_is_told(world: World, orders: Asset, clock: MovableClock) -> None:
    infer_owners(at=clock.now())
    assert infer_owners(at=clock.now()) == Inferred()
    for days in (1, 2, 3, 4):
        commit(orders, world.bob, days, clock.now())
    assert infer_owners(at=clock.now()) == Inferred(changed=2)
    assert waiting(orders) == [("bob", "0.80"), ("alice", "0.60")]


def test_a_guess_goes_with_its_evidence_and_with_an_owner(world: World, orders: Asset, clock: MovableClock) -> None:
    infer_owners(at=clock.now())
    Edge.objects.filter(src=orders).update(closed_at=clock.now())
    assert infer_owners(at=clock.now()) == Inferred(withdrawn=1)
    assert waiting(orders) == [("alice", "0.84")]
    own(orders, world.carol, clock.now())
    assert infer_owners(at=clock.now()).withdrawn == 1
    assert waiting(orders) == []
    assert Claim.objects.filter(closed_at=None).count() == 0


def test_a_no_is_not_asked_again(world: World, orders: Asset, clock: MovableClock) -> None:
    infer_owners(at=clock.now())
    row = Ownership.objects.get(asset=orders, person=world.bob, state="proposed")
    decline_ownership(actor=world.bob, row=row, reason="no", at=clock.now())
    infer_owners(at=clock.now())
    assert waiting(orders) == [("alice", "0.84")]


def test_two_neighbours_of_the_same_zone_and_domain_speak_for_their_owner(world: World, clock: MovableClock) -> None:
    at = clock.now()
    shop = Domain.objects.create(name="Shop", slug="shop")
    middle = asset("middle", 20, at, shop)
    for name in ("left", "right"):
        beside = asset(name, 20, at, shop)
        own(beside, world.alice, at)
        flows(beside, middle, at)
    far = asset("far", 20, at)
    own(far, world.bob, at)
    flows(far, middle, at)
    infer_owners(at=at)
    assert waiting(middle) == [("alice", "0.50")]
