"""A file that says little anew costs little: who is settled again, what is written, how it is looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from ownership.importers import statements
from ownership.importers.owner_statements import UNSETTLED
from ownership.importers.planning import run_over_all
from ownership.models import Asset, AssetAlias, Claim, StagedOwned
from ownership.services.owning import end_ownership
from portal.core.models import AuditEntry
from tests.app.ownership.importing import applied_file
from tests.app.ownership.manifests import applied, manifest, node
from tests.app.ownership.test_import_dbt import owner_names

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from portal.core.models import ImportRun
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db


def unsettled(run: ImportRun) -> list[str]:
    """The assets that the end of an import of this source would settle now."""
    run_over_all(UNSETTLED, run=run.pk, source=run.source_id)
    ids = list(StagedOwned.objects.filter(run=run).values_list("asset_id", flat=True))
    StagedOwned.objects.filter(run=run).delete()
    return list(Asset.objects.filter(pk__in=ids).order_by("name").values_list("name", flat=True))


def owned(**owners: str | None) -> dict[str, Any]:
    return manifest(*(node(f"model.shop.{name}", meta={"owner": owner}) for name, owner in owners.items()))


def test_only_assets_of_whom_something_is_left_to_say_are_settled(
    alice: Person, bob: Person, carol: Person, clock: MovableClock
) -> None:
    both = f"{alice.email}, {bob.email}"
    run = applied(owned(a=both, b=bob.email, c="nobody-knows@example.com"), clock.now())
    assert (owner_names("a"), owner_names("b"), owner_names("c")) == (["alice", "bob"], ["bob"], [])
    assert unsettled(run) == []
    Claim.objects.filter(asset__name="c").update(person=carol)
    assert unsettled(run) == ["c"]
    Claim.objects.filter(asset__name="a", person=alice).update(closed_at=clock.now())
    assert unsettled(run) == ["a", "c"]
    clock.advance(hours=1)
    applied_file("csv", f"asset_key,kind,name,owner\nb,dataset,b,{carol.email}\n", clock.now())
    assert unsettled(run) == ["a", "b", "c"]


def test_who_changed_in_the_file_changes_in_the_register(alice: Person, bob: Person, clock: MovableClock) -> None:
    applied(owned(a=f"{alice.email}, {bob.email}", b=bob.email), clock.now())
    clock.advance(hours=1)
    applied(owned(a=f"{bob.email}, {alice.email}", b=alice.email), clock.now())
    assert (owner_names("a"), owner_names("b")) == (["bob", "alice"], ["alice"])


def test_an_owner_whom_a_person_ended_is_named_again_by_the_next_file(alice: Person, clock: MovableClock) -> None:
    applied(owned(a=alice.email, b=alice.email), clock.now())
    row = Asset.objects.get(name="a").ownerships.get()
    clock.advance(hours=1)
    end_ownership(actor=alice, row=row, reason="correction", at=clock.now())
    clock.advance(hours=1)
    applied(owned(a=alice.email, b=alice.email) | {"docs": {}}, clock.now())
    assert owner_names("a") == ["alice"]


def test_each_changed_asset_keeps_what_it_said_before(clock: MovableClock) -> None:
    applied(manifest(node("model.shop.a", description="Old."), node("model.shop.b")), clock.now())
    before = Asset.objects.get(name="a")
    clock.advance(hours=1)
    told = {"headwater": {"tier": 2, "domain": "Finance"}}
    applied(manifest(node("model.shop.a", description="New.", meta=told), node("model.shop.b")), clock.now())
    a = Asset.objects.get(name="a")
    assert (a.description, a.tier, a.domain and a.domain.name, a.version) == ("New.", 2, "Finance", before.version + 1)
    entry = AuditEntry.objects.get(verb="ownership.asset_imported")
    assert (entry.object_id, entry.object_label) == (str(a.pk), "a")
    assert entry.before == {"description": "Old.", "tier": None}
    assert entry.after == {"description": "New.", "tier": 2, "fields": ["description", "tier", "domain"]}


def test_two_names_of_one_asset_are_taken_one_after_the_other(clock: MovableClock) -> None:
    applied(manifest(node("model.shop.a"), node("model.shop.b")), clock.now())
    asset = Asset.objects.get(name="a")
    AssetAlias.objects.filter(key="model.shop.b").update(asset=asset)
    clock.advance(hours=1)
    records = (node(f"model.shop.{name}", name="a", description=f"Of {name}.") for name in "ab")
    applied(manifest(*records), clock.now())
    said = AuditEntry.objects.filter(verb="ownership.asset_imported").order_by("pk")
    assert [entry.after["description"] for entry in said] == ["Of a.", "Of b."]
    asset.refresh_from_db()
    assert (asset.description, asset.version) == ("Of b.", 3)


@pytest.mark.parametrize(
    "text",
    [
        "asset_key,kind,name,owner\na,dataset,a,x@example.com\na,dataset,a,x@example.com\n",
        "db_name,schema,cluster,table_name,owners\nd,s,c,a,x@example.com\nd,s,c,a,x@example.com\n",
        "src_key,dst_key\na,b\na,b\n",
    ],
    ids=["assets", "owners", "edges"],
)
def test_a_row_that_comes_twice_says_nothing_twice(text: str, clock: MovableClock) -> None:
    run = applied_file("csv", text, clock.now())
    assert (run.counts["claims"], run.counts["edges"]) == ((0, 1) if "src_key" in text else (1, 0))


@pytest.mark.parametrize(
    ("statement", "way", "never"),
    [
        (statements.MATCH_RELATION, "indexscan", "ownership_asset_by_name"),
        (statements.DIFFER, "sort", "ownership_assetalias_pkey"),
    ],
)
def test_a_record_is_compared_by_looking_up_its_own_rows(statement: str, way: str, never: str) -> None:
    """Not by an index of all rows, read for each record: statistics that are out of date made that look cheap."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL enable_nestloop = off; SET LOCAL enable_seqscan = off; SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {statement}", {"run": 1, "source": 1})
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert never not in plan
