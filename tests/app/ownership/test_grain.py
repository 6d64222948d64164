"""What one row of an asset is, and what to watch out for: said by people and by files, shown where it is used."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
import yaml
from django.test import Client
from rest_framework.test import APIClient

from ownership.models import Asset
from ownership.services.assets import AssetDraft, create_asset
from portal.core.services.imports import FileToImport, plan_import
from tests.app.ownership.importing import applied_file
from tests.app.ownership.manifests import applied, manifest, node
from tests.app.ownership.samples import ODCS

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
GRAIN, PITFALLS = "one line of an order", "Test accounts are in it."


def browser(world: World) -> Client:
    client = Client()
    client.force_login(world.alice)
    return client


def words(slug: str) -> tuple[str, str]:
    return Asset.objects.values_list("grain", "pitfalls").get(slug=slug)


def test_people_say_it_on_the_page_and_everybody_reads_it_there(world: World, clock: MovableClock) -> None:
    create_asset(actor=world.alice, draft=AssetDraft("dataset", "orders"), at=clock.now())
    page = browser(world)
    body = {
        "name": "orders",
        "kind": "dataset",
        "grain": GRAIN,
        "pitfalls": PITFALLS,
        "lifecycle": "active",
        "version": 1,
    }
    assert page.post("/assets/orders/edit", body)["Location"] == "/assets/orders"
    assert words("orders") == (GRAIN, PITFALLS)
    shown = page.get("/assets/orders").content.decode()
    assert "<b>One row is</b> one line of an order" in shown
    assert "Test accounts are in it." in shown


def test_the_api_takes_and_gives_it_and_refuses_what_is_too_long(world: World, clock: MovableClock) -> None:
    create_asset(actor=world.alice, draft=AssetDraft("dataset", "orders", grain=GRAIN), at=clock.now())
    program = APIClient()
    program.force_authenticate(world.alice)
    answer = program.patch("/api/v1/assets/orders/", {"pitfalls": PITFALLS}, format="json")
    assert (answer.status_code, answer.json()["grain"], answer.json()["pitfalls"]) == (200, GRAIN, PITFALLS)
    assert program.patch("/api/v1/assets/orders/", {"grain": "x" * 501}, format="json").status_code == 422
    assert words("orders") == (GRAIN, PITFALLS)


def test_a_dbt_project_says_it_in_its_meta(world: World, clock: MovableClock) -> None:
    said = {"headwater": {"grain": GRAIN}, "pitfalls": PITFALLS}
    applied(manifest(node("model.shop.orders", meta=said)), clock.now())
    assert words("orders") == (GRAIN, PITFALLS)


def test_a_sheet_says_it_and_comes_back_without_a_change(world: World, clock: MovableClock) -> None:
    sheet = f"asset_key,kind,name,grain,pitfalls\norders,dataset,orders,{GRAIN},{PITFALLS}\n"
    applied_file("csv", sheet.encode(), clock.now())
    assert words("orders") == (GRAIN, PITFALLS)
    export = b"".join(browser(world).get("/assets/export.csv"))
    run = plan_import(actor=None, given=FileToImport("csv", io.BytesIO(export), force=True), at=clock.now())
    assert (run.state, run.plan["changes"]) == ("planned", 0)


def test_a_contract_says_it_and_takes_it_along(world: World, clock: MovableClock) -> None:
    told = yaml.safe_load(ODCS)
    told["schema"][0]["dataGranularityDescription"] = GRAIN
    told["description"] = {"purpose": "Orders.", "limitations": PITFALLS}
    applied_file("odcs", yaml.safe_dump(told).encode(), clock.now())
    assert words("orders") == (GRAIN, PITFALLS)
    answer = yaml.safe_load(browser(world).get("/assets/orders/contract.yaml").content)
    assert answer["schema"][0]["dataGranularityDescription"] == GRAIN
    assert answer["description"] == {"limitations": PITFALLS}
