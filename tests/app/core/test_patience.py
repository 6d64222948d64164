"""No page waits for the database for ever: it ends with a clear 503, and nothing of it is kept (spec security 10)."""

from __future__ import annotations

import runpy
import signal
from contextlib import contextmanager, suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, connections, transaction
from django.test import Client

from portal.celery import refuse_a_wrong_database
from portal.core.models import AuditEntry
from portal.core.patience import OF_A_PAGE, at_length, at_most
from portal.core.provisioning import seed_all
from portal.core.web.errors import server_error
from requests_queue.models import DataRequest
from tests.world import World, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db
BODY = {"kind": "question", "title": "Why is net GMV lower", "team": "data-platform"}
LIMITS = "SELECT " + ", ".join(f"current_setting('{name}')" for name in OF_A_PAGE)


@pytest.fixture
def world() -> World:
    seed_all()
    return make_world()


@pytest.fixture
def brief() -> Iterator[None]:
    """This session is a page's, with limits of milliseconds."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '300ms'; SET lock_timeout = '80ms'")
        yield
        cursor.execute("RESET statement_timeout; RESET lock_timeout")


@contextmanager
def held(table: str, mode: str) -> Iterator[None]:
    """Somebody else works on a table and does not end."""
    own = connection.settings_dict
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    other = psycopg2.connect(**{name: own[key] for name, key in names.items()})
    with other.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN {mode} MODE")
    yield
    other.close()


def told() -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(LIMITS)
        return tuple(cursor.fetchone())


def test_every_session_of_a_web_process_begins_with_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections.settings["default"], "OPTIONS", {"options": "-c work_mem=8MB"})
    monkeypatch.setattr("django.utils.log.configure_logging", lambda *_: None)
    runpy.run_module("portal.wsgi")
    own = connections.create_connection("default")
    with own.cursor() as cursor:
        cursor.execute(f"{LIMITS}, current_setting('work_mem')")
        assert cursor.fetchone() == ("10s", "5s", "30s", "8MB")
    own.close()


def test_every_session_of_a_worker_and_of_the_engine_begins_with_those_of_a_job(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = connections.settings["default"]
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr("portal.engine.management.commands.engine.Engine", lambda: SimpleNamespace(run=lambda: None))
    for start in (refuse_a_wrong_database, lambda: call_command("engine")):
        monkeypatch.setitem(given, "OPTIONS", {"application_name": "headwater"})
        start()
        own = connections.create_connection("default")
        with own.cursor() as cursor:
            cursor.execute(LIMITS)
            assert cursor.fetchone() == ("1min", "5s", "30s")
        own.close()


def test_a_slow_statement_before_a_view_is_the_same_page(rf: Any) -> None:
    with at_most(50), suppress(OperationalError), transaction.atomic(), connection.cursor() as cursor:
        try:
            cursor.execute("SELECT pg_sleep(2)")
        finally:
            answer, program = (server_error(rf.get(path)) for path in ("/requests/", "/api/v1/requests"))
    assert (answer.status_code, program.status_code) == (503, 503)
    assert b"The database took too long" in answer.content
    assert b'"code": "core.busy"' in program.content


@pytest.mark.usefixtures("brief")
def test_an_import_has_ten_minutes_and_what_follows_its_own_limit_again() -> None:
    with at_length():
        assert told() == ("10min", "80ms", "10min")
        with at_most(50), pytest.raises(OperationalError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(2)")
        assert told() == ("10min", "80ms", "10min")
    assert told() == ("300ms", "80ms", "0")


@pytest.mark.django_db(transaction=True)
def test_a_page_or_call_that_takes_too_long_is_a_503_and_keeps_nothing(world: World, brief: None) -> None:
    client, acts = Client(), AuditEntry.objects.count()
    client.force_login(world.bob)
    with held("requests_queue_request", "ACCESS EXCLUSIVE"):
        answer = client.get("/requests/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "The database took too long" in answer.content.decode()
    assert client.get("/requests/").status_code == 200
    for late in ("core_auditentry", "engine_deadline"):  # both written after the request itself
        with held(late, "EXCLUSIVE"):
            answer = client.post("/api/v1/requests/", BODY, content_type="application/json")
        told_ = (answer.status_code, answer.json()["code"], answer.headers["Retry-After"])
        assert told_ == (503, "core.busy", "5")
        assert (DataRequest.objects.count(), AuditEntry.objects.count()) == (0, acts)
    assert client.post("/api/v1/requests/", BODY, content_type="application/json").status_code == 201
