"""What `make up` remembers about this checkout: folders, ports, secrets, and the environment made from them."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import secrets
import shutil
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.local.postgres import free_port

if TYPE_CHECKING:
    from deploy.local.postgres import Cluster

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".headwater"
METRICS = HOME / "run" / "metrics"
DATABASE = "headwater"
SERVICES = ("postgres", "valkey", "smtp", "web")


@dataclass(frozen=True)
class Workspace:
    """Ports and secrets of this checkout."""

    ports: dict[str, int]
    secrets: dict[str, str]

    @property
    def url(self) -> str:
        # A name, not 127.0.0.1: browsers allow passkeys on localhost only.
        return f"http://localhost:{self.ports['web']}"


def load() -> Workspace:
    """The remembered workspace, completed; a port that somebody else took meanwhile is replaced."""
    for folder in ("log", "mail", "attachments", "valkey", "run"):
        (HOME / folder).mkdir(parents=True, exist_ok=True)
    # Counters of processes that are gone would be added up for ever.
    shutil.rmtree(METRICS, ignore_errors=True)
    METRICS.mkdir()
    ports = _remembered("ports.json")
    for service in SERVICES:
        if service not in ports or not _is_free(int(ports[service])):
            ports[service] = str(_unused(ports))
    if os.environ.get("PORT"):
        ports["web"] = _requested(os.environ["PORT"])
    _remember("ports.json", ports)
    keys = _new_secrets() | _remembered("secrets.json")
    _remember("secrets.json", keys)
    return Workspace({name: int(port) for name, port in ports.items()}, keys)


def environment(workspace: Workspace, cluster: Cluster, *, role: str = "headwater_app") -> dict[str, str]:
    """The environment of every process. HEADWATER_* of the caller wins; the databases are always our own."""
    ports, keys = workspace.ports, workspace.secrets
    defaults = {
        "HEADWATER_SECRET_KEY": keys["secret_key"],
        "HEADWATER_DATA_KEYS": keys["data_key"],
        "HEADWATER_SMTP_URL": f"smtp://127.0.0.1:{ports['smtp']}",
        "HEADWATER_MAIL_FROM": "Headwater <headwater@demo.example>",
        "HEADWATER_ATTACHMENTS_DIR": str(HOME / "attachments"),
        "HEADWATER_WATCHDOG_SMTP_URL": f"smtp://127.0.0.1:{ports['smtp']}",
        "HEADWATER_WATCHDOG_TO": "wen@demo.example",
    }
    if os.environ.get("SEMANTIC") == "0":
        defaults["HEADWATER_SEMANTIC"] = "no"  # the packages may stand here from an earlier start
    fixed = {
        "HEADWATER_ENV": "development",
        "HEADWATER_BASE_URL": workspace.url,
        "HEADWATER_WATCH_DATABASE_URL": cluster.url("headwater_watch", DATABASE),
        "DATABASE_URL": cluster.url(role, DATABASE),
        "REDIS_URL": f"redis://127.0.0.1:{ports['valkey']}/0",
        "DJANGO_SETTINGS_MODULE": "portal.settings.development",
        "PROMETHEUS_MULTIPROC_DIR": str(METRICS),
        "PYTHONUNBUFFERED": "1",
    }
    return defaults | dict(os.environ) | fixed


def write_environment(environ: dict[str, str]) -> None:
    """Leave the settings where manage.py finds them, so that commands by hand reach this workspace."""
    known = {name: value for name, value in environ.items() if name.startswith(("HEADWATER_", "DATABASE_", "REDIS_"))}
    _remember("environment.json", known)


def migration_digest() -> str:
    """Changes when a migration, a seed or a setting changes; the same digest means nothing is left to migrate."""
    digest = hashlib.sha256()
    for pattern in ("*/migrations/*.py", "*/wiring.py", "*/seeds.py", "core/provisioning.py", "settings/*.py"):
        for path in sorted([*ROOT.glob(pattern), *(ROOT / "portal").glob(pattern)]):
            digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def _new_secrets() -> dict[str, str]:
    return {
        "secret_key": secrets.token_urlsafe(48),
        "data_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "demo_password": "headwater-" + "-".join(secrets.token_hex(2) for _ in range(3)),
    }


def _remembered(name: str) -> dict[str, str]:
    with contextlib.suppress(OSError, ValueError):
        return dict(json.loads((HOME / name).read_text(encoding="utf-8")))
    return {}


def _remember(name: str, values: dict[str, str]) -> None:
    path = HOME / name
    path.touch(mode=0o600)
    path.write_text(json.dumps(values, indent=1), encoding="utf-8")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


def _unused(ports: dict[str, str]) -> int:
    port = free_port()
    return port if str(port) not in ports.values() else _unused(ports)


def _requested(text: str) -> str:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:  # noqa: PLR2004 (ports)
        sys.exit(f"PORT={text}: a number from 1 to 65535 is needed")
    if not _is_free(int(text)):
        sys.exit(f"PORT={text}: another program listens there; choose another, or leave PORT out")
    return text
