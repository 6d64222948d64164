"""`manage.py restore DIR`: a backup into an empty database, verified; nothing is sent until it is released."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from portal.core import clock
from portal.core.errors import DomainError
from portal.site.services.restoring import checked_manifest, restore_backup, settle_restored

if TYPE_CHECKING:
    from argparse import ArgumentParser

REFUSED = 4


class Command(BaseCommand):
    """Run it with DATABASE_URL of role headwater_owner. Exit 4 when refused, or when the copy is not equal."""

    help = "Restore a backup into an empty database and verify it. The engine stays paused until it is released."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", help="one backup, headwater-<date>-<time>")
        parser.add_argument("--verify", action="store_true", help="always done; accepted for the handbook's sake")
        parser.add_argument("--check", action="store_true", help="only look whether the backup is whole and fits")
        parser.add_argument("--keep-sessions", action="store_true", help="sessions and tokens of then stay valid")

    def handle(self, *_: Any, **given: Any) -> None:
        source = Path(given["folder"]).resolve()
        try:
            if given["check"]:
                manifest = checked_manifest(source)
                self.stdout.write(f"{source.name}: whole, {manifest.rows} rows, release {manifest.release}")
                return
            report = restore_backup(source=source)
        except DomainError as error:
            self.stderr.write(error.message)
            sys.exit(REFUSED)
        self.stdout.write("\n".join(report.lines))
        if report.faults:
            self.stderr.write("\n".join(["NOT RESTORED, the database is empty again:", *report.faults]))
            sys.exit(REFUSED)
        settle_restored(source=source, keep_sessions=given["keep_sessions"], at=clock.now())
        self.stdout.write("restored")
