"""How a pipeline is called: said on its page and by the API, by who plans its changes; the header is never shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from rest_framework.test import APIClient

from ownership.models import Asset, PipelineTrigger
from ownership.services.owning import Nomination, propose_owner
from portal.accounts.services.endpoints import NewEndpoint, create_endpoint
from portal.core.models import AuditEntry
from tests.app.ownership.graphs import make_graph

if TYPE_CHECKING:
    from django.test import Client

    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
PAGE, API = "/assets/load/trigger", "/api/v1/assets/load/trigger"
WISH = {"kind": "airflow3", "endpoint": "runner", "job": "daily", "authorization": "Bearer s3cret"}


@pytest.fixture
def load(world: World, clock: MovableClock) -> Asset:
    """Alice has it, and leads the team of the webhook `runner`."""
    clock.set(AT)
    asset = make_graph([], at=AT, alone=["load"])["load"]
    propose_owner(actor=world.alice, asset=asset, nomination=Nomination(person=world.alice), at=AT)
    wish = NewEndpoint("runner", "webhook", "https://runner.example.com/api/v2/dags/daily/dagRuns")
    create_endpoint(actor=world.alice, team=world.data_platform, wish=wish, at=AT)
    return asset


def test_the_page_sets_changes_and_removes_it(load: Asset, world: World, client: Client) -> None:
    client.force_login(world.alice)
    assert "Give it a trigger" in client.get(PAGE).content.decode()
    assert client.post(PAGE, WISH).status_code == 303
    changed = client.post(PAGE, {**WISH, "job": "hourly", "authorization": ""})
    row = PipelineTrigger.objects.get(pipeline=load)
    assert (changed.status_code, row.job, row.authorization) == (303, "hourly", "Bearer s3cret")
    page = client.get(PAGE).content.decode()
    assert ("kept encrypted" in page, "s3cret" in page) == (True, False)
    assert client.post(f"{PAGE}/remove").status_code == 303
    assert not PipelineTrigger.objects.exists()
    told = AuditEntry.objects.filter(verb__startswith="ownership.trigger_").order_by("pk")
    assert list(told.values_list("verb", flat=True)) == ["ownership.trigger_set"] * 2 + ["ownership.trigger_removed"]


def test_the_api_does_the_same_and_never_shows_the_header(load: Asset, world: World) -> None:
    api = APIClient()
    api.force_authenticate(world.alice)
    assert api.get(API).status_code == 404
    said = api.put(API, WISH, format="json")
    shown = {"kind": "airflow3", "endpoint": "runner", "is_active": True, "job": "daily", "has_authorization": True}
    assert (said.status_code, said.json(), api.get(API).json()) == (200, shown, shown)
    wrong = api.put(API, {**WISH, "endpoint": "nowhere"}, format="json")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "ownership.bad_endpoint")
    assert (api.delete(API).status_code, api.delete(API).status_code, PipelineTrigger.objects.count()) == (204, 204, 0)


def test_who_does_not_plan_its_changes_sets_nothing(load: Asset, world: World, client: Client) -> None:
    api = APIClient()
    api.force_authenticate(world.dave)
    assert api.put(API, WISH, format="json").status_code == 403
    client.force_login(world.dave)
    page = client.get(PAGE)
    assert (page.status_code, "Add a webhook" in page.content.decode()) == (200, True)
    assert (api.delete(API).status_code, PipelineTrigger.objects.count()) == (403, 0)


def test_a_dashboard_is_not_run(load: Asset, world: World) -> None:
    Asset.objects.filter(pk=load.pk).update(kind=40)
    api = APIClient()
    api.force_authenticate(world.alice)
    refused = api.put(API, WISH, format="json")
    assert (refused.status_code, refused.json()["code"]) == (422, "ownership.not_runnable")
