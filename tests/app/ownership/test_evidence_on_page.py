"""Who worked on an asset last, on its page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from ownership.services.evidence import Act, record_evidence
from tests.app.ownership.graphs import make_graph

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_acts_are_listed_newest_first_and_only_public_ones_are_linked(world: World, clock: MovableClock) -> None:
    orders = make_graph([("orders", "report")], at=AT)["orders"]
    for n, (person, kind) in enumerate([(world.alice, "commit"), (world.bob, "page_acked"), (world.bob, "declared")]):
        act = Act(kind, f"act-{n}", AT + timedelta(hours=n), f"/somewhere/{kind}")
        record_evidence(actor=None, person=person, assets=[orders], act=act)
    clock.set(AT + timedelta(days=1))
    client = Client()
    client.force_login(world.dave)
    page = client.get("/assets/orders").content.decode()
    shown = page.split('id="evidence"')[1].split("</section>")[0]
    assert shown.index("page taken") < shown.index("commit")
    assert shown.count("<li>") == 2
    assert '<a class="btn small" href="/somewhere/commit">Look</a>' in shown
    assert "/somewhere/page_acked" not in shown


def test_an_asset_nobody_worked_on_has_no_such_list(world: World) -> None:
    make_graph([("orders", "report")], at=AT)
    client = Client()
    client.force_login(world.dave)
    assert 'id="evidence"' not in client.get("/assets/report").content.decode()
