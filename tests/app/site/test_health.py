"""Probes tell strangers the status alone; metrics belong to operators; reports of browsers are only counted."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as django_settings

from portal.engine.models import EngineControl
from portal.site.queries import readiness

if TYPE_CHECKING:
    from django.test import Client

    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
STRANGER = "203.0.113.9"


@pytest.fixture
def operator_token(settings: Any) -> str:
    settings.ENV = dataclasses.replace(django_settings.ENV, metrics_token="figures")
    return "Bearer figures"


def test_live_answers_without_signing_in(client: Client) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}


def test_a_probe_is_never_cached(client: Client) -> None:
    assert "no-store" in client.get("/health/ready")["Cache-Control"]


def test_ready_does_not_ask_for_redis(client: Client, settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    assert client.get("/health/ready").status_code == 200


def test_not_ready_while_a_migration_is_missing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "_seen", readiness._Seen())
    monkeypatch.setattr(readiness, "unapplied_migrations", lambda: ["core.0009_next"])
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "failing", "reasons": ["migrations"]})


def test_not_ready_when_uploads_cannot_be_written(client: Client, settings: Any) -> None:
    settings.ENV = dataclasses.replace(django_settings.ENV, attachments_dir="/nowhere")
    assert client.get("/health/ready").json()["reasons"] == ["attachments"]


def test_a_stranger_learns_no_reasons(client: Client, operator_token: str) -> None:
    EngineControl.objects.update(last_tick_at=None)
    answer = client.get("/health/engine", REMOTE_ADDR=STRANGER)
    assert (answer.status_code, answer.json()) == (503, {"status": "failing"})


def test_an_operator_learns_why_the_engine_fails(client: Client, operator_token: str) -> None:
    EngineControl.objects.update(last_tick_at=None)
    answer = client.get("/health/engine", headers={"Authorization": operator_token})
    assert answer.json() == {"status": "failing", "reasons": ["tick_age"]}


def test_the_engine_is_well_after_a_tick(client: Client, clock: MovableClock) -> None:
    EngineControl.objects.update(last_tick_at=clock.now())
    assert client.get("/health/engine").status_code == 200


def test_metrics_are_open_to_this_machine_alone(client: Client) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR=STRANGER).status_code == 401


def test_a_forwarded_call_does_not_count_as_this_machine(client: Client) -> None:
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 401


def test_metrics_need_the_token_where_there_is_one(client: Client, operator_token: str) -> None:
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": operator_token}).status_code == 200


def test_a_report_of_a_browser_is_taken_without_a_session(client: Client) -> None:
    report = json.dumps({"csp-report": {"violated-directive": "script-src", "blocked-uri": "inline"}})
    assert client.post("/csp-report", report, content_type="application/csp-report").status_code == 204


def test_a_flood_of_reports_is_refused(client: Client) -> None:
    statuses = [client.post("/csp-report", "{}", content_type="application/csp-report").status_code for _ in range(62)]
    assert (statuses[:60], statuses[61]) == ([204] * 60, 429)


@pytest.mark.parametrize("body", ["", "[]", '"x"', "{", '{"csp-report": 1}'])
def test_an_unreadable_report_is_no_fault_of_ours(client: Client, body: str) -> None:
    assert client.post("/csp-report", body, content_type="application/csp-report").status_code == 204
