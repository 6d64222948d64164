"""Every form carries the mark that keeps others from sending it in somebody's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.template import engines
from django.test import Client, RequestFactory

from tests.app.requests_queue.desk import TUESDAY, filed

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_part_that_is_included_alone_has_it_too() -> None:
    text = '{% include "components/saved_views.html" with query="state=open" list_key="requests" only %}'
    printed = engines["django"].from_string(text).render({}, RequestFactory().get("/"))
    assert printed.count("csrfmiddlewaretoken") == printed.count("<form") == 1


def test_a_browser_that_is_checked_can_claim_a_request(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    request = filed(world)
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.alice)
    path = f"/requests/{request.number}"
    form = client.get(path).content.decode().split(f'action="{path}/do/claim">')[1].split("</form>")[0]
    mark = form.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert client.post(f"{path}/do/claim", {"csrfmiddlewaretoken": mark}).status_code == 303
    request.refresh_from_db()
    assert request.state == "triage"
