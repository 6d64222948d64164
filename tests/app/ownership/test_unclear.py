"""Roles to clear up before a crossing can be told, and cells that people keep saying do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rest_framework.test import APIClient

from ownership.models import Asset, Crossing, Domain, Pattern
from ownership.services.crossing_acts import dismiss_crossing
from ownership.services.owning import Nomination, propose_owner
from ownership.services.patterns import assign_pattern, copy_pattern
from ownership.services.refreshing import refresh_touched
from tests.world import make_admin, make_person

if TYPE_CHECKING:
    from django.test import Client

    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
METRIC, DATASET = 30, 20


def own(name: str, kind: int, owner: Person, clock: MovableClock, domain: Domain | None = None) -> Asset:
    at = clock.now()
    asset = Asset.objects.create(kind=kind, slug=name, name=name, domain=domain, created_at=at, updated_at=at, attrs={})
    propose_owner(actor=owner, asset=asset, nomination=Nomination(person=owner), at=at)
    return asset


@pytest.fixture
def unclear(world: World, clock: MovableClock) -> None:
    """Dave's craft is said by nobody; `classic` does not know analytics engineers; Alice on a metric is a crossing."""
    amara = make_person("amara", team=world.data_platform, discipline="AE")
    own("accounts", DATASET, amara, clock)
    own("leads", DATASET, world.dave, clock)
    own("orders", DATASET, world.alice, clock)
    own("churn", METRIC, world.alice, clock)


def test_owners_without_a_craft_and_roles_the_pattern_asks_about_are_listed(
    client: Client, world: World, unclear: None
) -> None:
    client.force_login(world.bob)
    page = client.get("/boundaries/roles").content.decode()
    assert [name for name in ("accounts", "leads", "orders", "churn") if f"/assets/{name}" in page] == [
        "accounts", "leads",
    ]  # fmt: skip
    assert "nobody has said their craft" in page
    assert "SE / DE / Analyst does not say what this is to them" in page
    assert Crossing.objects.filter(asset__slug__in=["accounts", "leads"]).count() == 0


def test_sheet_and_program_say_the_same(client: Client, world: World, unclear: None) -> None:
    client.force_login(world.bob)
    lines = b"".join(client.get("/boundaries/roles.csv").streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[1:] == [
        "accounts,dataset,,amara,AE,data-platform,classic", "leads,dataset,,dave,,marketing,classic",
    ]  # fmt: skip
    program = APIClient()
    program.force_authenticate(world.bob)
    rows = program.get("/api/v1/unclear-roles/").json()["results"]
    assert [(row["asset"], row["owner"], row["discipline"], row["pattern"]) for row in rows] == [
        ("accounts", "amara", "AE", "classic"), ("leads", "dave", "", "classic"),
    ]  # fmt: skip
    assert program.get("/api/v1/unclear-roles/?kind=metric").json()["results"] == []


def test_a_cell_dismissed_three_times_is_suggested_as_fine(client: Client, world: World, clock: MovableClock) -> None:
    at, admin = clock.now(), make_admin()
    shop = Domain.objects.create(name="Shop", slug="shop", lead_team=world.analytics)
    ours = copy_pattern(actor=admin, source=Pattern.objects.get(slug="classic"), name="Ours", at=at)
    assign_pattern(actor=admin, domain=shop, pattern=ours, since=at, at=at)
    for n in range(4):
        own(f"metric-{n}", METRIC, world.alice, clock, shop)
    clock.advance(days=1)
    refresh_touched(at=clock.now())
    rows = list(Crossing.objects.order_by("pk"))
    program = APIClient()
    program.force_authenticate(world.alice)
    url = f"/api/v1/patterns/{ours.slug}/suggestions"
    for row in rows[:2]:
        dismiss_crossing(actor=world.alice, crossing=row, reason="ours by agreement", at=clock.now())
    assert program.get(url).json() == []
    dismiss_crossing(actor=world.alice, crossing=rows[2], reason="ours by agreement", at=clock.now())
    told = {"discipline": "DE", "kind": "metric", "dismissed": 3, "kept": 1, "domains": ["Shop"]}
    assert program.get(url).json() == [told]
    client.force_login(world.alice)
    page = client.get(f"/patterns/{ours.slug}").content.decode()
    assert "DE on metric: perhaps this is fine" in page
    assert 'href="?discipline=DE&amp;kind=metric#cell"' in page
    assert "ours by agreement" not in page
    assert client.get("/patterns/classic").content.decode().count("perhaps this is fine") == 0
