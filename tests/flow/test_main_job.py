"""The main job, told twice: by pages alone, and by the API alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from ownership.services.assets import AssetDraft, create_asset
from portal.engine.models import Notice
from portal.engine.services.firing import fire_batch
from requests_queue.models import DataRequest, SlaClock
from requests_queue.services.assigning import assign_request
from tests.app.requests_queue.desk import TUESDAY
from tests.world import make_person

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def asset(world: World) -> str:
    draft = AssetDraft(name="Net GMV", kind="metric")
    return create_asset(actor=world.alice, draft=draft, at=TUESDAY).slug


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_an_analyst_asks_by_the_pages_and_the_promise_is_kept(world: World, asset: str, clock: MovableClock) -> None:
    bob, alice = browser(world.bob), browser(world.alice)
    clock.set(TUESDAY)
    page = bob.get(f"/requests/new?assets={asset}&team=data-platform")
    assert "by today 12:00" in page.content.decode()
    form = {"title": "Why is net GMV lower than finance", "kind": "question", "team": "data-platform", "assets": asset}
    where = bob.post("/requests/new", form)["Location"]
    request = DataRequest.objects.get()
    assert [link.asset.slug for link in request.assets.all()] == [asset]
    assert request.number in alice.get("/triage/").content.decode()
    for verb, body in (
        ("claim", {}), ("decide", {"lane": "question"}), ("start", {}), ("resolve", {"text": "Refunds by order date"})
    ):  # fmt: skip
        assert alice.post(f"{where}/do/{verb}", body).status_code == 303
    assert "Refunds by order date" in bob.get(where).content.decode()
    assert set(SlaClock.objects.values_list("state", flat=True)) == {"met"}


def test_the_same_by_the_api_alone(world: World, asset: str, clock: MovableClock) -> None:
    bob, alice = APIClient(), APIClient()
    bob.force_authenticate(world.bob)
    alice.force_authenticate(world.alice)
    clock.set(TUESDAY)
    body = {"kind": "question", "title": "Why is net GMV lower", "team": "data-platform", "assets": [asset]}
    made = bob.post("/api/v1/requests/", body).json()
    due = {one["kind"]: one["due_at"] for one in made["clocks"]}
    assert made["expected"]["resolution_by"] == due["resolution"]
    url = f"/api/v1/requests/{made['number']}"
    for verb, given in (
        ("claim", {}),
        ("decide", {"lane": "question"}),
        ("start", {}),
        ("resolve", {"text": "Refunds"}),
    ):
        assert alice.post(f"{url}/{verb}/", given).status_code == 200
    assert [row["body"] for row in bob.get(f"{url}/messages/").json()["results"]] == ["Refunds"]


def test_a_breach_reaches_assignee_backup_and_lead(world: World, asset: str, clock: MovableClock) -> None:
    erin, frank = make_person("erin", team=world.data_platform), make_person("frank", team=world.data_platform)
    clock.set(TUESDAY)
    form = {"title": "Why is net GMV lower than finance", "kind": "question", "team": "data-platform", "assets": asset}
    browser(world.bob).post("/requests/new", form)
    request = DataRequest.objects.get()
    assign_request(actor=world.alice, request=request, assignee=erin, at=TUESDAY)
    DataRequest.objects.update(backup=frank)
    clock.set(TUESDAY + 2 * HOUR + timedelta(seconds=5))
    fire_batch(by="test")
    rows = Notice.objects.filter(kind="requests.sla_step", context__promise="First reply")
    assert sorted(row.recipient.handle for row in rows if row.recipient) == ["alice", "erin", "frank"]
    assert all(isinstance(row.created_at, datetime) and row.is_acknowledgeable for row in rows)
