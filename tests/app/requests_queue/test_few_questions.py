"""How often the database is asked by a preview, by "why this date", and by filing (spec sla 14, requests 18)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ownership.services.assets import AssetDraft, create_asset
from requests_queue.services.working import ask_requester
from tests.app.requests_queue.desk import TUESDAY, filed, started
from tests.contract.doors import questions_of

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_why_this_date_and_a_preview_ask_six_times_at_most(world: World, clock: MovableClock) -> None:
    request = started(world)
    ask_requester(actor=world.alice, request=request, question="Which market?", at=TUESDAY + timedelta(hours=1))
    clock.set(TUESDAY + timedelta(hours=2))
    promise = request.clocks.get(kind="resolution")
    client, url = browser(world.bob), f"/api/v1/sla/clocks/{promise.pk}/explain/"
    body = {"calendar_version": promise.calendar_version_id, "start": TUESDAY.isoformat(), "duration_seconds": 3600}
    asked = []
    for given in (None, body):
        with CaptureQueriesContext(connection) as found:
            answer = client.post("/api/v1/sla/preview/", given, "application/json") if given else client.get(url)
        assert answer.status_code == 200
        asked.append(questions_of(found) - 1)  # one asks who is signed in
    assert [count <= 6 for count in asked] == [True, True], asked


def test_filing_asks_thirty_times_at_most(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    assets = [
        create_asset(actor=world.alice, draft=AssetDraft(kind="dataset", name=f"orders_{n}"), at=TUESDAY)
        for n in range(5)
    ]
    filed(world)
    with CaptureQueriesContext(connection) as found:
        filed(world, title="Which day counts for a return of goods", assets=assets)
    assert questions_of(found) <= 30
