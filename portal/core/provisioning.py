"""What follows every migrate: rights of the database roles, and the rows every installation starts with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig, apps
from django.core.management.color import no_style
from django.db import connections, transaction

from portal.core.registries import append_only_registry, seed_registry

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

OWNER = "headwater_owner"


def after_migrate(*, sender: AppConfig, using: str, **_: Any) -> None:
    """Run once, after the last app; Django sends the signal for each that has models."""
    if sender != [config for config in apps.get_app_configs() if config.models_module][-1]:
        return
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("SELECT session_user = %s AND current_user = %s", [OWNER, OWNER])
        row = cursor.fetchone()
        if row and row[0]:
            _grant(cursor)
        cursor.execute("SELECT to_regclass('core_setting')")
        row = cursor.fetchone()
        if row and row[0]:
            seed_all()


def seed_all() -> None:
    """Write the rows of every registered seed, lower orders first; safe to repeat."""
    for entry in sorted(seed_registry.values(), key=lambda entry: (entry.order, entry.key)):
        entry.seed()


def _grant(cursor: CursorWrapper) -> None:
    """The application writes rows, never tables; append-only tables take INSERT alone (spec operations 3)."""
    cursor.execute("""
        GRANT USAGE ON SCHEMA public TO headwater_app, headwater_watch, headwater_backup;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO headwater_app;
        GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO headwater_app;
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO headwater_backup;
        GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO headwater_backup;
        REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM headwater_app;
    """)
    quote = no_style().SQL_TABLE
    for table in append_only_registry.values():
        cursor.execute("SELECT to_regclass(%s)", [table])
        row = cursor.fetchone()
        if row and row[0]:
            cursor.execute(f'REVOKE UPDATE, DELETE ON "{quote(table)}" FROM headwater_app')
