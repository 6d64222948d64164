"""Before work on others' assets becomes a crossing, the person alone reads whose it is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ownership.models import Asset, Domain
from ownership.services.evidence import Act, record_evidence
from ownership.services.refreshing import refresh_touched

if TYPE_CHECKING:
    from django.test import Client

    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
WORD = "belongs to Checkout"


@pytest.fixture
def clicks(world: World, clock: MovableClock) -> Asset:
    at = clock.now()
    web = Domain.objects.create(name="Web", slug="web", lead_team=world.checkout)
    return Asset.objects.create(
        kind=10, slug="clicks", name="clicks", domain=web, created_at=at, updated_at=at, attrs={}
    )


def did(person: Person, asset: Asset, kind: str, ref: str, clock: MovableClock) -> None:
    act = Act(kind, ref, clock.now() - timedelta(hours=1))
    record_evidence(actor=person, person=person, assets=[asset], act=act)


def day_of(client: Client, person: Person, clock: MovableClock) -> str:
    """My day is at most a minute old."""
    clock.advance(minutes=2)
    client.force_login(person)
    return client.get("/").content.decode()


def test_the_second_act_says_whose_it_is_to_that_person_alone(
    client: Client, world: World, clicks: Asset, clock: MovableClock
) -> None:
    did(world.alice, clicks, "commit", "a", clock)
    assert WORD not in day_of(client, world.alice, clock)
    did(world.alice, clicks, "commit", "b", clock)
    page = day_of(client, world.alice, clock)
    assert WORD in page
    assert "/requests/new?assets=clicks" in page
    assert WORD not in day_of(client, world.bob, clock)
    did(world.carol, clicks, "commit", "c", clock)
    did(world.carol, clicks, "commit", "d", clock)
    assert WORD not in day_of(client, world.carol, clock)


def test_once_it_is_a_crossing_the_board_has_it(
    client: Client, world: World, clicks: Asset, clock: MovableClock
) -> None:
    for kind, ref in (("commit", "a"), ("commit", "b"), ("review", "c")):
        did(world.alice, clicks, kind, ref, clock)
    refresh_touched(at=clock.now())
    assert WORD not in day_of(client, world.alice, clock)
