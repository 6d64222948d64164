"""A dbt manifest becomes the register, once, and takes nothing from anybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.forms import model_to_dict

from ownership.importers import applying
from ownership.models import Asset, AssetAlias, Claim, Column, Edge, Ownership
from ownership.queries.owners import current_owners
from ownership.services.owning import Nomination, end_ownership, propose_owner
from portal.core.errors import Conflict, NotAllowed
from portal.core.models import AuditEntry, ImportRun
from portal.core.services.imports import FileToImport, apply_import, discard_import, plan_import
from tests.app.ownership.manifests import applied, as_file, manifest, node, planned, shop, source
from tests.world import make_person

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
REGISTER = (Asset, AssetAlias, Edge, Claim, Ownership, Column)


def register() -> dict[str, list[Any]]:
    """Every row of the register, for comparing."""
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in REGISTER}


def owner_names(slug: str) -> list[str]:
    asset = Asset.objects.get(slug=slug)
    return [holder.party.slug for holder in current_owners([asset.pk])[asset.pk].holders]


def test_a_manifest_becomes_assets_edges_and_owners(alice: Person, bob: Person, clock: MovableClock) -> None:
    run = applied(shop(owner="alice@example.com"), clock.now())
    assert run.counts == {
        "assets": 4, "edges": 3, "claims": 2, "columns": 2, "owner_records": 2, "issues": 0, "issues_by_level": {},
    }  # fmt: skip
    assert list(Asset.objects.order_by("slug").values_list("slug", "kind", "tier")) == [
        ("daily", 40, None), ("fct_orders", 20, 1), ("raw.orders", 11, None), ("revenue", 30, None),
    ]  # fmt: skip
    assert Edge.objects.filter(closed_at=None).count() == 3
    assert (owner_names("fct_orders"), owner_names("daily"), owner_names("revenue")) == (["alice"], ["bob"], [])


def test_what_the_file_says_of_an_asset_is_kept(clock: MovableClock) -> None:
    applied(shop(), clock.now())
    asset = Asset.objects.get(slug="fct_orders")
    assert (asset.relation, asset.description, asset.lifecycle) == ("db.main.fct_orders", "One row an order.", "active")
    assert asset.attrs["dbt"]["materialized"] == "table"
    assert asset.attrs["dbt"]["tests"] == 1
    assert list(asset.columns.order_by("n").values_list("name", "type")) == [("id", "bigint"), ("total", "")]


def test_a_dry_run_leaves_the_register_byte_identical(alice: Person, clock: MovableClock) -> None:
    applied(shop(), clock.now())
    before, audits = register(), AuditEntry.objects.count()
    run = planned(shop(owner="alice@example.com"), clock.now())
    assert (run.state, run.plan["claims"]["new"], run.plan["owners"]["starting"]) == ("planned", 1, 1)
    assert (register(), AuditEntry.objects.count()) == (before, audits)


def test_applying_the_same_bytes_again_changes_nothing(alice: Person, clock: MovableClock) -> None:
    applied(shop(owner="alice@example.com"), clock.now())
    before = register()
    clock.advance(hours=1)
    run = applied(shop(owner="alice@example.com"), clock.now())
    assert run.plan == {"is_unchanged": True, "changes": 0, "settled": 0}
    assert register() == before


def test_reading_the_same_file_again_by_force_changes_last_seen_only(alice: Person, clock: MovableClock) -> None:
    applied(shop(owner="alice@example.com"), clock.now())
    before = without_last_seen(register())
    clock.advance(hours=1)
    given = as_file(shop(owner="alice@example.com"))
    run = plan_import(actor=None, given=FileToImport("dbt", given.file, force=True), at=clock.now())
    assert run.plan["changes"] == 0
    apply_import(actor=None, run=run, at=clock.now())
    assert without_last_seen(register()) == before


def without_last_seen(tables: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {
        name: [{key: value for key, value in row.items() if key != "last_seen"} for row in rows]
        for name, rows in tables.items()
    }


def test_what_a_file_no_longer_names_closes_and_retires_after_two(clock: MovableClock) -> None:
    applied(shop(), clock.now())
    smaller = manifest(source("source.shop.raw.orders"), node("model.shop.fct_orders", "source.shop.raw.orders"))
    clock.advance(hours=1)
    run = applied(smaller, clock.now())
    assert (run.plan["assets"]["missing"], run.plan["edges"]["closed"], run.plan["claims"]["closed"]) == (2, 2, 1)
    assert Asset.objects.get(slug="daily").retired_at is None
    clock.advance(hours=1)
    applied(smaller | {"docs": {}}, clock.now())
    assert Asset.objects.get(slug="daily").lifecycle == "retired"
    assert Asset.objects.filter(retired_at=None).count() == 2


def test_a_retired_asset_that_comes_back_is_the_same_row(clock: MovableClock) -> None:
    applied(shop(), clock.now())
    daily = Asset.objects.get(slug="daily").pk
    applied(manifest(node("model.shop.fct_orders")), clock.now(), retire_missing="now")
    assert Asset.objects.get(pk=daily).lifecycle == "retired"
    applied(shop() | {"docs": {}}, clock.now())
    assert Asset.objects.get(pk=daily).lifecycle == "active"
    assert Asset.objects.count() == 4


def test_an_import_never_ends_the_row_of_a_person(alice: Person, bob: Person, clock: MovableClock) -> None:
    applied(shop(), clock.now())
    asset = Asset.objects.get(slug="fct_orders")
    row = propose_owner(actor=bob, asset=asset, nomination=Nomination(person=bob), at=clock.now())
    clock.advance(hours=1)
    applied(shop(owner="alice@example.com"), clock.now())
    assert owner_names("fct_orders") == ["bob"]
    assert Claim.objects.get(asset=asset).outcome == "conflict"
    applied(shop() | {"docs": {}}, clock.now())
    assert Ownership.objects.get(pk=row.pk).valid.upper is None


def test_an_import_closes_only_claims_and_edges_of_its_own_source(clock: MovableClock) -> None:
    applied(shop(owner="alice@example.com"), clock.now())
    other = manifest(node("model.bank.fct_loans", owner=None, meta={"owner": "carol@example.com"}), project="bank")
    applied(other, clock.now())
    applied(manifest(node("model.bank.fct_loans"), project="bank"), clock.now())
    assert Claim.objects.filter(closed_at=None).count() == 2
    assert Edge.objects.filter(closed_at=None).count() == 3
    assert Asset.objects.filter(retired_at=None).count() == 5


def test_an_owner_who_leaves_the_file_leaves_the_asset(alice: Person, carol: Person, clock: MovableClock) -> None:
    applied(shop(owner="alice@example.com, carol@example.com"), clock.now())
    assert owner_names("fct_orders") == ["alice", "carol"]
    clock.advance(hours=1)
    applied(shop(owner="carol@example.com"), clock.now())
    asset = Asset.objects.get(slug="fct_orders")
    rows = Ownership.objects.filter(asset=asset).order_by("recorded_at", "rank")
    assert list(rows.values_list("person__handle", "rank", "state", "end_reason")) == [
        ("alice", 1, "ended", "import_closed"),
        ("carol", 2, "ended", "import_closed"),
        ("carol", 1, "accepted", ""),
    ]
    assert rows[0].valid.upper == rows[2].valid.lower


def test_an_owner_known_later_is_found_when_the_same_file_comes_again(clock: MovableClock) -> None:
    applied(shop(owner="erin@example.com"), clock.now())
    assert Claim.objects.get(raw="erin@example.com").outcome == "unresolved"
    make_person("erin")
    run = applied(shop(owner="erin@example.com"), clock.now())
    assert (run.plan["settled"], owner_names("fct_orders")) == (1, ["erin"])


def test_a_changed_file_changes_only_what_differs(clock: MovableClock) -> None:
    applied(shop(), clock.now())
    changed = shop()
    changed["nodes"]["model.shop.fct_orders"]["description"] = "Better words."
    clock.advance(hours=1)
    run = planned(changed, clock.now())
    assert run.plan["assets"] == {"new": 0, "changed": 1, "same": 3, "missing": 0, "placeholders": 0}
    apply_import(actor=None, run=run, at=clock.now())
    asset = Asset.objects.get(slug="fct_orders")
    assert (asset.description, asset.version) == ("Better words.", 2)
    assert AuditEntry.objects.filter(verb="ownership.asset_imported").count() == 1


def test_an_edge_to_something_undescribed_makes_a_placeholder(clock: MovableClock) -> None:
    run = applied(manifest(node("model.shop.a", "model.other.gone")), clock.now())
    assert (run.counts["assets"], run.counts["placeholders"]) == (1, 1)
    assert model_to_dict(Asset.objects.get(slug="gone"), ["name", "lifecycle", "kind"]) == {
        "name": "gone", "lifecycle": "draft", "kind": 20,
    }  # fmt: skip


def test_one_package_in_two_projects_is_two_sets_of_tables(clock: MovableClock) -> None:
    for project in ("shop", "bank"):
        applied(manifest(node(f"model.{project}.a"), node("model.kit.calendar"), project=project), clock.now())
    assert sorted(AssetAlias.objects.filter(key__endswith="calendar").values_list("key", flat=True)) == [
        "bank/model.kit.calendar", "shop/model.kit.calendar",
    ]  # fmt: skip


def test_two_projects_share_a_public_model(clock: MovableClock) -> None:
    applied(manifest(node("model.up.orders", description="Ours."), project="up"), clock.now())
    shared = node("model.up.orders", description="")
    applied(manifest(shared, node("model.down.report", "model.up.orders"), project="down"), clock.now())
    assert Asset.objects.count() == 2
    assert Asset.objects.get(slug="orders").description == "Ours."
    assert Edge.objects.get().src.slug == "orders"


def test_an_import_killed_between_chunks_ends_like_a_clean_one(
    alice: Person, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = planned(shop(owner="alice@example.com"), clock.now())
    for name, one_row in (("ASSETS_A_CHUNK", 1), ("ROWS_A_CHUNK", 0), ("OWNED_A_CHUNK", 1)):
        monkeypatch.setattr(applying, name, one_row)
    for killed_after in range(1, 9):
        interrupted = ImportRun.objects.get(pk=run.pk)
        with monkeypatch.context() as patch:
            patch.setattr("ownership.importers.room.applying.apply_next", killed(killed_after))
            with pytest.raises(KeyboardInterrupt):
                apply_import(actor=None, run=interrupted, at=clock.now())
    apply_import(actor=None, run=ImportRun.objects.get(pk=run.pk), at=clock.now())
    assert owner_names("fct_orders") == ["alice"]
    assert (Asset.objects.count(), Edge.objects.count(), Ownership.objects.count()) == (4, 3, 2)


def killed(after: int) -> Any:
    """The real chunk writer, killed at its n-th chunk."""
    real, calls = applying.apply_next, [0]

    def run_some(*args: Any) -> bool:
        calls[0] += 1
        if calls[0] > after % 3:
            raise KeyboardInterrupt
        return real(*args)

    return run_some


def test_a_file_of_another_project_under_one_source_needs_a_word(clock: MovableClock) -> None:
    applied(manifest(*(node(f"model.shop.m{n}") for n in range(30))), clock.now())
    given = as_file(manifest(node("model.bank.a"), project="bank"))
    run = plan_import(actor=None, given=FileToImport("dbt:shop", given.file), at=clock.now())
    with pytest.raises(Conflict) as refusal:
        apply_import(actor=None, run=run, at=clock.now())
    assert (refusal.value.code, str(refusal.value.extra["vanishing"]).count("m")) == ("core.import_shrinks", 10)
    assert Asset.objects.count() == 30


def test_a_plan_made_before_another_import_is_stale(clock: MovableClock) -> None:
    run = planned(shop(), clock.now())
    clock.advance(minutes=1)
    applied(shop() | {"docs": {}}, clock.now())
    with pytest.raises(Conflict) as refusal:
        apply_import(actor=None, run=run, at=clock.now())
    assert refusal.value.code == "core.plan_stale"


def test_a_plan_expires_after_a_day(clock: MovableClock) -> None:
    run = planned(shop(), clock.now())
    clock.advance(hours=24, seconds=1)
    with pytest.raises(Conflict) as refusal:
        apply_import(actor=None, run=run, at=clock.now())
    assert refusal.value.code == "core.plan_expired"
    assert Asset.objects.count() == 0


def test_a_discarded_plan_leaves_no_staged_row(clock: MovableClock) -> None:
    run = planned(shop(), clock.now())
    discard_import(actor=None, run=run, at=clock.now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ownership_stagedasset")
        assert cursor.fetchone() == (0,)


def test_a_member_may_not_import(bob: Person, clock: MovableClock) -> None:
    with pytest.raises(NotAllowed):
        plan_import(actor=bob, given=as_file(shop()), at=clock.now())
    assert ImportRun.objects.count() == 0


def test_a_row_a_file_declared_can_be_ended_by_its_owner(alice: Person, clock: MovableClock) -> None:
    applied(shop(owner="alice@example.com"), clock.now())
    row = Ownership.objects.get(person=alice)
    end_ownership(actor=alice, row=row, reason="moved on", at=clock.now())
    assert owner_names("fct_orders") == []
