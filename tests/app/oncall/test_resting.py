"""Rest until noon after a broken night, and what nights add to the load of a person."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from oncall.queries.loads import oncall_loads
from oncall.queries.resolving import resolve_oncall
from oncall.services.incidents import acknowledge_incident, resolve_incident
from oncall.services.resting import rest_until_noon
from portal.accounts.models import Absence
from portal.core.errors import Conflict
from portal.engine.models import Notice
from tests.app.oncall.golden import names
from tests.app.oncall.house import NIGHT, WAKE, House, breaks, tick

if TYPE_CHECKING:
    from oncall.models import Incident
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MORNING = NIGHT + 3 * HOUR  # 06:05 in Madrid
NOON = NIGHT.replace(hour=11, minute=0)


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def broken_night(house: House, clock: MovableClock, minutes: int) -> Incident:
    """Jonas is paged at three and at it for so many minutes."""
    house.agree("growth_daily", WAKE, at=NIGHT - DAY)
    clock.set(NIGHT)
    incident = breaks(house, "growth_daily").incident
    assert incident is not None
    tick(clock, NIGHT + timedelta(seconds=2))
    taken = NIGHT + timedelta(minutes=1)
    acknowledge_incident(actor=house.jonas, incident=incident, at=taken)
    over = taken + timedelta(minutes=minutes)
    resolve_incident(actor=house.jonas, incident=incident, cause="fixed_cause", at=over)
    clock.set(MORNING)
    return incident


def test_after_an_hour_awake_the_second_takes_over_until_noon(house: House, clock: MovableClock) -> None:
    incident = broken_night(house, clock, 75)
    assert "Rest until noon" in browser(house.jonas).get(incident.get_absolute_url()).content.decode()
    assert browser(house.jonas).post("/oncall/rest").status_code == 303
    row = Absence.objects.get()
    assert (row.person, row.kind, row.during.upper) == (house.jonas, "rest", NOON)
    assert names(resolve_oncall(rota=house.rota, at=MORNING + HOUR))["primary"] == "maeve"
    assert names(resolve_oncall(rota=house.rota, at=NOON + HOUR))["primary"] == "jonas"
    said = Notice.objects.filter(kind="oncall.lead_told", recipient=house.ruth)
    assert [notice.context["line"] for notice in said] == ["Jonas Example rests until 12:00 today."]


def test_a_second_tap_is_the_same_rest(house: House, clock: MovableClock) -> None:
    broken_night(house, clock, 75)
    client = browser(house.jonas)
    assert client.get("/api/v1/oncall/rest").json() == {"until": "2027-02-03T11:00:00Z"}
    for _ in range(2):
        assert client.post("/api/v1/oncall/rest").json() == {"until": "2027-02-03T11:00:00Z"}
    assert Absence.objects.count() == 1


def test_after_a_calm_night_nothing_is_offered(house: House, clock: MovableClock) -> None:
    incident = broken_night(house, clock, 20)
    assert "Rest until noon" not in browser(house.jonas).get(incident.get_absolute_url()).content.decode()
    assert "Nothing is owed now" in browser(house.jonas).get("/oncall/rest").content.decode()
    with pytest.raises(Conflict) as refusal:
        rest_until_noon(actor=house.jonas, at=MORNING)
    assert refusal.value.code == "oncall.no_rest"
    assert not Absence.objects.exists()


def test_the_load_of_a_person_counts_the_night(house: House, clock: MovableClock) -> None:
    broken_night(house, clock, 75)
    rest_until_noon(actor=house.jonas, at=MORNING)
    ids = [house.jonas.pk, house.maeve.pk]
    found = oncall_loads(ids, [(NIGHT - DAY, MORNING + DAY), (NIGHT - 9 * DAY, NIGHT - 2 * DAY)], house.ruth)
    pk = house.jonas.pk
    assert {key: (now.get(pk, 0), before.get(pk, 0)) for key, (now, before) in found.items()} == {
        "nights": (0, 0), "night_pages": (1, 0), "woken": (1, 0), "incident_minutes": (75, 0), "points": (1, 0),
        "rest_hours": (5, 0), "days_off_owed": (0, 0),
    }  # fmt: skip
    assert found["incident_minutes"][0].get(house.maeve.pk, 0) == 0


def test_the_person_and_the_lead_see_it_and_a_colleague_does_not(house: House, clock: MovableClock) -> None:
    broken_night(house, clock, 75)
    own: Any = {row["key"]: row["four_weeks"] for row in browser(house.jonas).get("/api/v1/me/load").json()["results"]}
    assert (own["woken"], own["incident_minutes"]) == (1, 75)
    looked = "<h2>Jonas Example</h2>"
    assert looked in browser(house.ruth).get("/load/").content.decode()
    colleague = browser(house.kofi).get("/load/").content.decode()
    assert ("Nights woken" in colleague, looked in colleague) == (True, False)
