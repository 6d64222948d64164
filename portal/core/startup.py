"""What a production process refuses to start on (spec operations 3 and 4); the settings' own refusals are in `env`."""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from portal.core.provisioning import OWNER

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

EXTENSIONS = frozenset({"btree_gist", "pg_trgm", "unaccent", "vector"})
OLDEST_POSTGRES = 150_000
UTC_NAMES = {"UTC", "Etc/UTC"}
PATIENCE_SECONDS = 120
PAUSE_SECONDS = 2
REFUSED = 3
# The zone is the default that the database gives: Django sets that of its own sessions, other programs do not.
FACTS = """
SELECT current_setting('server_version_num')::int, (SELECT reset_val FROM pg_settings WHERE name = 'TimeZone'),
       ARRAY(SELECT extname::text FROM pg_extension), current_user::text,
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
"""
log = structlog.get_logger("headwater.startup")


@dataclass(frozen=True)
class DatabaseFacts:
    """What the server says about itself and about this connection."""

    version: int
    zone: str
    extensions: Collection[str]
    role: str
    is_superuser: bool


def refusals(facts: DatabaseFacts) -> list[str]:
    """One sentence a fault; empty when a process may start."""
    missing = sorted(EXTENSIONS - set(facts.extensions))
    may_change_tables = facts.is_superuser or facts.role == OWNER
    faults = [
        (facts.version < OLDEST_POSTGRES, "PostgreSQL is older than 15."),
        (facts.zone not in UTC_NAMES, f"The database's time zone is {facts.zone}, not UTC."),
        (bool(missing), f"The database lacks the extension {', '.join(missing)}."),
        (may_change_tables, f"The role {facts.role} may change tables. Connect as headwater_app."),
    ]
    return [sentence for holds, sentence in faults if holds]


def database_facts() -> DatabaseFacts:
    """Ask the server."""
    with connection.cursor() as cursor:
        cursor.execute(FACTS)
        row = cursor.fetchone()
    if row is None:
        raise DatabaseError("The database says nothing about itself.")
    return DatabaseFacts(*row)


def unapplied_migrations() -> list[str]:
    """The migrations of this release that the database lacks, as `app.name`."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def ensure_startable(*, sleep: Callable[[float], None] = time.sleep) -> None:
    """In production: exit with 3 on a wrong database, or when it is away or unmigrated for two minutes."""
    if not settings.ENV.is_production:
        return
    waits = PATIENCE_SECONDS // PAUSE_SECONDS
    for left in range(waits, -1, -1):
        reason = _waiting_for()
        if not reason:
            return
        if not left:
            _refuse([f"Gave up after {PATIENCE_SECONDS} s: {reason}"])
        sleep(PAUSE_SECONDS)


def settle_memory() -> None:
    """Load every page, and let the collector of garbage leave alone what start-up made: it lives as long as we do.

    Looking through half a million such objects costs some 100 ms, in the middle of somebody's page.
    """
    import_module(settings.ROOT_URLCONF)
    gc.collect()
    gc.freeze()


def _waiting_for() -> str:
    """What may yet come by itself; exits at once on what will not."""
    try:
        faults = refusals(database_facts())
        missing = unapplied_migrations() if not faults else []
    except DatabaseError:
        return "the database does not answer."
    finally:
        connection.close()
    if faults:
        _refuse(faults)
    return f"{len(missing)} migrations are not applied." if missing else ""


def _refuse(faults: list[str]) -> NoReturn:
    for fault in faults:
        log.error("start refused", reason=fault)
    raise SystemExit(REFUSED)
