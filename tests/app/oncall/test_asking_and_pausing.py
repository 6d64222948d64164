"""Help that is asked and answered, checks that are paused, and the proof of the pager by page and API."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client

from oncall.models import Alert, Contribution, PlannedShift, PreCheck, PreCheckResult
from oncall.panels.night import needs
from oncall.services.checking import Checking, create_precheck, evaluate, record_check
from oncall.services.helping import ask_colleague
from portal.core.errors import DomainError
from portal.engine.models import Notice
from tests.app.oncall.house import NIGHT, WAKE, House, breaks

if TYPE_CHECKING:
    from oncall.models import Incident
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def post(person: Person, path: str, **body: Any) -> Any:
    return browser(person).post(f"/api/v1/{path}", json.dumps(body), content_type="application/json")


def checked(house: House) -> PreCheck:
    checking = Checking(house.assets["identity.signup_export"], house.assets["growth_daily"], "freshness", {})
    return create_precheck(actor=house.jonas, checking=checking, at=NIGHT)


def test_a_paused_check_stops_nothing_and_its_alarm_is_over(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    check = checked(house)
    record_check(actor=house.jonas, pre_check=check, ok=False, detail="old", at=NIGHT)
    assert evaluate(house.assets["growth_daily"], NIGHT)["ok"] is False
    assert post(house.bea, f"prechecks/{check.pk}/pause", is_paused=True).status_code == 403
    assert post(house.jonas, f"prechecks/{check.pk}/pause", is_paused=True).json()["is_paused"] is True
    assert evaluate(house.assets["growth_daily"], NIGHT)["ok"] is True
    assert Alert.objects.get().status == "resolved"
    record_check(actor=house.jonas, pre_check=check, ok=False, detail="older", at=NIGHT + DAY)
    assert (PreCheckResult.objects.count(), Alert.objects.filter(status="firing").count()) == (2, 0)


def test_a_check_is_paused_and_asked_again_on_its_page(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    check = checked(house)
    url = f"/prechecks/{check.pk}"
    assert browser(house.bea).post(url).status_code == 403
    assert browser(house.jonas).post(url).status_code == 303
    assert "Ask it again" in browser(house.jonas).get(url).content.decode()
    listed = browser(house.bea).get("/api/v1/prechecks/?is_paused=true").json()["results"]
    assert [row["id"] for row in listed] == [check.pk]
    twin = checked(house)
    assert browser(house.jonas).post(url).status_code == 422
    assert PreCheck.objects.get(pk=check.pk).is_paused is True
    PreCheck.objects.filter(pk=twin.pk).update(is_paused=True)
    assert browser(house.jonas).post(url).status_code == 303
    assert PreCheck.objects.get(pk=check.pk).is_paused is False


def asked(house: House, clock: MovableClock) -> Incident:
    clock.set(NIGHT)
    house.agree("growth_daily", WAKE, at=NIGHT - DAY)
    incident = breaks(house, "growth_daily").incident
    assert incident is not None
    ask_colleague(actor=house.jonas, incident=incident, person=house.lucia, text="Your export?", at=NIGHT)
    return incident


def test_who_is_asked_has_it_waiting_says_yes_on_the_page_and_is_credited(house: House, clock: MovableClock) -> None:
    incident = asked(house, clock)
    assert [need.sentence for need in needs(house.lucia, NIGHT) if need.verb == "Say yes or no"] == [
        "Jonas Example asks for your help: Your export?"
    ]
    page = browser(house.lucia).get(incident.get_absolute_url()).content.decode()
    assert "I help" in page
    assert "I help" not in browser(house.jonas).get(incident.get_absolute_url()).content.decode()
    url = f"/incidents/{incident.number}/do/answer-help"
    assert browser(house.kofi).post(url, {"answer": "yes"}).status_code == 403
    assert browser(house.lucia).post(url, {"answer": "yes"}).status_code == 303
    assert "helps Jonas" in browser(house.bea).get(incident.get_absolute_url()).content.decode()
    assert not [need for need in needs(house.lucia, NIGHT) if need.verb == "Say yes or no"]


def test_a_no_by_the_api_is_kept_and_credits_nobody(house: House, clock: MovableClock) -> None:
    incident = asked(house, clock)
    assert post(house.kofi, f"incidents/{incident.number}/answer-help", accept=True).status_code == 403
    found = post(house.lucia, f"incidents/{incident.number}/answer-help", accept=False).json()["help"]
    assert [(row["person"], row["asked_by"], row["state"]) for row in found] == [("lucia", "jonas", "declined")]


def test_nobody_is_asked_about_what_they_may_not_read(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    incident = breaks(house, "growth_daily", is_private=True).incident
    assert incident is not None
    with pytest.raises(DomainError):
        ask_colleague(actor=house.jonas, incident=incident, person=house.lucia, text="Your export?", at=NIGHT)
    assert (Contribution.objects.count(), Notice.objects.filter(kind="oncall.help").count()) == (0, 0)


def test_the_proof_names_the_next_gap_by_page_and_api(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    assert "none in 90 days" in browser(house.bea).get("/oncall/proof").content.decode()
    start = NIGHT + 30 * DAY
    for row in PlannedShift.objects.all():
        row.during = DateTimeTZRange(row.during.lower, start)
        row.save(update_fields=["during"])
        PlannedShift.objects.create(
            rota=house.rota, version=row.version, role=row.role, person=None, during=(start, start + DAY),
            block_kind="week", planner="tests", order=[],
        )  # fmt: skip
    page = browser(house.bea).get("/oncall/proof").content.decode()
    assert "nobody is primary of Core pipelines" in page
    found = browser(house.bea).get("/api/v1/oncall/proof?team=core-data").json()
    assert found["next_gap"]["rota"] == "core-pipelines"
    assert found["next_gap"]["start"] == start.isoformat().replace("+00:00", "Z")
    assert (found["verified"], len(found["holders"])) == (2, 2)
    assert browser(house.bea).get("/api/v1/oncall/proof?team=none").json()["next_gap"] is None
