"""Choosing an asset on the request form says who takes care of it, and whether it is broken (spec requests 3.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from oncall.models import Incident
from ownership.services.status import LAST_RUN, Heard, hear_statuses
from portal.core.web.presentation import when
from tests.app.oncall.house import NIGHT, breaks, make_house

if TYPE_CHECKING:
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db


def test_a_hit_says_kind_owner_and_open_incident(clock: MovableClock) -> None:
    clock.set(NIGHT)
    house = make_house()
    breaks(house, "growth_agg")
    client = Client()
    client.force_login(house.bea)
    page = client.get("/requests/assets", {"asset_words": "growth"}).content.decode()
    assert page.count("Pipeline · Core Data") == 3
    incident = Incident.objects.get()
    told = f"Known: broken since {when(incident.opened_at, house.bea.zone, NIGHT).text}"
    assert page.count("broken since") == page.count(f"{told}. Follow {incident.number}") == 1
    ticked = client.get("/requests/new", {"assets": house.assets["growth_agg"].slug}).content.decode()
    assert told in ticked
    later = NIGHT + timedelta(hours=2)
    incident.updates.create(
        text="We look at it.", state="sent", sent_at=NIGHT, created_at=NIGHT, next_update_at=later
    )  # fmt: skip
    again = client.get("/requests/assets", {"asset_words": "growth"}).content.decode()
    hear_statuses(
        actor=None, source=None, at=later,
        heard=[Heard(house.assets[name].pk, LAST_RUN, value, NIGHT) for name, value in (("growth_agg", "error"),
                                                                                       ("growth_daily", "success"))],
    )  # fmt: skip
    fresh = client.get("/requests/assets", {"asset_words": "growth"}).content.decode()
    landed = when(NIGHT, house.bea.zone, clock.now()).text
    assert fresh.count(f'<span class="text-bad">late since {landed}</span>') == 1
    assert fresh.count(f"<span>fresh, landed {landed}</span>") == 1
    assert f"{told}, next word {when(later, house.bea.zone, NIGHT).text}. Follow {incident.number}" in again
