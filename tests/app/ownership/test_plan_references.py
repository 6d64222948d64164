"""Who moves which reference by when, and the thresholds that stand before the numbers (spec ownership 14)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from ownership.domain.plans import DEFAULT_THRESHOLDS, PlanKind
from ownership.models import ChangePlan, Ownership, Reference
from ownership.services.references import REFERENCE_KIND, assign_reference
from portal.core.errors import DomainError, NotAllowed
from portal.engine.models import Deadline
from tests.app.ownership.test_backfills import AT, DAY, ENDS, Shop, plan

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(world: World, clock: MovableClock) -> Shop:
    clock.set(AT)
    return Shop(world)


def test_who_works_on_the_plan_says_who_moves_a_reference_and_by_when(shop: Shop, clock: MovableClock) -> None:
    Ownership.objects.filter(asset=shop.assets["board"]).update(state="ended", valid=(AT - DAY, AT))
    row = plan(shop, PlanKind.LARGE)
    board = row.references.get(referrer__slug="board")
    assert (board.person, board.due_on) == (None, ENDS)
    with pytest.raises(NotAllowed):
        assign_reference(actor=shop.world.dave, row=board, party=shop.world.dave, due_on=ENDS, at=clock.now())
    with pytest.raises(DomainError) as refusal:
        assign_reference(actor=shop.world.alice, row=board, party=shop.world.dave, due_on=date(2026, 3, 1), at=AT)
    assert (refusal.value.field, Reference.objects.get(pk=board.pk).person) == ("due_on", None)
    client = Client()
    client.force_login(shop.world.alice)
    url = f"/backfills/{row.code}/references/{board.pk}/assign"
    assert client.post(url, {"party": "nobody-here", "due_on": "2026-03-20"}).status_code == 422
    assert client.post(url, {"party": "dave", "due_on": "2026-03-20"}).status_code == 303
    board.refresh_from_db()
    assert (board.person, board.due_on) == (shop.world.dave, date(2026, 3, 20))
    armed = Deadline.objects.filter(kind=REFERENCE_KIND, subject_id=board.pk, state="armed").order_by("due_at")
    assert [one.due_at.date() for one in armed] == [date(2026, 3, 19), date(2026, 3, 20)]
    file: Any = client.get(f"/backfills/{row.code}/references.csv")
    lines = b"".join(file.streaming_content).decode()
    assert "board,is built from it,no,open,dave,2026-03-20" in lines
    api = APIClient()
    api.force_authenticate(shop.world.dave)
    body = {"reference": board.pk, "team": "checkout", "due_on": "2026-03-25"}
    given = api.post(f"/api/v1/backfills/{row.code}/assign", body, format="json").json()
    assert (given["person"], given["team"], given["due_on"]) == (None, "checkout", "2026-03-25")
    assert api.post(f"/api/v1/backfills/{row.code}/assign", body, format="json").status_code == 403


def test_thresholds_are_set_on_the_page_before_any_number(shop: Shop) -> None:
    client = Client()
    client.force_login(shop.world.alice)
    wanted = {"asset": "orders", "kind": "backfill", "reason": "again", "dialect": "postgres", "hold_days": "7"}
    refused = client.post("/backfills/new", wanted | {"limit_rows": "-1"})
    assert (refused.status_code, ChangePlan.objects.count()) == (422, 0)
    assert client.post("/backfills/new", wanted | {"limit_rows": "2.5", "limit_keys": ""}).status_code == 303
    assert ChangePlan.objects.get().columns["thresholds"] == DEFAULT_THRESHOLDS | {"rows": 2.5}
