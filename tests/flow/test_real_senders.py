"""Real senders against a live server: PagerDuty's own client from PyPI, and a Debian Alertmanager if one is there."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.request
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from oncall.models import Alert, Incident
from oncall.services.integrations import create_integration
from portal.engine.models import EngineInbound, Job
from portal.engine.services.working import run_job
from tests.app.oncall.house import make_house, tick

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.live_server_helper import LiveServer

    from tests.conftest import MovableClock

ALERTMANAGER = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
PATIENCE = 20.0


def over(clock: MovableClock) -> tuple[str, str]:
    """State and cause of the incident after five quiet minutes."""
    tick(clock, clock.now() + timedelta(minutes=6))
    incident = Incident.objects.get()
    return incident.state, incident.cause


def work() -> None:
    for job in Job.objects.filter(kind="oncall.receive_alert", state="queued").order_by("pk"):
        run_job(job_id=job.pk)


@pytest.mark.django_db(transaction=True)
def test_the_client_of_pagerduty_opens_acknowledges_and_closes(live_server: LiveServer, clock: MovableClock) -> None:
    pagerduty = pytest.importorskip("pagerduty", reason="the client of PagerDuty is not installed")
    house = make_house()
    _, key = create_integration(actor=house.jonas, team=house.core, kind="pagerduty", slug="pd-core", at=clock.now())
    client = pagerduty.EventsApiV2Client(key)
    client._url = f"{live_server.url}/api/v1"  # it insists on https, which the test server has not
    sent = client.trigger("growth_daily failed", "growth_daily", severity="critical")
    work()
    assert Incident.objects.get().root_asset == house.assets["growth_daily"]
    client.acknowledge(sent)
    work()
    assert Alert.objects.get(dedup_key=sent).status == "firing"
    client.resolve(sent)
    work()
    client.close()
    assert Alert.objects.get(dedup_key=sent).status == "resolved"
    assert over(clock) == ("resolved", "recovered")


@pytest.mark.skipif(ALERTMANAGER is None, reason="the package prometheus-alertmanager is not installed")
@pytest.mark.django_db(transaction=True)
def test_a_real_alertmanager_fires_and_resolves(live_server: LiveServer, clock: MovableClock, tmp_path: Path) -> None:
    house = make_house()
    _, secret = create_integration(
        actor=house.jonas, team=house.core, kind="alertmanager", slug="am-core", at=clock.now()
    )
    config = {
        "global": {"resolve_timeout": "5s"},
        "route": {"receiver": "headwater", "group_wait": "0s", "group_interval": "1s", "repeat_interval": "1h"},
        "receivers": [{"name": "headwater", "webhook_configs": [{
            "url": f"{live_server.url}/api/v1/inbound/alertmanager/am-core",
            "http_config": {"authorization": {"type": "Bearer", "credentials": secret}},
        }]}],
    }  # fmt: skip
    path = tmp_path / "alertmanager.yml"
    path.write_text(json.dumps(config), encoding="utf-8")
    command = [
        str(ALERTMANAGER), f"--config.file={path}", f"--storage.path={tmp_path / 'data'}",
        "--web.listen-address=127.0.0.1:19093", "--cluster.listen-address=",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _tell({"labels": {"alertname": "Late", "asset": "growth_daily"}})
            _until(lambda: EngineInbound.objects.count() == 1)
            work()
            assert Incident.objects.get().root_asset == house.assets["growth_daily"]
            ended = clock.now().isoformat()
            _tell({"labels": {"alertname": "Late", "asset": "growth_daily"}, "endsAt": ended})
            _until(lambda: EngineInbound.objects.count() == 2)
            work()
            assert Alert.objects.get().status == "resolved"
            assert over(clock) == ("resolved", "recovered")
        finally:
            process.terminate()


def _tell(alert: dict[str, Any]) -> None:
    """Hand an alert to the Alertmanager, as soon as it listens."""
    body = json.dumps([alert]).encode()
    request = urllib.request.Request("http://127.0.0.1:19093/api/v2/alerts", body, {"Content-Type": "application/json"})
    until = time.monotonic() + PATIENCE
    while True:
        try:
            urllib.request.urlopen(request, timeout=2).close()  # noqa: S310 (a loopback address)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def _until(holds: Any) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, "nothing arrived"
        time.sleep(0.1)
