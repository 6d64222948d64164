"""The bus factor of an asset: who resolved an incident there in twelve months (spec oncall 5)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from oncall.models import Incident
from oncall.queries.on_assets import bus_factor_words, menders_of
from oncall.services.incidents import acknowledge_incident, resolve_incident
from portal.accounts.domain.vocabulary import PersonState
from tests.app.oncall.house import NIGHT, House, breaks

if TYPE_CHECKING:
    from datetime import datetime

    from django.test import Client

    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)
NOBODY = "Bus factor 0: nobody has resolved an incident here in 12 months."


def mended(house: House, asset: str, person: Person, at: datetime) -> Incident:
    """It breaks, the person takes it, and it is over an hour later."""
    incident = breaks(house, asset, at=at, key=f"{asset}:{at.isoformat()}").incident
    assert incident is not None
    acknowledge_incident(actor=person, incident=incident, at=at + timedelta(minutes=5))
    return resolve_incident(actor=person, incident=incident, cause="fixed_cause", at=at + timedelta(hours=1))


def test_it_counts_each_person_once_for_a_year_and_only_who_is_still_here(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    asset = house.assets["growth_daily"]
    assert bus_factor_words(menders_of(asset.pk, house.ruth, NIGHT)) == NOBODY
    first = mended(house, "growth_daily", house.jonas, NIGHT)
    for days, person in ((30, house.jonas), (60, house.maeve)):
        mended(house, "growth_daily", person, NIGHT + timedelta(days=days))
    mended(house, "growth_board", house.kofi, NIGHT + timedelta(days=90))
    later = NIGHT + timedelta(days=100)
    said = f"Bus factor 2: resolved an incident here in 12 months: {house.jonas.name}, {house.maeve.name}."
    assert bus_factor_words(menders_of(asset.pk, house.bea, later)) == said
    assert menders_of(asset.pk, house.bea, NIGHT + timedelta(days=31) + YEAR) == [house.maeve]
    house.maeve.state = PersonState.LEAVING
    house.maeve.save(update_fields=["state"])
    assert menders_of(asset.pk, house.bea, later) == [house.jonas]
    assert first.resolved_by == house.jonas


def test_a_private_incident_counts_only_for_who_may_see_it(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    incident = mended(house, "growth_daily", house.jonas, NIGHT)
    Incident.objects.filter(pk=incident.pk).update(is_private=True)
    asset, later = house.assets["growth_daily"], NIGHT + timedelta(days=1)
    assert menders_of(asset.pk, house.ruth, later) == [house.jonas]
    assert menders_of(asset.pk, house.bea, later) == []


def test_the_page_the_dry_run_and_the_api_say_the_same(house: House, clock: MovableClock, client: Client) -> None:
    clock.set(NIGHT)
    mended(house, "growth_daily", house.jonas, NIGHT)
    clock.set(NIGHT + timedelta(days=1))
    client.force_login(house.bea)
    said = f"Bus factor 1: resolved an incident here in 12 months: {house.jonas.name}."
    for url in (f"/assets/{house.assets['growth_daily'].slug}", "/oncall/dry-run?asset=growth_daily"):
        assert said in client.get(url).content.decode()
    found = client.post("/api/v1/oncall/dry-run", {"asset": "growth_daily"}, content_type="application/json").json()
    assert found["resolved_here_by"] == ["jonas"]
