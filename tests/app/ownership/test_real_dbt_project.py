"""A manifest that dbt itself wrote, of the project under tests/data/imports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ownership.models import Asset, Edge, Ownership
from tests.app.ownership.manifests import applied

if TYPE_CHECKING:
    from portal.core.models import ImportRun
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
MANIFEST = Path(__file__).parents[2] / "data" / "imports" / "dbt_project" / "manifest.json"
MOST_BYTES = 200 * 1024


@pytest.fixture
def run(world: World, clock: MovableClock) -> ImportRun:
    """The manifest, applied, with the cast known."""
    return applied(MANIFEST.read_bytes(), clock.now())


def test_each_record_becomes_one_asset_of_its_kind(run: ImportRun) -> None:
    found: dict[int, list[str]] = {}
    for kind, slug in Asset.objects.order_by("kind", "slug").values_list("kind", "slug"):
        found.setdefault(kind, []).append(slug)
    assert found == {
        11: ["payments.transfers", "shop.customers", "shop.orders"],
        20: [
            "countries", "customers_history", "days", "dim_customers-v1", "dim_customers-v2", "fct_orders",
            "order_payments", "payment_methods", "sales_weekly", "stg_customers", "stg_orders", "stg_transfers",
        ],
        30: ["orders", "revenue"],
        40: ["sales_board"],
        41: ["churn_study"],
    }  # fmt: skip
    assert run.counts["issues"] == 0


def test_data_flows_as_the_project_says(run: ImportRun) -> None:
    assert sorted(Edge.objects.values_list("src__slug", "dst__slug")) == [
        ("countries", "dim_customers-v2"),
        ("dim_customers-v1", "churn_study"),
        ("dim_customers-v2", "sales_weekly"),
        ("fct_orders", "orders"),
        ("fct_orders", "sales_weekly"),
        ("order_payments", "fct_orders"),
        ("orders", "revenue"),
        ("payment_methods", "order_payments"),
        ("payments.transfers", "stg_transfers"),
        ("revenue", "sales_board"),
        ("sales_weekly", "sales_board"),
        ("shop.customers", "stg_customers"),
        ("shop.orders", "stg_orders"),
        ("stg_customers", "customers_history"),
        ("stg_customers", "dim_customers-v1"),
        ("stg_customers", "dim_customers-v2"),
        ("stg_orders", "fct_orders"),
        ("stg_transfers", "order_payments"),
    ]


def test_assets_know_how_many_stand_two_steps_downstream(run: ImportRun) -> None:
    counts = dict(Asset.objects.values_list("slug", "downstream_count"))
    names = ("shop.customers", "stg_customers", "fct_orders", "sales_weekly", "churn_study")
    assert [counts[name] for name in names] == [4, 5, 4, 1, 0]


def test_owners_come_from_meta_groups_and_exposures(run: ImportRun) -> None:
    rows = Ownership.objects.filter(state="accepted").order_by("asset__slug", "duty", "rank")
    assert list(rows.values_list("asset__slug", "duty", "rank", "person__handle", "team__slug")) == [
        ("countries", 1, 1, None, "data-platform"),
        ("customers_history", 1, 1, None, "data-platform"),
        ("dim_customers-v1", 1, 1, "alice", None),
        ("dim_customers-v2", 1, 1, "alice", None),
        ("fct_orders", 1, 1, "alice", None),
        ("fct_orders", 1, 2, None, "data-platform"),
        ("fct_orders", 2, 1, "bob", None),
        ("payment_methods", 1, 1, None, "data-platform"),
        ("revenue", 1, 1, "bob", None),
        ("sales_board", 1, 1, "bob", None),
        ("sales_weekly", 1, 1, None, "analytics"),
        ("shop.orders", 1, 1, "carol", None),
        ("stg_customers", 1, 1, None, "data-platform"),
        ("stg_orders", 1, 1, None, "data-platform"),
        ("stg_transfers", 1, 1, None, "data-platform"),
    ]


def test_versions_tests_and_freshness_are_kept(run: ImportRun) -> None:
    old = Asset.objects.get(slug="dim_customers-v1")
    assert (old.name, old.lifecycle) == ("dim_customers (v1)", "deprecated")
    assert old.attrs["dbt"]["version_of"] == "model.harbour.dim_customers"
    assert Asset.objects.get(slug="stg_orders").attrs["dbt"]["tests"] == 2
    assert Asset.objects.get(slug="fct_orders").tier == 1
    assert Asset.objects.get(slug="shop.orders").attrs["dbt"]["freshness"] == {
        "warn_after": {"count": 12, "period": "hour"},
        "error_after": {"count": 24, "period": "hour"},
    }


def test_the_manifest_names_no_machine_and_nobody_who_made_it() -> None:
    text = MANIFEST.read_text()
    assert len(text) < MOST_BYTES
    assert [word for word in ("/tmp", "/home", "/root", "user_id", "invocation_id", "raw_code") if word in text] == []  # noqa: S108 (looked for, not used)
