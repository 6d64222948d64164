"""Making a backup: one snapshot of the database, every attachment, and a manifest that lets a copy be judged."""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

from portal.core.errors import DomainError
from portal.core.models import Setting
from portal.core.release import RELEASE
from portal.core.secrets import fingerprints
from portal.core.services.audit import record_audit
from portal.site.domain.backups import Manifest, digest, kept, name_of
from portal.site.queries.table_facts import (
    LEFT_OUT,
    applied_migrations,
    attachment_digests,
    newest_seals,
    table_facts,
)
from portal.site.services.postgres_tools import connect, connection_of, run
from requests_queue.services.attachments import attachment_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

DUMP, MANIFEST, DETACHED, FILES = "database.dump", "manifest.json", "manifest.json.sha256", "files"
LAST = "backup.last"
CHUNK = 1024 * 1024


def make_backup(*, actor: Any, to: Path, at: datetime) -> tuple[Path, Manifest]:
    """A new folder below `to`, complete or not there at all, and its manifest; older ones are thinned out after it.

    Reads as HEADWATER_BACKUP_DATABASE_URL or as the application. Raises `DomainError` when the folder cannot be
    written or a program of PostgreSQL fails.
    """
    place = to / name_of(at)
    scratch = to / f".{place.name}.part"
    try:
        scratch.mkdir(parents=True, mode=0o700)
        manifest = _fill(scratch, to, at)
        scratch.rename(place)
    except OSError as error:
        raise DomainError("site.backup_failed", f"The backup cannot be written: {error}.") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    _thin_out(to)
    _note(actor=actor, place=place, manifest=manifest, at=at)
    return place, manifest


def backups_in(folder: Path) -> list[str]:
    """The names of the complete backups in a folder, oldest first."""
    return sorted(path.parent.name for path in folder.glob(f"*/{DETACHED}") if not path.parent.name.startswith("."))


def _fill(scratch: Path, shelf: Path, at: datetime) -> Manifest:
    parameters = connection_of(settings.ENV.backup_database_url)
    with _snapshot(parameters) as (cursor, snapshot):
        left_out = [f"--exclude-table-data=public.{table}" for table in LEFT_OUT]
        # Extensions belong to the superuser, rights to the roles: both are made anew where the copy is restored.
        plain = ["--no-owner", "--no-privileges", "--no-comments", "--exclude-extension=*"]
        run(
            ["pg_dump", "-Fc", f"--snapshot={snapshot}", *plain, *left_out, "-f", str(scratch / DUMP)],
            parameters=parameters,
        )
        wanted = attachment_digests(cursor)
        tables, seals, migrations = table_facts(cursor), newest_seals(cursor), applied_migrations(cursor)
        cursor.execute("SHOW server_version_num")
        server = int(cursor.fetchone()[0])
    missing = _copy_files(scratch / FILES, shelf, wanted)
    manifest = Manifest(
        taken_at=at.isoformat(), release=RELEASE, server=server, migrations=migrations, tables=tables, seals=seals,
        keys=fingerprints(), dump_sha256=sha256_of(scratch / DUMP), files=wanted, missing_files=missing,
    )  # fmt: skip
    text = manifest.text().encode()
    (scratch / MANIFEST).write_bytes(text)
    (scratch / DETACHED).write_text(digest(text) + "\n", encoding="ascii")
    return manifest


@contextmanager
def _snapshot(parameters: Mapping[str, str]) -> Iterator[tuple[Any, str]]:
    """A cursor whose transaction sees what pg_dump will see, and the name of that view."""
    raw = connect(parameters)
    try:
        raw.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        with raw.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            yield cursor, cursor.fetchone()[0]
    finally:
        raw.close()


def _copy_files(target: Path, shelf: Path, wanted: Mapping[str, str]) -> list[str]:
    """Keep each attachment under its digest, by a second name where the last backup has it; returns what is missing."""
    before = backups_in(shelf)[-1:]
    missing = []
    for key, sha256 in wanted.items():
        place = target / sha256[:2] / sha256
        source = attachment_root() / key[:2] / key
        if place.exists():
            continue
        if not source.is_file() or sha256_of(source) != sha256:
            missing.append(key)
            continue
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        older = shelf / before[0] / FILES / sha256[:2] / sha256 if before else None
        if older is not None and older.is_file():
            os.link(older, place)
        else:
            shutil.copyfile(source, place)
    return missing


def sha256_of(path: Path) -> str:
    """The digest of a file, in constant memory."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _thin_out(folder: Path) -> None:
    names = backups_in(folder)
    for name in set(names) - kept(names):
        shutil.rmtree(folder / name, ignore_errors=True)


@transaction.atomic
def _note(*, actor: Any, place: Path, manifest: Manifest, at: datetime) -> None:
    facts = {
        "at": at.isoformat(), "name": place.name, "rows": manifest.rows, "missing_files": len(manifest.missing_files),
    }  # fmt: skip
    row, _ = Setting.objects.update_or_create(key=LAST, defaults={"value": facts})
    record_audit(actor=actor, verb="site.backup_made", subject=row, after=facts, at=at)
