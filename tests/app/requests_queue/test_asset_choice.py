"""Choosing an asset on the request form says who takes care of it, and whether it is broken (spec requests 3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from oncall.models import Incident
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
    number = Incident.objects.get().number
    assert page.count("broken now") == page.count(f"{number}: broken now") == 1
    ticked = client.get("/requests/new", {"assets": house.assets["growth_agg"].slug}).content.decode()
    assert f"{number}: broken now" in ticked
