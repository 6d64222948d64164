"""What is late, and the results of dbt in one call."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from ownership.models import AssetStatus
from portal.engine.models import EngineEvent
from tests.app.ownership.manifests import applied, manifest, node, shop, source
from tests.app.ownership.samples import RUN_RESULTS

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
SOURCES = {
    "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/sources/v3.json"},
    "results": [
        {"unique_id": "source.shop.raw.orders", "status": "error", "snapshotted_at": "2026-03-02T03:00:00Z",
         "max_loaded_at": "2026-03-01T03:00:00Z"},
    ],
}  # fmt: skip


@pytest.fixture
def api(world: World, clock: MovableClock) -> Any:
    clock.set(datetime(2026, 3, 2, 10, tzinfo=UTC))
    freshness = {"error_after": {"count": 12, "period": "hour"}}
    content = shop()
    content["sources"]["source.shop.raw.orders"] = source("source.shop.raw.orders", freshness=freshness)
    applied(content, clock.now())
    client = APIClient()
    client.force_authenticate(world.alice)
    return client


def test_results_of_dbt_land_without_a_dry_run(api: Any) -> None:
    body = {"run_results": json.loads(RUN_RESULTS), "sources": SOURCES}
    answer = api.post("/api/v1/status/dbt", body, format="json")
    assert (answer.status_code, answer.json()["run_results"]["statuses"]) == (200, 2)
    late = api.get("/api/v1/status/late").json()["results"]
    assert [(row["asset"], row["late"], row["promise"]) for row in late] == [("raw.orders", True, 43200)]
    assert late[0]["since"] == "2026-03-01T15:00:00Z"
    one = api.get("/api/v1/assets/fct_orders/status").json()
    assert (one["late"], one["last_landed_at"], one["on_time_90d"]) == (False, "2026-03-02T03:05:00Z", 1.0)


def test_the_share_of_good_results_is_of_ninety_days(api: Any, clock: MovableClock) -> None:
    for n, status in enumerate(["success", "error", "success", "success"]):
        body = json.loads(RUN_RESULTS)
        body["results"] = [{"unique_id": "model.shop.fct_orders", "status": status}]
        body["metadata"]["generated_at"] = clock.now().isoformat()
        assert api.post("/api/v1/status/dbt", body, format="json").status_code == 200
        clock.advance(hours=n + 1)
    found = api.get("/api/v1/assets/fct_orders/status").json()
    assert (found["late"], found["on_time_90d"]) == (False, 0.75)


def test_only_a_flip_between_good_and_failed_is_published(
    api: Any, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        "ownership.services.status.publish_event", lambda **facts: told.append(facts["payload"]["state"])
    )
    for status in ("success", "error", "error", "skipped", "success", "success"):
        clock.advance(hours=1)
        body = json.loads(RUN_RESULTS)
        body["results"] = [{"unique_id": "model.shop.fct_orders", "status": status}]
        body["metadata"]["generated_at"] = clock.now().isoformat()
        api.post("/api/v1/status/dbt", body, format="json")
    assert (told, EngineEvent.objects.filter(topic="ownership.run_state_changed").count()) == (["failed", "ok"], 0)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ([], 400, "core.unparsable"),
        ({"x": 1}, 422, "ownership.no_results"),
        ({"run_results": {"metadata": {}}}, 422, "ownership.unreadable_results"),
    ],
)
def test_what_is_no_result_is_refused(api: Any, body: Any, status: int, code: str) -> None:
    answer = api.post("/api/v1/status/dbt", body, format="json")
    assert (answer.status_code, answer.json()["code"], AssetStatus.objects.count()) == (status, code, 0)


def test_the_asset_page_shows_how_it_stands(api: Any, world: World) -> None:
    api.post("/api/v1/status/dbt", {"sources": SOURCES}, format="json")
    browser = Client()
    browser.force_login(world.bob)
    page = browser.get("/assets/raw.orders").content.decode()
    assert "Late since" in page
    assert "</svg>Late " in page
    assert "Good in 90 days" in page


def test_a_manifest_alone_is_late_in_nothing(api: Any, clock: MovableClock) -> None:
    applied(manifest(node("model.shop.fct_orders"), {"resource_type": "test", "unique_id": "test.shop.x"}), clock.now())
    assert api.get("/api/v1/status/late").json()["results"] == []
