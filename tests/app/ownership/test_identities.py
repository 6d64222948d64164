"""One decision about a name settles every claim that carries it, and can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from rest_framework.test import APIClient

from ownership.models import Asset, Claim, Domain, Ownership
from ownership.queries.owners import current_owners
from ownership.services.identities import decide_identity
from portal.accounts.models import IdentityAlias, Person
from portal.core.errors import NotAllowed
from tests.app.ownership.manifests import applied, manifest, node

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
RAW = "alice@old.example"


@pytest.fixture
def unknown(world: World, clock: MovableClock) -> None:
    """Three models of a text nobody is known by, one of another; airflow owns one."""
    owners = [RAW, RAW, RAW, "somebody else", "airflow"]
    applied(manifest(*(node(f"model.shop.m{n}", meta={"owner": raw}) for n, raw in enumerate(owners))), clock.now())


@pytest.fixture
def browser(admin: Person) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def owner_of(slug: str) -> str | None:
    pk = Asset.objects.get(slug=slug).pk
    primary = current_owners([pk])[pk].primary
    return primary.party.slug if primary else None


def test_the_name_on_most_assets_comes_first_with_suggestions(unknown: None, admin: Person) -> None:
    api = APIClient()
    api.force_authenticate(admin)
    rows = api.get("/api/v1/identities").json()["results"]
    assert [(row["raw"], row["assets"]) for row in rows] == [(RAW, 3), ("somebody else", 1)]
    assert [each["slug"] for each in rows[0]["suggestions"]] == ["alice"]


def test_one_decision_settles_every_claim_with_the_name(
    unknown: None, world: World, browser: Client, clock: MovableClock
) -> None:
    card = browser.get("/identities/").context["card"]
    given = {"name": card.id, "decision": "party", "party_key": world.alice.pk}
    assert browser.post("/identities/", given).status_code == 303
    assert [owner_of(f"m{n}") for n in range(5)] == ["alice", "alice", "alice", None, None]
    assert browser.get("/identities/").context["card"].raw != RAW
    assert Claim.objects.filter(raw=RAW).values_list("outcome", flat=True).distinct().get() == "applied"


def test_a_decision_is_taken_back_with_what_it_started(
    unknown: None, world: World, admin: Person, browser: Client, clock: MovableClock
) -> None:
    decide_identity(actor=admin, raw=RAW, party=world.analytics, at=clock.now())
    assert owner_of("m1") == "analytics"
    page = browser.get("/identities/")
    answer = browser.post(f"/changes/{page.context['last'].pk}/undo", {"back": "/identities/"})
    assert (answer.status_code, answer["Location"]) == (303, "/identities/")
    assert (owner_of("m1"), IdentityAlias.objects.count()) == (None, 0)
    assert browser.get("/identities/").context["card"].raw == RAW
    assert set(Ownership.objects.values_list("end_reason", flat=True)) == {"import_closed"}


def test_a_name_that_means_nobody_leaves_for_good(
    unknown: None, admin: Person, browser: Client, clock: MovableClock
) -> None:
    decide_identity(actor=admin, raw=RAW, party=None, at=clock.now())
    again = manifest(*(node(f"model.shop.m{n}", meta={"owner": RAW}) for n in range(7)))
    applied(again, clock.now())
    page = browser.get("/identities/")
    assert page.context["card"] is None
    assert [alias.shown for alias in page.context["nobodies"]] == [RAW]


def test_a_new_person_owns_what_the_name_stood_on(unknown: None, browser: Client) -> None:
    card = browser.get("/identities/").context["card"]
    refused = browser.post("/identities/", {"name": card.id, "decision": "new", "email": ""})
    assert (refused.status_code, Person.objects.filter(email=RAW).count()) == (422, 0)
    assert browser.post("/identities/", {"name": card.id, "decision": "new", "email": RAW}).status_code == 303
    made = Person.objects.get(email=RAW)
    assert owner_of("m0") == made.handle


def test_airflow_never_becomes_an_owner(unknown: None, world: World) -> None:
    assert owner_of("m4") is None


def test_outside_of_their_domains_leads_decide_nothing(unknown: None, world: World, clock: MovableClock) -> None:
    with pytest.raises(NotAllowed):
        decide_identity(actor=world.alice, raw=RAW, party=world.alice, at=clock.now())
    assert IdentityAlias.objects.count() == 0


def test_a_domain_lead_decides_names_of_that_domain(world: World, clock: MovableClock) -> None:
    told = {"headwater": {"domain": "Sales"}, "owner": "somebody"}
    applied(manifest(node("model.shop.a", meta=told)), clock.now())
    api = APIClient()
    api.force_authenticate(world.alice)
    Domain.objects.update(lead_team=world.data_platform)
    row = api.get("/api/v1/identities").json()["results"][0]
    assert api.post(f"/api/v1/identities/{row['id']}/decide", {"nobody": True, "team": "analytics"}).status_code == 422
    answer = api.post(f"/api/v1/identities/{row['id']}/decide", {"team": "analytics"})
    assert (answer.status_code, answer.json()["assets"], owner_of("a")) == (200, 1, "analytics")
