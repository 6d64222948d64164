"""Facts by which a restored database is compared with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.migrations.loader import MigrationLoader

from portal.core.queries.seals import CONTENT
from portal.core.secrets import EncryptedText
from portal.site.domain.backups import TableFacts
from requests_queue.models import Attachment

if TYPE_CHECKING:
    from collections.abc import Mapping

# Counters and a cache: worth nothing a minute later, so their rows are not dumped.
LEFT_OUT = ("core_ratebucket", "core_cache")
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
FACTS = """
SELECT count(*), coalesce(sum(hashtextextended(content::text, 0)::numeric), 0)::text FROM public."{table}" AS content
"""
NEWEST_SEALS = "SELECT DISTINCT ON (table_name) table_name, sha256 FROM public.core_auditseal ORDER BY 1, day DESC"
APPLIED = "SELECT app || '.' || name FROM public.django_migrations ORDER BY 1"
# The text of a row must not depend on who asks.
NEUTRAL = "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL extra_float_digits = 1"


def table_facts(cursor: Any) -> dict[str, TableFacts]:
    """Rows and content of every table but those left out, by the transaction of `cursor`."""
    cursor.execute(NEUTRAL)
    cursor.execute(TABLES)
    names = [name for (name,) in cursor.fetchall() if name not in LEFT_OUT]
    found = {}
    for name in names:
        cursor.execute(FACTS.format(table=name.replace('"', '""')))
        rows, total = cursor.fetchone()
        found[name] = TableFacts(rows, total)
    return found


def newest_seals(cursor: Any) -> dict[str, str]:
    """The newest seal of each sealed table."""
    cursor.execute(NEWEST_SEALS)
    return dict(cursor.fetchall())


def applied_migrations(cursor: Any) -> list[str]:
    """What the database's schema is made of, as `app.name`."""
    cursor.execute(APPLIED)
    return [name for (name,) in cursor.fetchall()]


def known_migrations() -> set[str]:
    """What this release's code knows, or has folded into a later one, as `app.name`."""
    on_disk = MigrationLoader(None).disk_migrations
    replaced = (key for migration in on_disk.values() for key in migration.replaces)
    return {f"{app}.{name}" for app, name in [*on_disk, *replaced]}


def attachment_digests(cursor: Any) -> dict[str, str]:
    """Key (hex) -> SHA-256 of every file that a request holds."""
    cursor.execute(f'SELECT key, sha256 FROM public."{Attachment._meta.db_table}" ORDER BY key')  # noqa: S608, SLF001 (our own table)
    return {str(key).replace("-", ""): sha256 for key, sha256 in cursor.fetchall()}


def encrypted_samples(cursor: Any) -> Mapping[str, str]:
    """One stored token a column of secrets, as `table.column`; columns without any are left out."""
    found = {}
    for model in apps.get_models():
        for field in model._meta.local_fields:  # noqa: SLF001 (Django's public name for model facts)
            if isinstance(field, EncryptedText):
                table, column = model._meta.db_table, field.column  # noqa: SLF001
                cursor.execute(f'SELECT "{column}" FROM public."{table}" WHERE "{column}" <> \'\' LIMIT 1')  # noqa: S608
                row = cursor.fetchone()
                if row:
                    found[f"{table}.{column}"] = row[0]
    return found


def sealed_tables() -> list[str]:
    """The tables whose history is sealed."""
    return list(CONTENT)
