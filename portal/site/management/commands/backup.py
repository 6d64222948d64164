"""`manage.py backup --to DIR`: the database, the attachments, and a manifest to judge a copy by."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.core import clock
from portal.core.errors import DomainError
from portal.site.services.backing_up import make_backup

if TYPE_CHECKING:
    from argparse import ArgumentParser

FAILED = 4


class Command(BaseCommand):
    """Exit 4 when nothing was kept; there is never a folder without its manifest."""

    help = "Back up the database in one snapshot, with every attachment. Keeps 14 daily, 8 weekly, 12 monthly ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", default=settings.ENV.backups_dir, help="a folder; default HEADWATER_BACKUPS_DIR")

    def handle(self, *_: Any, **given: Any) -> None:
        if not given["to"]:
            self.stderr.write("Say where: --to DIR, or HEADWATER_BACKUPS_DIR.")
            sys.exit(FAILED)
        try:
            place, manifest = make_backup(actor=None, to=Path(given["to"]).resolve(), at=clock.now())
        except DomainError as error:
            self.stderr.write(error.message)
            sys.exit(FAILED)
        self.stdout.write(f"{place}: {manifest.rows} rows, {len(manifest.files)} attachments")
        if manifest.missing_files:
            self.stderr.write(f"{len(manifest.missing_files)} attachments are not on disk; the manifest names them")
