"""A database that was migrated before the histories were folded into one goes on as if nothing had happened."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from portal.site.queries.table_facts import known_migrations
from tests.conftest import as_owner

pytestmark = pytest.mark.django_db
FOLDED = {key: migration for key, migration in MigrationLoader(None).disk_migrations.items() if migration.replaces}


def _left_to_apply() -> list[str]:
    executor = MigrationExecutor(connection)
    return [str(migration) for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def test_every_room_has_a_folded_history() -> None:
    assert {app for app, _ in FOLDED} == {"core", "engine", "accounts", "ownership", "oncall", "requests_queue"}


def test_the_replaced_migrations_stand_for_the_folded_ones() -> None:
    with as_owner() as cursor:
        for app, name in FOLDED:
            cursor.execute("DELETE FROM django_migrations WHERE app = %s AND name = %s", [app, name])
        assert _left_to_apply() == []


def test_a_backup_of_the_time_before_is_known() -> None:
    assert {"core.0001_initial", "core.0001_tables"} <= known_migrations()
