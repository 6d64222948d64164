"""What is shipped to operators holds: the compose file is hardened, alerts and dashboard name real metrics."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY, generate_latest

from portal.core import metrics
from portal.site.queries.figures import EngineFigures

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SENDERS = {"worker-page", "worker", "engine", "watchdog"}
METRIC = re.compile(r"headwater_[a-z_]+")
PERSONAL = {"person", "user", "email", "name", "handle", "title", "id", "address"}

every_service = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES.keys())


@every_service
def test_a_service_runs_as_an_ordinary_user(service: dict[str, Any]) -> None:
    assert not service["user"].startswith(("0:", "root"))


@every_service
def test_a_service_cannot_write_its_own_files(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert any(mount.startswith("/tmp") for mount in service["tmpfs"])  # noqa: S108 (a mount point)


@every_service
def test_a_service_has_no_privileges_and_cannot_gain_any(service: dict[str, Any]) -> None:
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@every_service
def test_a_service_is_limited(service: dict[str, Any]) -> None:
    assert service["pids_limit"] == 256
    assert {"mem_limit", "cpus"} <= set(service)


@every_service
def test_a_service_is_stopped_gently_and_logs_within_bounds(service: dict[str, Any]) -> None:
    assert service["stop_grace_period"] == "60s"
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_a_service_is_restarted_and_watched(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"]


@every_service
def test_an_image_names_its_release(service: dict[str, Any]) -> None:
    assert not service["image"].endswith(":latest")
    assert ":" in service["image"]


def test_only_web_publishes_a_port_and_only_on_this_host() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["web"]
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["web"]["ports"])


def test_the_stores_are_reached_from_inside_alone() -> None:
    assert COMPOSE["networks"]["data"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == SERVICES["valkey"]["networks"] == ["data"]


def test_only_senders_reach_the_outside() -> None:
    assert {name for name, service in SERVICES.items() if "out" in service["networks"]} == SENDERS


@every_service
def test_no_secret_stands_in_the_environment(service: dict[str, Any]) -> None:
    secret = re.compile(r"PASSWORD|SECRET|KEY|DATABASE_URL|SMTP_URL|WEBHOOK_URL")
    for name, value in service.get("environment", {}).items():
        if secret.search(name):
            assert name.endswith("_FILE"), f"{name}: {value}"


def test_the_image_runs_without_root_and_without_a_compiler() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert "USER 10001:10001" in lines
    assert sum(line.startswith("FROM ") for line in lines) == 2
    assert not any("apt-get" in line for line in lines)


def exported() -> tuple[set[str], str]:
    """The names of every metric, as Prometheus sees them, and the page's text."""
    assert metrics.HTTP_SECONDS
    text = generate_latest(REGISTRY).decode()
    families = [*REGISTRY.collect(), *EngineFigures().collect()]
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}
    return {family.name + suffix for family in families for suffix in suffixes.get(family.type, ("",))}, text


@pytest.mark.django_db
@pytest.mark.parametrize("shipped", ["alerts.yml", "dashboard.json"])
def test_every_metric_that_is_shipped_exists(shipped: str) -> None:
    wanted = set(METRIC.findall((ROOT / "deploy" / shipped).read_text()))
    assert wanted - exported()[0] == set()


@pytest.mark.django_db
def test_no_label_has_a_personal_value() -> None:
    families = [*REGISTRY.collect(), *EngineFigures().collect()]
    ours = [family for family in families if family.name.startswith("headwater_")]
    assert {label for family in ours for sample in family.samples for label in sample.labels} & PERSONAL == set()


def test_the_dashboard_is_what_grafana_reads() -> None:
    board = json.loads((ROOT / "deploy" / "dashboard.json").read_text())
    assert all(panel["targets"][0]["expr"] for panel in board["panels"])


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-prod.txt", "requirements-bench.txt"])
def test_a_lock_file_pins_with_hashes_and_names_no_registry(name: str) -> None:
    text = (ROOT / name).read_text()
    pins = re.findall(r"^[a-z0-9._-]+(?:\[[a-z,]+\])?==", text, flags=re.MULTILINE)
    assert len(pins) > 3
    assert text.count("--hash=sha256:") >= len(pins)
    assert "://" not in text


def test_production_takes_the_pins_of_development() -> None:
    pin = re.compile(r"^([a-z0-9._-]+)==(\S+)", flags=re.MULTILINE)
    everything = dict(pin.findall((ROOT / "requirements.txt").read_text()))
    production = dict(pin.findall((ROOT / "requirements-prod.txt").read_text()))
    assert {name: everything.get(name) for name in production} == production
