"""Two entries of one asset become one, and can be told apart again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from ownership.models import Asset, AssetAlias, Claim, Edge, Ownership
from ownership.services.assets import AssetDraft, create_asset, free_slugs
from ownership.services.merging import add_alias, merge_assets, split_alias
from ownership.services.owning import Nomination, propose_owner
from portal.core.errors import Conflict, NotAllowed
from portal.core.models import AuditEntry
from portal.core.services.undo import undo_change
from tests.app.ownership.manifests import applied, manifest, node, shop

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
WATCHED = (AssetAlias, Edge, Claim, Ownership)


def rows() -> dict[str, list[Any]]:
    return {model.__name__: sorted(map(str, model.objects.values())) for model in WATCHED}


@pytest.fixture
def pair(alice: Person, bob: Person, clock: MovableClock) -> tuple[Asset, Asset]:
    """fct_orders of the shop, owned by alice, and an entry made by hand that bob owns, which a document describes."""
    applied(shop(owner="alice@example.com"), clock.now())
    other = create_asset(actor=alice, draft=AssetDraft("dataset", "Orders table"), at=clock.now())
    propose_owner(actor=bob, asset=other, nomination=Nomination(person=bob), at=clock.now())
    create_asset(actor=alice, draft=AssetDraft("document", "How to", documents=other.slug), at=clock.now())
    clock.advance(minutes=1)
    return Asset.objects.get(slug="fct_orders"), other


def test_a_merged_entry_leads_to_its_heir(pair: tuple[Asset, Asset], alice: Person, clock: MovableClock) -> None:
    kept, gone = pair
    merge_assets(actor=alice, kept=gone, gone=kept, at=clock.now())
    kept.refresh_from_db()
    assert (kept.lifecycle, kept.merged_into_id) == ("retired", gone.pk)
    assert Edge.objects.filter(closed_at=None, dst=gone).count() == 1
    assert Edge.objects.filter(closed_at=None, src=gone).count() == 1
    assert Claim.objects.filter(closed_at=None, asset=gone).count() == 1
    assert list(Ownership.objects.filter(asset=kept).values_list("end_reason", flat=True)) == ["merged"]
    browser, api = Client(), APIClient()
    browser.force_login(alice)
    api.force_authenticate(alice)
    page = browser.get("/assets/fct_orders")
    assert (page.status_code, page["Location"]) == (301, "/assets/orders-table")
    for key in ("fct_orders", str(kept.public_id)):
        answer = api.get(f"/api/v1/assets/{key}")
        assert (answer.status_code, answer["Location"]) == (308, "/api/v1/assets/orders-table")
    assert api.get("/api/v1/assets/alias:dbt:model.shop.fct_orders").json()["slug"] == "orders-table"


def test_merge_then_undo_restores_every_row(pair: tuple[Asset, Asset], alice: Person, clock: MovableClock) -> None:
    kept, gone = pair
    before = rows()
    entry = merge_assets(actor=alice, kept=kept, gone=gone, at=clock.now())
    assert Asset.objects.get(slug="how-to").documents == kept
    undo_change(actor=alice, entry=entry, at=clock.now())
    assert rows() == before
    gone.refresh_from_db()
    assert (gone.lifecycle, gone.retired_at, gone.merged_into) == ("active", None, None)
    assert Asset.objects.get(slug="how-to").documents == gone
    with pytest.raises(Conflict, match="taken back already"):
        undo_change(actor=alice, entry=entry, at=clock.now())


def test_a_dataset_with_lineage_is_told_apart_again(
    pair: tuple[Asset, Asset], alice: Person, clock: MovableClock
) -> None:
    kept, gone = pair
    before = rows()
    entry = merge_assets(actor=alice, kept=gone, gone=kept, at=clock.now())
    browser = Client()
    browser.force_login(alice)
    assert "Undo" in browser.get("/changes/").content.decode()
    assert browser.post(f"/changes/{entry.pk}/undo").status_code == 303
    assert rows() == before


def test_after_thirty_days_a_merge_stands(pair: tuple[Asset, Asset], alice: Person, clock: MovableClock) -> None:
    entry = merge_assets(actor=alice, kept=pair[0], gone=pair[1], at=clock.now())
    clock.advance(days=31)
    with pytest.raises(Conflict, match="30 days"):
        undo_change(actor=alice, entry=entry, at=clock.now())
    assert AuditEntry.objects.filter(verb="core.undone").count() == 0


def test_a_member_merges_nothing(pair: tuple[Asset, Asset], carol: Person, clock: MovableClock) -> None:
    before = rows()
    with pytest.raises(NotAllowed):
        merge_assets(actor=carol, kept=pair[0], gone=pair[1], at=clock.now())
    assert rows() == before


def test_a_name_is_split_off_with_what_its_source_said(alice: Person, clock: MovableClock) -> None:
    applied(manifest(node("model.shop.a", relation_name="db.s.t"), node("model.shop.b", "model.shop.a")), clock.now())
    first = Asset.objects.get(slug="a")
    add_alias(actor=alice, asset=first, key="the a table", at=clock.now())
    alias = AssetAlias.objects.get(key="model.shop.a")
    made = split_alias(actor=alice, alias=alias, slug=free_slugs([first.slug])[0], at=clock.now())
    assert (made.slug, made.name) == ("a-2", "a")
    assert Edge.objects.get().src == made
    last = AssetAlias.objects.get(asset=made)
    with pytest.raises(Conflict, match="needs this name"):
        split_alias(actor=alice, alias=last, slug="a-3", at=clock.now())


def test_a_name_belongs_to_one_asset(pair: tuple[Asset, Asset], alice: Person, clock: MovableClock) -> None:
    add_alias(actor=alice, asset=pair[0], key="orders", at=clock.now())
    with pytest.raises(Conflict, match="fct_orders has this name"):
        add_alias(actor=alice, asset=pair[1], key="orders", at=clock.now())
