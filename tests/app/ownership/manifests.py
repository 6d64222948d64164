"""Small dbt manifests, made by hand: a shop with a source, two models, a metric and a dashboard."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from portal.core.services.imports import FileToImport, apply_import, plan_import

if TYPE_CHECKING:
    from datetime import datetime

    from portal.core.models import ImportRun

SCHEMA = "https://schemas.getdbt.com/dbt/manifest/v12.json"


def node(unique_id: str, *upstream: str, **more: Any) -> dict[str, Any]:
    """A record of `nodes`, `metrics` or `exposures`."""
    sort, package, name = unique_id.split(".", 2)
    return {
        "unique_id": unique_id,
        "resource_type": sort,
        "package_name": package,
        "name": name,
        "depends_on": {"nodes": list(upstream)},
        **more,
    }


def source(unique_id: str, **more: Any) -> dict[str, Any]:
    _, package, group, name = unique_id.split(".")
    return {
        "unique_id": unique_id,
        "resource_type": "source",
        "package_name": package,
        "source_name": group,
        "name": name,
        **more,
    }


def manifest(*records: dict[str, Any], project: str = "shop", **more: Any) -> dict[str, Any]:
    """A manifest of these records, each in its section."""
    sections: dict[str, Any] = {
        name: {} for name in ("nodes", "sources", "exposures", "metrics", "semantic_models", "saved_queries")
    }
    places = {"source": "sources", "exposure": "exposures", "metric": "metrics", "semantic_model": "semantic_models"}
    for record in records:
        sections[places.get(record["resource_type"], "nodes")][record["unique_id"]] = record
    return {"metadata": {"dbt_schema_version": SCHEMA, "project_name": project}, **sections, **more}


def shop(**owner: Any) -> dict[str, Any]:
    """Four assets in a line; `owner` is the meta of fct_orders."""
    return manifest(
        source("source.shop.raw.orders"),
        node(
            "model.shop.fct_orders",
            "source.shop.raw.orders",
            relation_name='"db"."main"."fct_orders"',
            description="One row an order.",
            columns={"id": {"name": "id", "data_type": "bigint"}, "total": {"name": "total"}},
            config={"meta": owner, "materialized": "table"},
            meta=owner,
            tags=["tier_1"],
        ),
        node("metric.shop.revenue", "model.shop.fct_orders"),
        node("exposure.shop.daily", "metric.shop.revenue", type="dashboard", owner={"email": "bob@example.com"}),
        node("test.shop.unique_id", "model.shop.fct_orders", attached_node="model.shop.fct_orders"),
    )


def chain(count: int) -> dict[str, Any]:
    """A source that feeds `count` models, each owned."""
    readers = (
        node(f"model.shop.m{n}", "model.shop.hub", meta={"owner": "alice@example.com"}, columns={"id": {"name": "id"}})
        for n in range(count)
    )
    return manifest(node("model.shop.hub", meta={"owner": "alice@example.com, bob@example.com"}), *readers)


def as_file(content: Any, **options: Any) -> FileToImport:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return FileToImport("dbt", io.BytesIO(data), "manifest.json", options)


def planned(content: Any, at: datetime, **options: Any) -> ImportRun:
    return plan_import(actor=None, given=as_file(content, **options), at=at)


def applied(content: Any, at: datetime, **options: Any) -> ImportRun:
    run = planned(content, at, **options)
    assert run.state == "planned", run.counts
    return apply_import(actor=None, run=run, at=at)
