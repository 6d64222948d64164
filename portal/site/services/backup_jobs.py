"""The nightly backup, and the weekly trial that restores the newest one into a scratch database."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from portal.core import clock
from portal.core.errors import DomainError
from portal.core.models import Setting
from portal.core.services.audit import record_audit
from portal.engine.services.alarms import raise_alarm
from portal.site.services.backing_up import backups_in, make_backup
from portal.site.services.postgres_tools import connect, connection_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

BACKUP_JOB, VERIFY_JOB = "site.backup", "site.verify_backup"
VERIFIED = "backup.verified"
MOST_SECONDS = 3_000
SAID = 500


def run_backup(args: Mapping[str, Any], progress: Any) -> dict[str, Any]:
    """Nightly; without HEADWATER_BACKUPS_DIR nothing is done and the doctor says so."""
    del args, progress
    if not settings.ENV.backups_dir:
        return {"skipped": "HEADWATER_BACKUPS_DIR is empty"}
    place, manifest = make_backup(actor=None, to=Path(settings.ENV.backups_dir), at=clock.now())
    return {"name": place.name, "rows": manifest.rows}


def run_verification(args: Mapping[str, Any], progress: Any) -> dict[str, Any]:
    """Weekly, when HEADWATER_VERIFY_DATABASE_URL names a scratch database; a bad copy alarms the operators."""
    del args, progress
    url, folder = settings.ENV.verify_database_url, settings.ENV.backups_dir
    names = backups_in(Path(folder)) if folder else []
    if not url or not names:
        return {"skipped": "no scratch database, or no backup yet"}
    at = clock.now()
    is_good, said = try_restore(Path(folder) / names[-1], url)
    _note(name=names[-1], is_good=is_good, said=said, at=at)
    if not is_good:
        raise_alarm(code="backup_unusable", ref=names[-1], text=f"{names[-1]} could not be restored: {said}", at=at)
    return {"name": names[-1], "is_good": is_good}


def try_restore(source: Path, url: str) -> tuple[bool, str]:
    """Restore into the database of `url`, empty before and after; (whether the copy was equal, the last words).

    Raises `DomainError` when the URL is that of this installation.
    """
    scratch = connection_of(url)
    if {scratch.get(name) for name in ("host", "port", "dbname")} == {
        connection_of("").get(name) for name in ("host", "port", "dbname")
    }:
        raise DomainError("site.verify_here", "HEADWATER_VERIFY_DATABASE_URL is this installation's own database.")
    _empty(scratch)
    with tempfile.TemporaryDirectory() as folder:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_URL")}
        done = subprocess.run(  # noqa: S603 (a program of ours, no shell)
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "restore", str(source)], check=False, text=True,
            env=clean | {"DATABASE_URL": url, "HEADWATER_ATTACHMENTS_DIR": folder}, timeout=MOST_SECONDS,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    _empty(scratch)
    return done.returncode == 0, done.stdout.strip()[-SAID:]


def _empty(parameters: Mapping[str, str]) -> None:
    raw = connect(parameters)
    try:
        with raw, raw.cursor() as cursor:
            cursor.execute("DROP OWNED BY CURRENT_USER")
    finally:
        raw.close()


@transaction.atomic
def _note(*, name: str, is_good: bool, said: str, at: datetime) -> None:
    facts = {"at": at.isoformat(), "name": name, "is_good": is_good, "said": said}
    row, _ = Setting.objects.update_or_create(key=VERIFIED, defaults={"value": facts})
    record_audit(actor=None, verb="site.backup_verified", subject=row, after=facts, at=at)
