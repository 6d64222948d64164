"""A backfill that an incident asks for: both name each other, and its end is on the timeline."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from oncall.handlers.upkeep import backfill_done
from ownership.models import ChangePlan
from portal.engine.domain.subjects import subject_of
from tests.app.oncall.house import NIGHT, House, breaks

if TYPE_CHECKING:
    from oncall.models import Incident
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def broken(house: House, clock: MovableClock, *, is_private: bool = False) -> Incident:
    clock.set(NIGHT)
    incident = breaks(house, "growth_daily", is_private=is_private).incident
    assert incident is not None
    return incident


def test_it_is_started_on_the_page_and_both_name_each_other(house: House, clock: MovableClock) -> None:
    incident = broken(house, clock)
    url = f"{incident.get_absolute_url()}/do/backfill"
    form = {"range_text": "day = '2027-02-02'", "dialect": "postgres"}
    assert browser(house.bea).post(url, form).status_code == 403
    assert browser(house.jonas).post(url, form).status_code == 303
    plan = ChangePlan.objects.get()
    assert (plan.asset, plan.owner, plan.range_text) == (
        house.assets["growth_daily"],
        house.jonas,
        "day = '2027-02-02'",
    )
    assert plan.reason == f"After {incident.number}: growth_daily failed"
    assert f"/backfills/{plan.code}" in browser(house.bea).get(incident.get_absolute_url()).content.decode()
    page = browser(house.bea).get(f"/backfills/{plan.code}").content.decode()
    assert f'href="{incident.get_absolute_url()}">{incident.number}</a>' in page


def test_a_wrong_range_is_named_and_nothing_is_planned(house: House, clock: MovableClock) -> None:
    incident = broken(house, clock)
    answer = browser(house.jonas).post(
        f"/api/v1/incidents/{incident.number}/backfill", json.dumps({"rows": "day = 1; drop table x"}),
        content_type="application/json",
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (422, "ownership.bad_range")
    assert (ChangePlan.objects.count(), incident.events.filter(kind="backfill").count()) == (0, 0)


def test_by_the_api_it_is_listed_and_its_end_is_on_the_timeline_once(house: House, clock: MovableClock) -> None:
    incident = broken(house, clock)
    path = f"/api/v1/incidents/{incident.number}/backfill"
    found = browser(house.jonas).post(path, "{}", content_type="application/json").json()["backfills"]
    plan = ChangePlan.objects.get()
    assert [(row["code"], row["started_by"]) for row in found] == [(plan.code, "jonas")]
    for _ in range(2):
        backfill_done(subject=subject_of(plan.asset), payload={"asset": plan.asset_id, "plan": plan.pk}, at=NIGHT)
    assert list(incident.events.filter(kind="backfill_done").values_list("data__code", flat=True)) == [plan.code]


def test_a_private_incident_says_nothing_in_its_plan(house: House, clock: MovableClock) -> None:
    incident = broken(house, clock, is_private=True)
    url = f"{incident.get_absolute_url()}/do/backfill"
    assert browser(house.jonas).post(url, {"range_text": "", "dialect": "postgres"}).status_code == 303
    plan = ChangePlan.objects.get()
    assert plan.reason == f"After {incident.number}"
    assert "Because of" in browser(house.jonas).get(f"/backfills/{plan.code}").content.decode()
    assert "Because of" not in browser(house.bea).get(f"/backfills/{plan.code}").content.decode()
