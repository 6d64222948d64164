"""`make up`: all of Headwater on this machine, until Ctrl-C.

PostgreSQL, Valkey and a mail server start first, then the schema and the demo workspace, then the portal. supervisord
keeps the processes alive; this command tells what happens and stops the supervisor when it is stopped itself.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from deploy.local import announcing, leftovers, postgres, supervision, workspace
from deploy.local.announcing import say
from deploy.local.workspace import DATABASE, HOME, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PID_FILE = HOME / "run" / "up.json"
LOCK_FILE = HOME / "run" / "up.lock"
STOP_SECONDS = 22


@dataclass
class House:
    """What runs: the ports and secrets, the database cluster, and the supervisor with its socket."""

    space: workspace.Workspace
    cluster: postgres.Cluster
    supervisor: subprocess.Popen[bytes]
    socket: Path


def main() -> None:
    for wanted in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(wanted, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    names = _chosen(os.environ.get("ONLY", ""))
    (HOME / "run").mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(KeyboardInterrupt), _only_one():
        run(names)


def run(names: list[str]) -> None:
    """Start everything, then report what happens until somebody stops it."""
    if leftovers.stop_recorded(PID_FILE):
        say("stopped what the last `make up` had left running")
    house = open_house()
    try:
        build(house)
        # The page boots while the demo is written; engine and workers wait for the demo, which would be news to them.
        if "web" in names:
            supervision.start(house.socket, "web")
        breach = "" if os.environ.get("EMPTY") else load_demo(house)
        if "web" in names:
            _wait_for_page(house.space.url)
        for name in names:
            if name != "web":
                supervision.start(house.socket, name)
        announcing.welcome(house.space, names, breach)
        watch(house)
    finally:
        close(house)


def open_house() -> House:
    """Start the supervisor with PostgreSQL, Valkey and the mail server."""
    space = workspace.load()
    say("starting PostgreSQL, Valkey and a mail server")
    cluster = postgres.prepare(HOME / "postgres", port=space.ports["postgres"])
    environ = workspace.environment(space, cluster)
    workspace.write_environment(environ)
    socket = Path(tempfile.gettempdir()) / f"headwater-{hashlib.sha256(str(HOME).encode()).hexdigest()[:12]}.sock"
    supervision.write_config(supervision.servers(space, cluster), supervision.portal(space), socket)
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "supervisor.supervisord", "-n", "-s", "-c", str(supervision.CONFIG)],
        cwd=ROOT, env=environ, start_new_session=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=(HOME / "log" / "supervisord.err").open("wb"),
    )  # fmt: skip
    leftovers.record(PID_FILE, supervisor.pid)
    return House(space, cluster, supervisor, socket)


def build(house: House) -> None:
    """Roles, schema and demo workspace; only what is not there yet."""
    try:
        house.cluster.wait(30)
    except subprocess.CalledProcessError:
        _give_up("PostgreSQL did not start", "postgres")
    marker = house.cluster.home / "schema.sha256"
    digest = workspace.migration_digest()
    if not marker.exists() or marker.read_text(encoding="utf-8") != digest:
        say("making the tables")
        house.cluster.bootstrap(DATABASE)
        _manage(house, "headwater_owner", ["migrate", "--verbosity", "0"])
        marker.write_text(digest, encoding="utf-8")


def load_demo(house: House) -> str:
    """The demo workspace, written on the first start only; returns the sentence on the breach to watch."""
    marker = house.cluster.home / "demo"
    if not marker.exists():
        say("loading the demo workspace: teams, pipelines, three months of requests")
    told = _manage(house, "headwater_app", ["demo_load", "--password-stdin"], house.space.secrets["demo_password"])
    marker.touch()
    return told.strip()


def _manage(house: House, role: str, arguments: list[str], answer: str = "") -> str:
    environ = workspace.environment(house.space, house.cluster, role=role)
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        cwd=ROOT, env=environ, input=answer, text=True, check=False, stdout=subprocess.PIPE,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{done.stdout}`manage.py {arguments[0]}` failed (see above)")
    return done.stdout


def watch(house: House) -> None:
    """Pass on mail lines and crashes until Ctrl-C, or until the command that started this one is gone."""
    parent = os.getppid()
    logs = [announcing.Tail(HOME / "log" / "mail.log"), announcing.Tail(supervision.LOG)]
    while os.getppid() == parent:
        for log in logs:
            for line in log.lines():
                announcing.tell(line)
        if house.supervisor.poll() is not None:
            sys.exit("the supervisor ended; start again with `make up`")
        time.sleep(0.3)


def close(house: House) -> None:
    """Stop all children; whatever does not stop in time is killed."""
    for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(wanted, signal.SIG_IGN)
    say("stopping")
    since = leftovers.started(house.supervisor.pid)
    if house.supervisor.poll() is None:
        house.supervisor.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            house.supervisor.wait(STOP_SECONDS)
    if house.supervisor.poll() is None:
        house.supervisor.kill()
        house.supervisor.wait()
    leftovers.stop_session(house.supervisor.pid, since)
    PID_FILE.unlink(missing_ok=True)
    house.socket.unlink(missing_ok=True)
    say("stopped; the data is kept in .headwater/")


def _wait_for_page(url: str, seconds: int = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(f"{url}/health/live"):  # noqa: S310 (our own address)
            return
        time.sleep(0.1)
    _give_up("the web process does not answer", "web")


def _chosen(only: str) -> list[str]:
    known = supervision.NAMES
    names = [name.strip() for name in only.split(",") if name.strip()] or known
    if unknown := sorted(set(names) - set(known)):
        sys.exit(f"ONLY={only}: unknown {', '.join(unknown)}; choose from {', '.join(known)}")
    return names


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    """Two starts of one checkout at the same moment take turns; the later one wins."""
    with LOCK_FILE.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            leftovers.stop_recorded(PID_FILE)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _give_up(what: str, program: str) -> NoReturn:
    path = HOME / "log" / f"{program}.log"
    tail = path.read_text(encoding="utf-8", errors="replace").splitlines()[-15:] if path.exists() else []
    sys.exit("\n".join([*tail, f"{what}; its whole log is {path}"]))


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
