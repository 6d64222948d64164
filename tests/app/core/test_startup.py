"""A production process refuses a database on which it would do harm, and waits for one that is not ready yet."""

from __future__ import annotations

import dataclasses
import gc
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as django_settings
from django.db import DatabaseError, connection

from portal.core import startup
from portal.core.startup import DatabaseFacts, database_facts, ensure_startable, refusals, settle_memory

if TYPE_CHECKING:
    from pytest_django import Settings

GOOD = DatabaseFacts(
    180000, "UTC", ["btree_gist", "pg_trgm", "plpgsql", "unaccent", "vector"], "headwater_app", is_superuser=False
)


@pytest.fixture
def production(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ENV = dataclasses.replace(django_settings.ENV, env="production")
    monkeypatch.setattr(connection, "close", lambda: None)
    monkeypatch.setattr(startup, "database_facts", lambda: GOOD)
    monkeypatch.setattr(startup, "unapplied_migrations", list)


def never(seconds: float) -> None:
    """Nothing is waited for."""
    pytest.fail(f"waited {seconds} s")


def code_of_start(monkeypatch: pytest.MonkeyPatch, **changed: Any) -> object:
    monkeypatch.setattr(startup, "database_facts", lambda: dataclasses.replace(GOOD, **changed))
    with pytest.raises(SystemExit) as ended:
        ensure_startable(sleep=never)
    return ended.value.code


def test_a_sound_database_is_started_on(production: None) -> None:
    ensure_startable(sleep=never)


def test_the_owner_of_the_tables_is_refused(production: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code_of_start(monkeypatch, role="headwater_owner") == 3


def test_a_superuser_is_refused(production: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code_of_start(monkeypatch, role="postgres", is_superuser=True) == 3


def test_another_time_zone_than_utc_is_refused(production: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code_of_start(monkeypatch, zone="Europe/Madrid") == 3


def test_a_missing_extension_is_refused(production: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code_of_start(monkeypatch, extensions=["btree_gist", "pg_trgm", "unaccent"]) == 3


def test_a_server_older_than_15_is_refused(production: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code_of_start(monkeypatch, version=149999) == 3


def test_every_fault_is_told_at_once() -> None:
    assert refusals(DatabaseFacts(140005, "CET", ["pg_trgm"], "headwater_owner", is_superuser=False)) == [
        "PostgreSQL is older than 15.",
        "The database's time zone is CET, not UTC.",
        "The database lacks the extension btree_gist, unaccent, vector.",
        "The role headwater_owner may change tables. Connect as headwater_app.",
    ]


def test_unapplied_migrations_are_refused_after_two_minutes(production: None, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(startup, "unapplied_migrations", lambda: ["core.0002_people"])
    with pytest.raises(SystemExit) as ended:
        ensure_startable(sleep=slept.append)
    assert (ended.value.code, sum(slept)) == (3, 120)


def test_migrations_that_are_applied_meanwhile_are_waited_for(
    production: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [["core.0002_people"], ["core.0002_people"], []]
    slept: list[float] = []
    monkeypatch.setattr(startup, "unapplied_migrations", lambda: answers.pop(0))
    ensure_startable(sleep=slept.append)
    assert slept == [2, 2]


def test_a_database_that_is_away_is_waited_for(production: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> DatabaseFacts:
        raise DatabaseError

    slept: list[float] = []
    monkeypatch.setattr(startup, "database_facts", away)
    with pytest.raises(SystemExit) as ended:
        ensure_startable(sleep=slept.append)
    assert (ended.value.code, sum(slept)) == (3, 120)


def test_development_starts_on_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "database_facts", pytest.fail)
    ensure_startable()


@pytest.mark.django_db
def test_the_real_server_is_sound() -> None:
    assert refusals(database_facts()) == []


@pytest.mark.django_db
def test_a_zone_set_for_this_session_alone_changes_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone = 'Europe/Madrid'")
    assert database_facts().zone == "UTC"


def test_what_start_up_made_is_left_alone_by_the_collector() -> None:
    before = gc.get_freeze_count()
    made: list[list[int]] = [[] for _ in range(10_000)]
    try:
        settle_memory()
        assert gc.get_freeze_count() >= before + len(made)
    finally:
        gc.unfreeze()
