"""Ownership over time, and the register as people keep it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from ownership.models import Asset, Claim, Domain, Ownership
from ownership.queries.owners import current_owners
from ownership.services.assets import AssetDraft, create_asset, update_asset
from ownership.services.conflicts import decide_conflict
from ownership.services.domains import DomainDraft, create_domain, update_domain
from ownership.services.keeping import Correction, correct_history, retire_asset, set_unowned
from ownership.services.owning import Nomination, accept_ownership, decline_ownership, propose_owner
from portal.core.errors import Conflict, DomainError, NotAllowed
from portal.core.models import AuditEntry
from tests.app.ownership.manifests import applied, manifest, node, shop

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
MADRID_0900 = datetime(2026, 1, 5, 8, tzinfo=UTC)
HANDED_OVER = datetime(2026, 3, 12, 14, tzinfo=UTC)


def client(person: Person) -> Any:
    api = APIClient()
    api.force_authenticate(person)
    return api


@pytest.fixture
def handed_over(world: World, clock: MovableClock) -> Asset:
    """Alice from 2026-01-05 09:00 Madrid, Bob from 2026-03-12 15:00 Madrid."""
    type(world.alice).objects.filter(pk=world.alice.pk).update(zone="Europe/Madrid")
    world.alice.refresh_from_db()
    asset = create_asset(actor=world.alice, draft=AssetDraft("dataset", "fct_orders"), at=MADRID_0900)
    for person, start, end in ((world.alice, MADRID_0900, HANDED_OVER), (world.bob, HANDED_OVER, None)):
        Ownership.objects.create(
            asset=asset, person=person, duty=1, rank=1, state="ended" if end else "accepted", valid=(start, end),
            origin="portal", recorded_at=start, recorded_by=person, end_reason="handoff" if end else "",
        )  # fmt: skip
    return asset


@pytest.mark.parametrize(
    ("at", "people"),
    [
        ("2026-03-12", ["alice", "bob"]),
        ("2026-03-12T10:00+01:00", ["alice"]),
        ("2026-03-12T15:00+01:00", ["bob"]),
        ("2026-03-12T14:59:59.999999+01:00", ["alice"]),
        ("2026-01-04", []),
        ("2026-01-05", ["alice"]),
    ],
)
def test_who_owned_it_on_that_day(handed_over: Asset, world: World, at: str, people: list[str]) -> None:
    owners = client(world.alice).get("/api/v1/assets/fct_orders/owners", {"at": at}).json()["owners"]
    assert [held["person"] for held in owners] == people


def test_the_page_answers_for_a_day_of_the_past(handed_over: Asset, world: World) -> None:
    browser = Client()
    browser.force_login(world.alice)
    assert [row.title for row in browser.get("/assets/fct_orders?at=2026-03-12").context["then"]] == [
        "Alice Example", "Bob Example",
    ]  # fmt: skip
    assert "nobody owned it" in browser.get("/assets/fct_orders?at=2026-01-04").content.decode()
    assert browser.get("/assets/fct_orders?at=tomorrow").status_code == 400


def test_owners_of_a_thousand_keys_cost_three_queries(world: World, clock: MovableClock) -> None:
    applied(manifest(*(node(f"model.shop.m{n}") for n in range(999)), node("model.shop.hub")), clock.now())
    api = client(world.alice)
    keys = [*Asset.objects.values_list("slug", flat=True)[:400], *(f"alias:dbt:model.shop.m{n}" for n in range(599))]
    keys.append("nobody-knows-this")
    with CaptureQueriesContext(
        connection,
    ) as seen:
        answer = api.post("/api/v1/owners/lookup", {"keys": keys}, format="json").json()["assets"]
    own = [query["sql"] for query in seen.captured_queries if 'FROM "ownership_' in query["sql"]]
    assert len(own) <= 3
    assert len(answer) == len(set(keys))
    assert answer["nobody-knows-this"] is None
    assert answer["alias:dbt:model.shop.m7"]["slug"] == "m7"
    assert api.get("/api/v1/owners", {"asset": ["hub", "m1"]}).json()["assets"].keys() == {"hub", "m1"}
    assert api.get("/api/v1/owners").status_code == 422


def test_inherited_owners_are_shown_and_never_stored(world: World, clock: MovableClock) -> None:
    draft = DomainDraft("Sales", default_team=world.data_platform, lead_team=world.data_platform)
    create_domain(actor=world.alice, draft=draft, at=clock.now())
    create_asset(actor=world.alice, draft=AssetDraft("metric", "revenue", domain="sales"), at=clock.now())
    answer = client(world.bob).get("/api/v1/assets/revenue/owners").json()
    assert (answer["basis"], answer["inherited_team"], answer["owners"]) == ("inherited", "data-platform", [])
    assert Ownership.objects.count() == 0


def test_an_admin_mends_the_past_with_a_reason(
    handed_over: Asset, world: World, admin: Person, clock: MovableClock
) -> None:
    row = Ownership.objects.get(person=world.alice)
    earlier = Correction(MADRID_0900 - timedelta(days=4), HANDED_OVER, "joined on the first")
    with pytest.raises(NotAllowed):
        correct_history(actor=world.alice, row=row, correction=earlier, at=clock.now())
    correct_history(actor=admin, row=row, correction=earlier, at=clock.now())
    row.refresh_from_db()
    assert row.valid.lower == earlier.since
    entry = AuditEntry.objects.get(verb="ownership.history_corrected")
    assert (entry.before["since"], entry.after["since"], entry.reason) == (
        MADRID_0900.isoformat(), earlier.since.isoformat(), "joined on the first",
    )  # fmt: skip


def test_a_correction_never_overlaps_another_row(
    handed_over: Asset, world: World, admin: Person, clock: MovableClock
) -> None:
    row = Ownership.objects.get(person=world.alice)
    longer = Correction(MADRID_0900, HANDED_OVER + timedelta(microseconds=1), "no")
    with pytest.raises(Conflict, match="Bob Example held it"):
        correct_history(actor=admin, row=row, correction=longer, at=clock.now())
    backwards = Correction(HANDED_OVER, MADRID_0900, "no")
    with pytest.raises(DomainError, match="before it starts"):
        correct_history(actor=admin, row=row, correction=backwards, at=clock.now())
    row.refresh_from_db()
    assert (row.valid.lower, row.valid.upper) == (MADRID_0900, HANDED_OVER)


def test_an_asset_may_be_unowned_on_purpose_for_half_a_year(world: World, clock: MovableClock) -> None:
    asset = create_asset(actor=world.alice, draft=AssetDraft("dataset", "scratch"), at=clock.now())
    today = clock.now().date()
    for day in (today, today + timedelta(days=181)):
        with pytest.raises(DomainError, match="180 days"):
            set_unowned(actor=world.alice, asset=asset, until=day, reason="test data", at=clock.now())
    set_unowned(actor=world.alice, asset=asset, until=today + timedelta(days=180), reason="test data", at=clock.now())
    browser = Client()
    browser.force_login(world.alice)
    assert browser.get("/assets/?gap=no_owner").context["rows"] == []
    assert "on purpose" in browser.get("/assets/scratch").content.decode()
    set_unowned(actor=world.alice, asset=asset, until=None, reason="", at=clock.now())
    propose_owner(actor=world.bob, asset=asset, nomination=Nomination(person=world.bob), at=clock.now())
    with pytest.raises(Conflict, match="Somebody owns it"):
        set_unowned(actor=world.alice, asset=asset, until=today + timedelta(days=9), reason="x", at=clock.now())


def test_a_renamed_asset_keeps_its_old_address(world: World, clock: MovableClock) -> None:
    asset = create_asset(actor=world.alice, draft=AssetDraft("dataset", "orders_v2"), at=clock.now())
    renamed = update_asset(actor=world.alice, asset=asset, changes={"name": "orders"}, version=1, at=clock.now())
    assert renamed.slug == "orders"
    answer = client(world.bob).get("/api/v1/assets/orders_v2")
    assert (answer.status_code, answer["Location"]) == (308, "/api/v1/assets/orders")
    back = update_asset(actor=world.alice, asset=asset, changes={"name": "orders_v2"}, version=2, at=clock.now())
    assert back.slug == "orders_v2"


def test_a_retired_asset_loses_owners_and_lists(world: World, clock: MovableClock) -> None:
    asset = create_asset(actor=world.alice, draft=AssetDraft("dataset", "old"), at=clock.now())
    propose_owner(actor=world.bob, asset=asset, nomination=Nomination(person=world.bob), at=clock.now())
    retire_asset(actor=world.alice, asset=asset, reason="replaced", at=clock.now())
    assert (current_owners([asset.pk])[asset.pk].holders, Ownership.objects.get().end_reason) == ((), "retired")
    assert client(world.bob).get("/api/v1/assets").json()["results"] == []
    with pytest.raises(Conflict, match="retired already"):
        retire_asset(actor=world.alice, asset=asset, reason="again", at=clock.now())


def test_only_a_document_describes_an_asset(world: World, clock: MovableClock) -> None:
    create_asset(actor=world.alice, draft=AssetDraft("dataset", "orders"), at=clock.now())
    with pytest.raises(DomainError, match="Only a document"):
        create_asset(actor=world.alice, draft=AssetDraft("metric", "x", documents="orders"), at=clock.now())
    made = create_asset(actor=world.alice, draft=AssetDraft("document", "Guide", documents="orders"), at=clock.now())
    assert made.documents == Asset.objects.get(slug="orders")


def test_columns_are_found_by_search_and_listed(world: World, clock: MovableClock) -> None:
    applied(shop(), clock.now())
    api = client(world.bob)
    assert [found["slug"] for found in api.get("/api/v1/assets?q=total").json()["results"]] == ["fct_orders"]
    assert [column["name"] for column in api.get("/api/v1/assets/fct_orders/columns").json()["columns"]] == [
        "id", "total",
    ]  # fmt: skip


def test_not_me_is_for_good_until_the_file_says_something_else(world: World, clock: MovableClock) -> None:
    applied(shop(owner="alice@example.com"), clock.now())
    row = Ownership.objects.get(person=world.alice)
    decline_ownership(actor=world.alice, row=row, reason="", at=clock.now())
    applied(shop(owner="alice@example.com") | {"docs": {}}, clock.now())
    assert Claim.objects.get(raw="alice@example.com").outcome == "muted"
    asset = Asset.objects.get(slug="fct_orders")
    assert current_owners([asset.pk])[asset.pk].holders == ()
    applied(shop(owner="Alice <alice@example.com>"), clock.now())
    assert current_owners([asset.pk])[asset.pk].primary is not None


@pytest.fixture
def conflict(world: World, clock: MovableClock) -> Claim:
    """Bob owns fct_orders by his word; the file says carol."""
    applied(shop(), clock.now())
    asset = Asset.objects.get(slug="fct_orders")
    propose_owner(actor=world.bob, asset=asset, nomination=Nomination(person=world.bob), at=clock.now())
    applied(shop(owner="carol@example.com"), clock.now())
    return Claim.objects.get(raw="carol@example.com")


def waiting(person: Person) -> list[str]:
    return [row["asset"] for row in client(person).get("/api/v1/conflicts").json()["results"]]


def test_ours_stays_until_owner_or_file_change(conflict: Claim, world: World, clock: MovableClock) -> None:
    assert waiting(world.alice) == ["fct_orders"]
    decide_conflict(actor=world.bob, claim=conflict, decision="keep", at=clock.now())
    applied(shop(owner="carol@example.com") | {"docs": {}}, clock.now())
    assert waiting(world.alice) == []
    applied(shop(owner="carol@example.com, dave@example.com"), clock.now())
    assert waiting(world.alice) == ["fct_orders"]


def test_theirs_takes_over_with_the_yes_and_not_before(conflict: Claim, world: World, clock: MovableClock) -> None:
    with pytest.raises(NotAllowed):
        decide_conflict(actor=world.alice, claim=conflict, decision="take", at=clock.now())
    decide_conflict(actor=world.bob, claim=conflict, decision="take", at=clock.now())
    assert waiting(world.alice) == []
    asset = conflict.asset
    assert current_owners([asset.pk])[asset.pk].primary.party.slug == "bob"  # type: ignore[union-attr] # held
    clock.advance(hours=1)
    proposal = Ownership.objects.get(person=world.carol)
    accept_ownership(actor=world.carol, row=proposal, at=clock.now())
    ended = Ownership.objects.get(person=world.bob, asset=asset)
    proposal.refresh_from_db()
    assert (ended.end_reason, ended.valid.upper) == ("handoff", proposal.valid.lower)


def test_a_muted_file_is_not_heard_again(conflict: Claim, world: World, clock: MovableClock) -> None:
    browser = Client()
    browser.force_login(world.bob)
    assert "ours: Bob Example" in browser.get("/conflicts/").content.decode()
    answer = browser.post("/conflicts/", {"claim": conflict.pk, "decision": "mute"})
    assert answer.status_code == 303
    applied(shop(owner="carol@example.com") | {"docs": {}}, clock.now())
    conflict.refresh_from_db()
    assert (conflict.outcome, waiting(world.alice)) == ("muted", [])


def test_a_domain_never_stands_below_itself(world: World, admin: Person, clock: MovableClock) -> None:
    top = create_domain(actor=admin, draft=DomainDraft("Top"), at=clock.now())
    low = create_domain(actor=admin, draft=DomainDraft("Low", parent=top), at=clock.now())
    with pytest.raises(DomainError, match="below itself"):
        update_domain(actor=admin, domain=top, draft=DomainDraft("Top", parent=low), at=clock.now())
    with pytest.raises(Conflict, match="a domain TOP"):
        create_domain(actor=admin, draft=DomainDraft("TOP"), at=clock.now())
    assert Domain.objects.get(slug="top").parent is None


def test_a_domain_page_counts_by_kind(world: World, clock: MovableClock) -> None:
    headwater = {"headwater": {"domain": "Sales"}}
    applied(manifest(node("model.shop.a", meta=headwater), node("metric.shop.b", meta=headwater)), clock.now())
    browser = Client()
    browser.force_login(world.bob)
    page = browser.get("/domains/sales")
    assert [(row.title, row.side) for row in page.context["rows"]] == [("Dataset", "1"), ("Metric", "1")]
    assert page.context["without_owner"] == 2
    answer = client(world.alice).patch("/api/v1/domains/sales", {"lead_team": "analytics"}, format="json")
    assert answer.status_code == 403


def test_the_pages_for_adding_and_managing_work(world: World, clock: MovableClock) -> None:
    browser = Client()
    browser.force_login(world.alice)
    given = {"name": "Orders", "kind": "dataset", "tier": "1", "description": "One row an order."}
    assert browser.post("/assets/new", given)["Location"] == "/assets/orders"
    edited = browser.post("/assets/orders/edit", {**given, "name": "Orders", "tier": "2", "version": "1"})
    assert edited.status_code == 303
    assert Asset.objects.get().tier == 2
    stale = browser.post("/assets/orders/edit", {**given, "tier": "3", "version": "1"})
    assert (stale.status_code, Asset.objects.get().tier) == (422, 2)
    assert browser.get("/assets/orders/manage").status_code == 200
    refused = browser.post("/assets/orders/merge", {"asset": "nothing"})
    assert "There is no asset nothing." in refused.content.decode()
    assert browser.post("/assets/orders/retire", {"reason": "gone"}).status_code == 303
