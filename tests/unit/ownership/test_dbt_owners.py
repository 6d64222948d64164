"""Every place in which a dbt project may name an owner."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from ownership.importers.dbt.reader import DbtImporter
from ownership.importers.facts import AliasFact, AssetFact, ClaimFact, EdgeFact
from portal.core.importing.issues import Issues
from portal.core.importing.streams import TextStream
from tests.app.ownership.manifests import manifest, node, source

MODEL = "model.shop.a"
GROUPS = {"group.shop.core": {"name": "core", "owner": {"email": "core@example.com", "name": "Core"}}}


def read(content: Any, **options: Any) -> tuple[list[Any], Issues]:
    issues = Issues()
    stream = TextStream(io.BytesIO(json.dumps(content).encode()), max_bytes=10_000_000)
    return list(DbtImporter().read(stream, options=options, issues=issues).facts), issues


def claims(content: Any) -> list[tuple[str, int, int, float]]:
    facts, _ = read(content)
    return [(fact.raw, fact.duty, fact.rank, fact.confidence) for fact in facts if isinstance(fact, ClaimFact)]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (node(MODEL, config={"meta": {"owner": "a@x.io"}}), [("a@x.io", 1, 1, 0.9)]),
        (node(MODEL, meta={"owner": "a@x.io"}), [("a@x.io", 1, 1, 0.9)]),
        (node(MODEL, config={"meta": {"owner": "a"}}, meta={"owner": "a"}), [("a", 1, 1, 0.9)]),
        (node(MODEL, meta={"owners": ["a", "b"]}), [("a", 1, 1, 0.9), ("b", 1, 2, 0.9)]),
        (node(MODEL, meta={"owner": "a, b; c"}), [("a", 1, 1, 0.9), ("b", 1, 2, 0.9), ("c", 1, 3, 0.9)]),
        (node(MODEL, meta={"model_owner": {"name": "A", "email": "a@x.io"}}), [("a@x.io", 1, 1, 0.9)]),
        (node(MODEL, meta={"technical_owner": "a"}), [("a", 1, 1, 0.9)]),
        (node(MODEL, meta={"business_owner": "a"}), [("a", 2, 1, 0.9)]),
        (node(MODEL, meta={"data_steward": "a"}), [("a", 3, 1, 0.9)]),
        (node(MODEL, meta={"steward": "a"}), [("a", 3, 1, 0.9)]),
        (node(MODEL, config={"owner": "a"}), [("a", 1, 1, 0.9)]),
        (node(MODEL, group="core"), [("core@example.com", 1, 1, 0.9)]),
        (node(MODEL, config={"group": "core"}), [("core@example.com", 1, 1, 0.9)]),
        (
            node(MODEL, group="core", meta={"owner": "a"}),
            [("a", 1, 1, 0.9), ("core@example.com", 1, 2, 0.6)],
        ),
        (source("source.shop.raw.a", source_meta={"owner": "a"}), [("a", 1, 1, 0.9)]),
        (node("exposure.shop.a", owner={"email": "a@x.io", "name": "A"}), [("a@x.io", 1, 1, 0.9)]),
        (node("exposure.shop.a", owner={"email": ["a@x.io", "b"]}), [("a@x.io", 1, 1, 0.9), ("b", 1, 2, 0.9)]),
        (node("exposure.shop.a", owner={"email": None, "name": "A"}), [("A", 1, 1, 0.9)]),
        (node(MODEL, meta={"owner": 7}), []),
        (node(MODEL), []),
    ],
)  # fmt: skip
def test_each_place_yields_its_owner(record: dict[str, Any], expected: list[Any]) -> None:
    assert claims(manifest(record, groups=GROUPS)) == expected


def test_an_exposure_without_an_owner_is_kept_with_an_error() -> None:
    facts, issues = read(manifest(node("exposure.shop.a", owner={"name": ""})))
    assert [fact.key for fact in facts] == ["exposure.shop.a"]
    assert [(issue.code, issue.pointer) for issue in issues.kept] == [
        ("HW-OWNER-EMPTY", "/exposures/exposure.shop.a/owner")
    ]


@pytest.mark.parametrize("version", [4, 10, 11, 12])
def test_all_versions_of_one_project_give_the_same_facts(version: int) -> None:
    content = manifest(node(MODEL, "source.shop.raw.o", meta={"owner": "a"}), source("source.shop.raw.o"))
    newest, _ = read(content)
    content["metadata"]["dbt_schema_version"] = f"https://schemas.getdbt.com/dbt/manifest/v{version}.json"
    assert read(content)[0] == newest


def test_a_test_node_is_no_asset_and_no_edge() -> None:
    content = manifest(
        node(MODEL), node("test.shop.t", MODEL, attached_node=MODEL), node("model.shop.b", "test.shop.t")
    )
    facts, _ = read(content)
    assert [fact.key for fact in facts if isinstance(fact, AssetFact)] == [MODEL, "model.shop.b"]
    assert [fact for fact in facts if isinstance(fact, EdgeFact)] == []


def test_tests_are_names_of_what_they_stand_on_the_first_500_of_each() -> None:
    tests = (node(f"test.shop.t{n}", MODEL, *(["model.shop.b"] if n > 500 else [])) for n in range(502))
    facts, _ = read(manifest(node(MODEL), node("model.shop.b"), *tests))
    names = [(fact.asset_key, fact.key) for fact in facts if isinstance(fact, AliasFact)]
    assert names == [*((MODEL, f"test.shop.t{n}") for n in range(500)), ("model.shop.b", "test.shop.t501")]
    assert [fact.attrs["dbt"]["tests"] for fact in facts if isinstance(fact, AssetFact)] == [502, 1]


def test_an_id_that_comes_twice_is_read_once() -> None:
    content = manifest(node(MODEL), exposures={MODEL: node(MODEL)}, metrics={})
    content["sources"] = {MODEL: source("source.shop.raw.a") | {"name": "second"}}
    facts, _ = read(content)
    assert [(fact.key, fact.name) for fact in facts if isinstance(fact, AssetFact)] == [(MODEL, "a")]


def test_a_disabled_model_is_no_asset() -> None:
    facts, _ = read(manifest(node(MODEL), disabled={"model.shop.off": [node("model.shop.off")]}))
    assert [fact.key for fact in facts] == [MODEL]


def test_a_versioned_model_says_its_version() -> None:
    facts, _ = read(manifest(node("model.shop.customers.v3", name="customers", version=3, latest_version=4)))
    assert (facts[0].name, facts[0].attrs["dbt"]["version_of"]) == ("customers (v3)", "model.shop.customers")


def test_an_unknown_shape_costs_its_field_only() -> None:
    facts, issues = read(manifest(node(MODEL, description=7, columns=[], tags="x", config=None, meta=None)))
    assert (facts[0].key, facts[0].description) == (MODEL, "")
    assert {issue.pointer for issue in issues.kept} == {
        f"/nodes/{MODEL}/{name}" for name in ("description", "columns", "tags")
    }


def test_meta_headwater_places_the_asset() -> None:
    told = {"headwater": {"kind": "master_data", "tier": 2, "domain": "Finance"}}
    facts, _ = read(manifest(node(MODEL, meta=told, tags=["tier_1"])))
    assert (facts[0].kind, facts[0].tier, facts[0].domain) == (21, 2, "Finance")


def test_a_rule_of_the_source_places_the_asset() -> None:
    facts, _ = read(
        manifest(node("model.shop.dim_a")), rules=[{"field": "name", "glob": "dim_*", "kind": "master_data"}]
    )
    assert facts[0].kind == 21
