"""What other systems send: authentic, once, read by a job, one incident; and data that never came."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from oncall.models import Alert, Incident, Integration
from oncall.services.expecting import create_expectation
from oncall.services.integrations import create_integration
from oncall.services.quiet import Window, create_maintenance, create_silence, end_quiet
from portal.core.domain.signatures import sign
from portal.engine.models import EngineInbound, Job
from portal.engine.services.working import run_job
from tests.app.oncall.house import NIGHT, WAKE, House, breaks, pages, run_until, tick

if TYPE_CHECKING:
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
ALERTMANAGER = {
    "version": "4", "groupKey": '{}:{alertname="Late"}', "status": "firing", "receiver": "headwater",
    "alerts": [
        {
            "status": "firing", "labels": {"alertname": "Late", "asset": "growth_daily"},
            "annotations": {"summary": "growth_daily is late"}, "startsAt": "2027-02-03T02:00:00Z",
            "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "https://prom.example.com/g", "fingerprint": "c0ffee",
        }
    ],
}  # fmt: skip


def door(house: House, kind: str, slug: str = "prom") -> tuple[Integration, str]:
    return create_integration(actor=house.jonas, team=house.core, kind=kind, slug=slug, at=NIGHT)


def send(path: str, body: Any, **headers: str) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client().post(f"/api/v1/{path}", raw, content_type="application/json", headers=headers)


def work() -> None:
    """What the worker would do."""
    for job in Job.objects.filter(kind="oncall.receive_alert", state="queued").order_by("pk"):
        run_job(job_id=job.pk)


def test_alertmanager_fires_and_resolves(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    _, secret = door(house, "alertmanager")
    answer = send("inbound/alertmanager/prom", ALERTMANAGER, authorization=f"Bearer {secret}")
    assert (answer.status_code, answer.json()["dedup_key"]) == (202, "c0ffee")
    assert Incident.objects.count() == 0
    work()
    assert Incident.objects.get().root_asset == house.assets["growth_daily"]
    resolved = json.loads(json.dumps(ALERTMANAGER))
    resolved["alerts"][0] |= {"status": "resolved", "endsAt": "2027-02-03T02:06:00Z"}
    send("inbound/alertmanager/prom", resolved, authorization=f"Bearer {secret}")
    work()
    run_until(clock, NIGHT + timedelta(minutes=10))
    assert (Incident.objects.get().state, Alert.objects.get().status) == ("resolved", "resolved")


def test_pagerduty_opens_and_closes_by_its_own_form(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    _, key = door(house, "pagerduty")
    event: dict[str, Any] = {
        "routing_key": key, "event_action": "trigger",
        "payload": {"summary": "growth_daily failed", "source": "growth_daily", "severity": "critical"},
    }  # fmt: skip
    for wrong in (key[::-1], "", None):
        assert send("v2/enqueue", event | {"routing_key": wrong}).status_code == 401
    assert not EngineInbound.objects.exists()
    opened = send("v2/enqueue", event)
    assert (opened.status_code, opened.json()["status"], opened.json()["message"]) == (
        202, "success", "Event processed",
    )  # fmt: skip
    work()
    assert Incident.objects.get().root_asset == house.assets["growth_daily"]
    closing = {"routing_key": key, "event_action": "resolve", "dedup_key": opened.json()["dedup_key"]}
    assert send("v2/enqueue", closing).status_code == 202
    work()
    assert Alert.objects.get().status == "resolved"
    assert "routing_key" not in EngineInbound.objects.order_by("pk")[0].body


def test_airflow_says_which_task_of_which_day(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    _, secret = door(house, "airflow")
    failed = {
        "dag_id": "growth_daily", "task_id": "join", "run_id": "r1", "logical_date": "2027-02-02", "state": "failed",
        "try_number": 3, "exception": "Container exited with exit code 137", "log_url": "https://airflow.example.com/l",
    }  # fmt: skip
    send("inbound/airflow/prom", failed, authorization=f"Bearer {secret}")
    work()
    alert = Alert.objects.get()
    assert (alert.dedup_key, alert.failure_kind, alert.run) == (
        "growth_daily:join:2027-02-02", "skew_oom", "airflow:growth_daily:r1",
    )  # fmt: skip


def test_a_signed_generic_message_is_taken_once(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    _, secret = door(house, "generic")
    raw = json.dumps({"dedup_key": "k", "title": "growth_daily broke", "asset": "growth_daily"}).encode()
    stamp = int(NIGHT.timestamp())
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign(secret, "msg_1", stamp, raw),
    }
    for _ in range(2):
        assert send("inbound/generic/prom", raw, **headers).status_code == 202
    work()
    assert (Alert.objects.get().count, EngineInbound.objects.count(), Job.objects.count()) == (1, 1, 1)
    forged = headers | {"webhook-signature": "v1,AAAA", "webhook-id": "msg_2"}
    assert send("inbound/generic/prom", raw, **forged).status_code == 401
    stale = headers | {"webhook-timestamp": str(stamp - 301)}
    assert send("inbound/generic/prom", raw, **stale).status_code == 401


@pytest.mark.parametrize(
    ("path", "body", "type_", "status"),
    [
        ("alertmanager/none", b"{}", "application/json", 401),
        ("alertmanager/prom", b"{}", "text/plain", 415),
        ("alertmanager/prom", b"x" * 530_000, "application/json", 413),
        ("alertmanager/prom", b"{", "application/json", 400),
        ("alertmanager/prom", b"{}", "application/json", 422),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_and_stored_nowhere(
    house: House, clock: MovableClock, path: str, body: bytes, type_: str, status: int
) -> None:
    clock.set(NIGHT)
    _, secret = door(house, "alertmanager")
    headers = {"authorization": f"Bearer {secret}"}
    answer = Client().post(f"/api/v1/inbound/{path}", body, content_type=type_, headers=headers)
    assert answer.status_code == status
    assert not EngineInbound.objects.exists()


def test_too_much_is_turned_away_and_one_incident_says_so(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    integration, secret = door(house, "alertmanager")
    Integration.objects.filter(pk=integration.pk).update(rate_per_minute=1)
    answers = [
        send("inbound/alertmanager/prom", ALERTMANAGER, authorization=f"Bearer {secret}").status_code for _ in range(5)
    ]
    assert answers == [202, 202, 429, 429, 429]
    storm = Alert.objects.get(source="storm")
    assert (storm.count, storm.incident is not None) == (3, True)


def test_an_unknown_asset_is_the_teams_and_pages(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    _, secret = door(house, "alertmanager")
    body = json.loads(json.dumps(ALERTMANAGER).replace("growth_daily", "no_such_table"))
    send("inbound/alertmanager/prom", body, authorization=f"Bearer {secret}")
    work()
    tick(clock, NIGHT + timedelta(minutes=1))
    incident = Incident.objects.get()
    assert (incident.root_asset, incident.team, pages()) == (None, house.core, [("02:06", "jonas")])


def test_data_that_never_came_alarms(house: House, clock: MovableClock) -> None:
    noon = datetime(2027, 2, 3, 12, tzinfo=UTC)
    clock.set(noon)
    asset = house.assets["growth_daily"]
    made, _ = create_expectation(actor=house.jonas, asset=asset, rule={"kind": "daily", "hours": 4}, at=noon)
    assert made.first_due_at == datetime(2027, 2, 4, 4, tzinfo=UTC)
    run_until(clock, datetime(2027, 2, 4, 4, 1, tzinfo=UTC))
    alert = Alert.objects.get()
    assert (alert.failure_kind, alert.source, alert.asset) == ("late", "expectation", asset)


def test_a_beat_satisfies_and_one_for_an_older_partition_does_not(house: House, clock: MovableClock) -> None:
    noon = datetime(2027, 2, 3, 12, tzinfo=UTC)
    clock.set(noon)
    asset = house.assets["growth_daily"]
    _, token = create_expectation(actor=house.jonas, asset=asset, rule={"kind": "daily", "hours": 4}, at=noon)
    clock.set(noon + timedelta(hours=15))
    assert send(f"heartbeats/{token}", {"partition": "2027-02-03"}).status_code == 204
    run_until(clock, datetime(2027, 2, 4, 4, 1, tzinfo=UTC))
    assert not Alert.objects.exists()
    assert send(f"heartbeats/{token}", {"partition": "2027-02-02"}).status_code == 204
    run_until(clock, datetime(2027, 2, 5, 4, 1, tzinfo=UTC))
    assert Alert.objects.get().status == "firing"
    assert send("heartbeats/unknown", {}).status_code == 404


def test_a_silence_keeps_and_its_end_makes_the_incident(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    until = NIGHT + timedelta(hours=1)
    create_silence(
        actor=house.jonas,
        team=house.core,
        matcher={"asset": "growth_daily"},
        until=until,
        reason="a backfill",
        at=NIGHT,
    )
    alert = breaks(house, "growth_daily", at=NIGHT + timedelta(minutes=1))
    assert (alert.incident, alert.suppressed_by[:8]) == (None, "silence:")
    run_until(clock, until + timedelta(minutes=1))
    assert Incident.objects.get().opened_at >= until


def test_h37_maintenance_ends_while_it_fails_and_the_incident_begins_then(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - timedelta(days=1))
    clock.set(NIGHT)
    window = Window(NIGHT, NIGHT + timedelta(hours=2), [house.assets["growth_daily"]])
    made = create_maintenance(actor=house.jonas, team=house.core, window=window, reason="a move", at=NIGHT)
    breaks(house, "growth_daily", at=NIGHT + timedelta(minutes=1))
    assert end_quiet(actor=house.jonas, quiet=made, at=NIGHT + timedelta(minutes=30)) == 1
    assert end_quiet(actor=house.jonas, quiet=made, at=NIGHT + timedelta(minutes=31)) == 0
    assert Incident.objects.get().state == "triggered"
