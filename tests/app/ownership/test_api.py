"""The register and its imports for programs."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.test import APIClient

from ownership.models import Asset, Ownership
from portal.core.models import ImportRun
from tests.app.ownership.manifests import applied, chain, shop

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(alice: Person) -> APIClient:
    client = APIClient()
    client.force_authenticate(alice)
    return client


def upload(content: Any) -> io.BytesIO:
    file = io.BytesIO(json.dumps(content).encode())
    file.name = "manifest.json"
    return file


def test_a_file_is_planned_then_applied(api: APIClient, clock: MovableClock) -> None:
    answer = api.post("/api/v1/imports", {"file": upload(shop()), "source": "dbt"}, format="multipart")
    body = answer.json()
    assert (answer.status_code, body["state"], body["counts"]["assets"]) == (201, "planned", 4)
    assert Asset.objects.count() == 0
    done = api.post(f"/api/v1/imports/{body['n']}/apply/", {}).json()
    assert (done["state"], Asset.objects.count()) == ("applied", 4)
    again = api.post(f"/api/v1/imports/{body['n']}/apply/", {})
    assert (again.status_code, again.json()["code"]) == (409, "core.import_not_planned")


def test_an_unusable_file_is_refused_with_its_place(api: APIClient, clock: MovableClock) -> None:
    file = io.BytesIO(b'{"metadata": {')
    file.name = "manifest.json"
    answer = api.post("/api/v1/imports", {"file": file}, format="multipart")
    body = answer.json()
    assert (answer.status_code, body["code"], body["line"], body["column"]) == (422, "core.json_cut", 1, 14)
    issues = api.get(f"/api/v1/imports/{body['n']}/issues").json()["results"]
    assert [issue["level"] for issue in issues] == ["fatal"]


def test_a_member_may_not_import(bob: Person, clock: MovableClock) -> None:
    client = APIClient()
    client.force_authenticate(bob)
    answer = client.post("/api/v1/imports", {"file": upload(shop())}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (403, "ownership.not_importer")
    assert ImportRun.objects.count() == 0


def test_an_asset_answers_to_its_names(api: APIClient, clock: MovableClock) -> None:
    applied(shop(owner="alice@example.com"), clock.now())
    asset = Asset.objects.get(slug="fct_orders")
    found = {
        api.get(f"/api/v1/assets/{key}").json()["slug"]
        for key in ("fct_orders", str(asset.public_id), "alias:dbt:model.shop.fct_orders")
    }
    assert found == {"fct_orders"}
    assert api.get("/api/v1/assets/none").status_code == 404


def test_the_list_has_the_filters_of_the_page(api: APIClient, clock: MovableClock) -> None:
    applied(shop(owner="alice@example.com"), clock.now())
    rows = api.get("/api/v1/assets/?kind=metric").json()["results"]
    assert [row["slug"] for row in rows] == ["revenue"]
    assert api.get("/api/v1/assets/?unicorn=1").status_code == 400


@pytest.mark.parametrize("count", [10, 60])
def test_the_list_costs_two_queries_of_the_register(
    api: APIClient, clock: MovableClock, count: int, django_assert_max_num_queries: Any
) -> None:
    applied(chain(count), clock.now())
    api.get("/api/v1/assets")
    with django_assert_max_num_queries(4):
        assert api.get("/api/v1/assets").status_code == 200


def test_owners_at_an_instant_in_the_past(api: APIClient, alice: Person, clock: MovableClock) -> None:
    applied(shop(owner="alice@example.com"), clock.now())
    began = clock.now()
    clock.advance(days=2)
    answer = api.get("/api/v1/assets/fct_orders/owners")
    assert [held["person"] for held in answer.json()["owners"]] == ["alice"]
    early = api.get("/api/v1/assets/fct_orders/owners", {"at": began.replace(year=2020).isoformat()})
    assert early.json()["owners"] == []
    day = api.get("/api/v1/assets/fct_orders/owners", {"at": began.date().isoformat()})
    assert [held["person"] for held in day.json()["owners"]] == ["alice"]
    assert api.get("/api/v1/assets/fct_orders/owners", {"at": "yesterday"}).status_code == 400


def test_lineage_always_has_counts(api: APIClient, clock: MovableClock) -> None:
    applied(shop(), clock.now())
    body = api.get("/api/v1/assets/fct_orders/lineage?up=1&down=1").json()
    assert (body["truncated"], body["counts"]) == (False, {"up": 1, "down": 1, "left_out": 0})
    assert sorted(body["edges"], key=str) == [
        {"from": "fct_orders", "to": "revenue", "is_direct": True, "stale_since": None},
        {"from": "raw.orders", "to": "fct_orders", "is_direct": True, "stale_since": None},
    ]


def test_claiming_what_another_holds_names_the_row(
    api: APIClient, alice: Person, bob: Person, clock: MovableClock
) -> None:
    applied(shop(), clock.now())
    assert api.post("/api/v1/assets/fct_orders/ownership", {"person": "alice"}).status_code == 201
    other = APIClient()
    other.force_authenticate(bob)
    answer = other.post("/api/v1/assets/fct_orders/ownership", {"person": "bob"})
    body = answer.json()
    assert (answer.status_code, body["code"], body["overlapping"]["party"]) == (
        409, "ownership.rank_taken", "Alice Example",
    )  # fmt: skip
    assert Ownership.objects.filter(person=bob, asset__slug="fct_orders").count() == 0


def test_a_proposal_is_declined_with_a_reason(api: APIClient, bob: Person, clock: MovableClock) -> None:
    applied(shop(), clock.now())
    row = api.post("/api/v1/assets/fct_orders/ownership", {"person": "bob"}).json()
    assert row["state"] == "proposed"
    other = APIClient()
    other.force_authenticate(bob)
    answer = other.post(f"/api/v1/ownership/{row['id']}/decline", {"reason": "not mine"})
    assert answer.json()["state"] == "declined"


def test_person_and_team_together_are_refused(api: APIClient, clock: MovableClock) -> None:
    applied(shop(), clock.now())
    answer = api.post("/api/v1/assets/fct_orders/ownership", {"person": "bob", "team": "analytics"})
    assert (answer.status_code, answer.json()["code"]) == (422, "ownership.one_party")


def test_an_asset_is_made_and_changed_with_its_version(api: APIClient, clock: MovableClock) -> None:
    made = api.post("/api/v1/assets", {"kind": "metric", "name": "Net GMV"})
    assert (made.status_code, made.json()["slug"]) == (201, "net-gmv")
    url = "/api/v1/assets/net-gmv"
    assert api.patch(url, {"tier": 1}, headers={"If-Match": '"1"'}).json()["version"] == 2
    assert api.patch(url, {"tier": 2}, headers={"If-Match": '"1"'}).status_code == 412
    assert api.post("/api/v1/assets", {"kind": "unicorn", "name": "x"}).json()["code"] == "ownership.unknown_kind"
