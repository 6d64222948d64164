"""E4 of the acceptance scenario through HTTP: one failure upstream, five signals, one page at the agreed hour."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from oncall.domain.agreements import NightClass, Terms
from oncall.models import Incident, UpstreamTicket
from portal.engine.models import Job, Notice
from portal.engine.services.working import run_job
from tests.app.oncall.house import NIGHT, House, make_house, pages, run_until

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
SEVEN_IN_MADRID = datetime(2027, 2, 3, 6, tzinfo=UTC)


@pytest.fixture
def house(db: None) -> House:
    return make_house()


def call(person: Person | None, path: str, body: dict[str, Any], **headers: str) -> Any:
    client = Client()
    if person is not None:
        client.force_login(person)
    answer = client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=headers)
    assert answer.status_code < 300, answer.content
    return answer.json() if answer.content else {}


def work() -> None:
    for job in Job.objects.filter(kind="oncall.receive_alert", state="queued").order_by("pk"):
        run_job(job_id=job.pk)


def prepare(house: House, clock: MovableClock) -> tuple[dict[str, Any], dict[str, Any]]:
    """An unsigned reader, a check, a door for Airflow and a runbook; the check and the door."""
    house.agree("growth_agg", Terms(NightClass.WITHIN_WEEK), at=NIGHT - timedelta(days=1))
    clock.set(NIGHT - timedelta(minutes=5))
    call(house.ruth, "agreements/", {"asset": "growth_daily", "team": "investor-relations"})
    check = call(
        house.jonas, "prechecks/",
        {"upstream": "identity.signup_export", "consumer": "growth_daily", "kind": "partition_exists"},
    )  # fmt: skip
    door = call(house.jonas, "integrations/", {"team": "core-data", "kind": "airflow", "slug": "airflow-prod"})
    book = call(house.jonas, "runbooks/", {"asset": "growth_daily"})
    call(house.jonas, f"runbooks/{book['slug']}/publish", {})
    return check, door


def break_it(house: House, clock: MovableClock, check: dict[str, Any], door: dict[str, Any]) -> Incident:
    """The check fails, then three tasks of the pipeline and one of the next."""
    clock.set(NIGHT)
    call(house.jonas, f"prechecks/{check['id']}/results", {"ok": False, "detail": "dt=2027-02-02 is missing"})
    assert call(house.jonas, "prechecks/growth_daily/evaluate", {})["ok"] is False
    tasks = [("growth_daily", "stage"), ("growth_daily", "join"), ("growth_daily", "publish"), ("growth_agg", "sum")]
    for minutes, (dag, task) in enumerate(tasks):
        clock.set(NIGHT + timedelta(minutes=minutes))
        failed = {"dag_id": dag, "task_id": task, "logical_date": "2027-02-02", "state": "failed"}
        call(None, "inbound/airflow/airflow-prod", failed, authorization=f"Bearer {door['secret']}")
    work()
    return Incident.objects.get()


def test_a_missing_partition_is_one_incident_one_ticket_and_one_page_in_the_morning(
    house: House, clock: MovableClock
) -> None:
    incident = break_it(house, clock, *prepare(house, clock))
    assert (incident.root_asset, incident.failure_kind, incident.state) == (
        house.assets["growth_daily"], "missing_data", "held",
    )  # fmt: skip
    assert (incident.act_at, incident.decision["not_agreed"]) == (SEVEN_IN_MADRID, ["Investor Relations"])
    ticket = UpstreamTicket.objects.get()
    assert (ticket.team, ticket.contact, ticket.incident) == (house.identity, house.lucia, incident)
    assert ticket.unblock_due == datetime(2027, 2, 3, 12, tzinfo=UTC)
    assert ticket.fix_due == datetime(2027, 2, 17, 17, tzinfo=UTC)
    run_until(clock, SEVEN_IN_MADRID - timedelta(minutes=1))
    assert pages() == []
    assert not Notice.objects.filter(recipient=house.kofi).exists()
    run_until(clock, SEVEN_IN_MADRID + timedelta(minutes=5))
    assert pages() == [("06:00", "jonas")]


def test_in_the_morning_it_is_taken_and_ended_and_so_is_the_ticket(house: House, clock: MovableClock) -> None:
    incident = break_it(house, clock, *prepare(house, clock))
    run_until(clock, SEVEN_IN_MADRID + timedelta(minutes=5))
    browser = Client()
    browser.force_login(house.jonas)
    page = browser.get(incident.get_absolute_url()).content.decode()
    assert "Runbook: missing upstream data" in page
    assert "Not agreed with Investor Relations" in page
    assert browser.post(f"/incidents/{incident.number}/do/acknowledge").status_code == 303
    run_until(clock, SEVEN_IN_MADRID + timedelta(minutes=50))
    assert pages() == [("06:00", "jonas")]
    call(house.jonas, f"incidents/{incident.number}/resolve", {"cause": "fixed_cause"})
    ticket = UpstreamTicket.objects.get()
    call(house.lucia, f"upstream/{ticket.number}/move", {"state": "fixed", "cause": "A job was paused"})
    ticket.refresh_from_db()
    assert (ticket.state, Incident.objects.get().state) == ("fixed", "resolved")


def test_the_ladder_of_the_dry_run_is_the_ladder_that_then_climbs(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    house.register("growth_agg")
    promised = call(house.bea, "oncall/dry-run", {"asset": "growth_agg", "at": NIGHT.isoformat()})
    call(house.bea, "incidents/", {"asset": "growth_agg", "title": "The investor figure is gone"})
    run_until(clock, NIGHT + timedelta(hours=3))
    foreseen = [(step["at"][11:16], name.split()[0].lower()) for step in promised["steps"] for name in step["people"]]
    assert pages() == foreseen
    assert foreseen == [
        ("02:05", "jonas"), ("02:20", "maeve"), ("02:35", "kofi"), ("03:05", "ruth"), ("04:05", "ops"),
    ]  # fmt: skip
