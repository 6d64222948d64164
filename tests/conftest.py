"""One embedded PostgreSQL for the whole run; each xdist worker has a database of its own.

Tests connect as `headwater_app`, so that the rights the application lacks are missing here too: the session is the
owner's, with the role set as soon as the schema stands.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest
from django.conf import settings
from django.db import connection, connections
from django.db.backends.signals import connection_created
from hypothesis import settings as hypothesis_settings
from psycopg2 import connect

from deploy.local import postgres
from portal.core import clock as portal_clock
from portal.core.queries.changes import UntilChanged
from portal.core.startup import settle_memory
from portal.core.web import shell
from tests.replay import Replay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.utils import CursorWrapper
    from pytest_django.plugin import DjangoDbBlocker

pytest_plugins = ["tests.fixtures.people"]

hypothesis_settings.register_profile("short", max_examples=60, deadline=None)
hypothesis_settings.register_profile("full", max_examples=2000, deadline=None)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))

APP_ROLE = "headwater_app"
OWNER_ROLE = "headwater_owner"
SERVER = "TEST_SERVER_URL"
ROOT = Path(__file__).parents[1]
HOME = ROOT / ".headwater" / "test"
EMPTY = """
SET session_replication_role = replica;
DO $$ DECLARE each regclass; BEGIN
    FOR each IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        AND relname <> 'django_migrations'
    LOOP EXECUTE format('DELETE FROM %s', each); END LOOP;
END $$;
RESET session_replication_role;
"""


def pytest_configure(config: pytest.Config) -> None:
    """Start the server in the controlling process; xdist workers inherit its address."""
    if SERVER not in os.environ:
        cluster = postgres.prepare(HOME)
        try:
            postgres.stop_orphan(cluster)
        except postgres.InUse as busy:
            pytest.exit(str(busy), returncode=2)
        server = cluster.start(postgres.FAST)
        cluster.bootstrap("headwater")
        with connect(cluster.url("postgres", "headwater")) as session, session.cursor() as cursor:
            cursor.execute(f"GRANT SET ON PARAMETER session_replication_role TO {OWNER_ROLE}")
        os.environ[SERVER] = cluster.url(OWNER_ROLE, "headwater")
        config.add_cleanup(lambda: postgres.stop(server))
    parts = urlsplit(os.environ[SERVER])
    connections.settings["default"] |= {
        "NAME": parts.path.lstrip("/"),
        "USER": parts.username,
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname,
        "PORT": str(parts.port),
        "CONN_MAX_AGE": 0,
    }


# Events out wait for older transactions of the whole server: beside these two neighbours there is no long one.
LONGEST = (
    "tests/chaos/", "tests/browser/test_pages", "tests/flow/test_events_out", "tests/security/test_fuzz",
    "tests/security/test_hostile_text", "tests/security/test_bad_addresses", "tests/browser/", "tests/security/",
    "tests/contract/", "tests/flow/", "tests/app/site/",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no worker ends alone."""
    places = {folder: place for place, folder in enumerate(LONGEST)}

    def place(item: pytest.Item) -> int:
        return next((number for folder, number in places.items() if item.nodeid.startswith(folder)), len(places))

    items.sort(key=place)


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Copy the schema that its owner made once, then become the application."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    name = f"test_headwater_{worker}"
    with django_db_blocker.unblock():
        _copy(_template(), name)
        connection_created.connect(_become_application)
    yield
    with django_db_blocker.unblock():
        connection_created.disconnect(_become_application)
        connection.close()
        _drop(name)


def _template() -> str:
    """The name of the migrated database that workers copy; it changes with any migration or dependency."""
    rooms = ("portal", "ownership", "oncall", "requests_queue")
    files = sorted(path for room in rooms for path in (ROOT / room).glob("**/migrations/*.py"))
    facts = sha256(b"".join(path.read_bytes() for path in [*files, ROOT / "requirements.txt"]))
    facts.update(repr(settings.INSTALLED_APPS).encode())
    return f"template_headwater_{facts.hexdigest()[:12]}"


def _copy(template: str, name: str) -> None:
    """Make `name` a copy of the template; the first worker makes the template, the others wait for it."""
    quote = connection.ops.quote_name
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(20261127)")
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'template\\_headwater\\_%'")
        known = {row[0] for row in cursor.fetchall()}
        for old in known - {template}:
            _drop(old)
        if template not in known:
            connection.settings_dict["TEST"]["NAME"] = unfinished = f"unfinished_{template}"
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            connection.close()
            cursor.execute(f"ALTER DATABASE {quote(unfinished)} RENAME TO {quote(template)}")
        cursor.execute(f"DROP DATABASE IF EXISTS {quote(name)} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {quote(name)} TEMPLATE {quote(template)}")
        cursor.execute("SELECT pg_advisory_unlock(20261127)")
    connection.settings_dict["NAME"] = connections.settings["default"]["NAME"] = name


def _drop(name: str) -> None:
    """Also while a thread of a live server has not closed its session yet."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {connection.ops.quote_name(name)} WITH (FORCE)")


def _become_application(*, connection: Any, **_: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {APP_ROLE}")


@pytest.fixture(scope="session", autouse=True)
def _flush_as_owner() -> Iterator[None]:
    """A transactional test empties the tables after its own fixtures are gone, which the application may not do.

    Row by row and past every trigger: few tables hold a row, and to truncate all makes a thousand new files.
    The class is changed, not the object: beside a running event loop Django hands out another connection.
    """

    def flush(_own: Any, sql_list: list[str]) -> None:
        if sql_list:
            with as_owner() as cursor:
                cursor.execute(EMPTY)
        Replay.flushes += 1

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(type(connection.ops), "execute_sql_flush", flush)
        yield


def pytest_collection_finish() -> None:
    """As every process of the portal does: what is loaded by now is not looked through again, or a run takes longer."""
    settle_memory()


@pytest.fixture(autouse=True)
def _fresh_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a process remembers of the database, or measured under a clock that a test moved, does not outlive it.

    And no window of that memory ends within a test: the query that reads again would be counted now and then.
    """
    monkeypatch.setattr(shell, "DEMO_SECONDS", inf)
    shell.demo_within.cache_clear()
    UntilChanged.forget()
    measured = portal_clock._last
    kept = (measured.offset, measured.taken_at)
    measured.taken_at = time.monotonic()  # the server is on this host
    yield
    measured.offset, measured.taken_at = kept


@contextmanager
def as_owner() -> Iterator[CursorWrapper]:
    """What only the owner of the tables may do; yields a cursor."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {OWNER_ROLE}")
        try:
            yield cursor
        finally:
            cursor.execute(f"SET ROLE {APP_ROLE}")


class MovableClock:
    """Moves the process clock and the database's clock together, for one test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._real = portal_clock.process_clock
        self._shift = timedelta(0)

    def set(self, instant: datetime) -> None:
        self._move(instant - self._real())

    def advance(self, **duration: float) -> None:
        self._move(self._shift + timedelta(**duration))

    def now(self) -> datetime:
        return self._real() + self._shift

    def _move(self, shift: timedelta) -> None:
        self._shift = shift
        self._monkeypatch.setattr(portal_clock, "process_clock", self.now)
        self._monkeypatch.setattr(portal_clock, "offset", lambda: timedelta(0))
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('portal.clock_offset', %s, false)", [str(shift.total_seconds())])

    def restore(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('portal.clock_offset', '', false)")


@pytest.fixture
def clock(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[MovableClock]:
    """Set or advance the time for this test, in Python and in `portal_now()`."""
    movable = MovableClock(monkeypatch)
    yield movable
    if movable.now() != movable._real():
        movable.restore()
