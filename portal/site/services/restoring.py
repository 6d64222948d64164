"""Restoring a backup into an empty database, and proving that the copy is what was backed up."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.management import call_command
from django.db import connection, transaction

from portal.core.errors import DomainError
from portal.core.models import Setting
from portal.core.queries.seals import newest_seal, verify_seals
from portal.core.secrets import cipher, fingerprints
from portal.core.services.audit import record_audit
from portal.engine.registries import invariants
from portal.site.domain.backups import Manifest, differences, digest, read_manifest, refusals
from portal.site.queries.table_facts import (
    attachment_digests,
    encrypted_samples,
    known_migrations,
    sealed_tables,
    table_facts,
)
from portal.site.services.backing_up import DETACHED, DUMP, FILES, MANIFEST, sha256_of
from portal.site.services.postgres_tools import connection_of, pipe
from requests_queue.services.attachments import attachment_root

if TYPE_CHECKING:
    from pathlib import Path

RESTORED = "restore.last"
# In the transaction that writes the rows: no engine ever sees them while it may send.
PAUSE = (
    "UPDATE public.engine_control SET is_paused = true, paused_at = public.portal_now(), paused_by_id = NULL,"
    " pause_reason = 'restored'"
)
HAS_TABLES = "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public')"


@dataclass
class Report:
    """What was compared, one line each, and what did not agree; empty `faults` is a good copy."""

    lines: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def add(self, line: str, faults: list[str]) -> None:
        self.lines.append(f"{line}: {'equal' if not faults else f'{len(faults)} differ'}")
        self.faults += faults


def restore_backup(*, source: Path) -> Report:
    """Restore into this process's empty database as the owner of the tables, verify, and leave the engine paused.

    Raises `DomainError` before anything is written when the backup or the database does not fit; after a fault in
    what was restored the database is empty again and the report says why.
    """
    manifest = checked_manifest(source)
    with connection.cursor() as cursor:
        cursor.execute(HAS_TABLES)
        if cursor.fetchone() != (False,):
            raise DomainError("site.database_not_empty", "This database holds tables. Restore only into an empty one.")
    report = Report()
    try:
        _load(source)
        _verify(manifest, source, report)
    except DomainError as error:
        report.faults.append(error.message)
    if report.faults:
        empty_database()
        return report
    report.lines.append("engine: paused (restored); manage.py engine_resume --list shows what is overdue")
    return report


@transaction.atomic
def settle_restored(*, source: Path, keep_sessions: bool, at: datetime) -> None:
    """What follows a good restore: nobody who was signed in then is signed in now, and tokens of then have ended.

    `keep_sessions` leaves both as they were. A database without tables has no clock: `at` is read after the restore.
    """
    facts = {"at": at.isoformat(), "name": source.name, "kept_sessions": keep_sessions}
    with connection.cursor() as cursor:
        if not keep_sessions:
            cursor.execute("DELETE FROM usersessions_usersession")
            cursor.execute("DELETE FROM django_session")
            cursor.execute("UPDATE accounts_apitoken SET revoked_at = %s WHERE revoked_at IS NULL", [at])
    row, _ = Setting.objects.update_or_create(key=RESTORED, defaults={"value": facts})
    record_audit(actor=None, verb="site.backup_restored", subject=row, after=facts, at=at)


def checked_manifest(source: Path) -> Manifest:
    """The manifest, if the folder is whole and fits this release and its keys; else `DomainError`."""
    try:
        text = (source / MANIFEST).read_bytes()
        noted = (source / DETACHED).read_text(encoding="ascii").strip()
        manifest = read_manifest(text.decode())
        dump = sha256_of(source / DUMP)
    except (OSError, ValueError) as error:
        raise DomainError("site.bad_backup", f"This is no complete backup: {error}.") from error
    faults = refusals(manifest, migrations=known_migrations(), keys=fingerprints())
    if digest(text) != noted:
        faults.insert(0, "the manifest is not the one that was written")
    if dump != manifest.dump_sha256:
        faults.insert(0, "the dump is not the one of the manifest")
    lost = [sha256 for key, sha256 in manifest.files.items() if key not in manifest.missing_files
            and not _is_whole(source / FILES / sha256[:2] / sha256, sha256)]  # fmt: skip
    if lost:
        faults.append(f"{len(lost)} attachments are missing or changed, the first with digest {lost[0]}")
    if faults:
        raise DomainError("site.bad_backup", f"This backup cannot be restored here: {'; '.join(faults)}.")
    return manifest


def empty_database() -> None:
    """Drop what the owner made in this database; extensions and roles stay."""
    with connection.cursor() as cursor:
        cursor.execute("DROP OWNED BY CURRENT_USER")


def _load(source: Path) -> None:
    reading = ["pg_restore", "--no-owner", "--no-privileges", "-f", "-", str(source / DUMP)]
    writing = ["psql", "-qX", "--single-transaction", "-v", "ON_ERROR_STOP=1", "-f", "-", "-c", PAUSE]
    pipe(reading, writing, parameters=connection_of(""))


def _verify(manifest: Manifest, source: Path, report: Report) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        found = table_facts(cursor)
        report.lines.append(f"rows: {manifest.rows} in {len(manifest.tables)} tables")
        report.add("rows and content of each table", _but_control(differences(manifest.tables, found)))
        report.add("attachments", _files(source, manifest, attachment_digests(cursor)))
    call_command("migrate", verbosity=0)  # nothing to migrate still gives the roles their rights
    for table in sealed_tables():
        checked, newest = verify_seals(table), newest_seal(table)
        faults = [checked.breach.sentence] if checked.breach else []
        if (newest.sha256 if newest else None) != manifest.seals.get(table):
            faults.append(f"{table}: the newest seal is not that of the backup")
        report.add(f"{checked.seals} seals of {table}", faults)
    broken = [
        name
        for name, count in invariants.items()
        if name.endswith(".balances") and count(datetime.fromisoformat(manifest.taken_at))
    ]
    report.add("balances and their entries", [f"{name} does not hold" for name in broken])
    report.add(f"secrets, by {len(manifest.keys)} keys", _unreadable())


def _but_control(faults: list[str]) -> list[str]:
    """The engine's own row was paused while it was restored."""
    return [fault for fault in faults if not fault.startswith("engine_control has the rows")]


def _files(source: Path, manifest: Manifest, wanted: dict[str, str]) -> list[str]:
    """Put every attachment in its place; one that the backup lacked is a fault of the source, told but not new."""
    faults = []
    for key, sha256 in wanted.items():
        place, kept = attachment_root() / key[:2] / key, source / FILES / sha256[:2] / sha256
        if key in manifest.missing_files:
            continue
        if not _is_whole(place, sha256):
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            place.unlink(missing_ok=True)
            shutil.copyfile(kept, place)
            place.chmod(0o600)
        if not _is_whole(place, sha256):
            faults.append(f"attachment {key} could not be restored")
    return faults


def _unreadable() -> list[str]:
    with connection.cursor() as cursor:
        samples = encrypted_samples(cursor)
    return [column for column, token in samples.items() if not _opens(token)]


def _opens(token: str) -> bool:
    try:
        cipher().decrypt(token.encode())
    except ValueError:
        return False
    return True


def _is_whole(path: Path, sha256: str) -> bool:
    return path.is_file() and sha256_of(path) == sha256
