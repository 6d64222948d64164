"""`manage.py audit_verify`: whether history is what was sealed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from portal.core.models import AuditSeal
from portal.core.queries.seals import CONTENT, verify_seals

if TYPE_CHECKING:
    from argparse import ArgumentParser

REWRITTEN = 1


class Command(BaseCommand):
    """Exit 1 when a sealed row was changed, removed or slipped in; the first one is named."""

    help = "Compare audit and row changes with their daily seals."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, help="only the newest seals; without it, all")
        parser.add_argument("--seal", help="a seal noted outside, such as from the heartbeat: it must be in the chain")

    def handle(self, *_: Any, **given: Any) -> None:
        is_broken = False
        for table in CONTENT:
            found = verify_seals(table, days=given["days"])
            is_broken = is_broken or found.breach is not None
            newest = f"newest {found.newest.day} {found.newest.sha256}" if found.newest else "no seal yet"
            self.stdout.write(
                f"{table}: {found.seals} seals over {found.rows} rows hold, {found.unsealed} not sealed yet; {newest}"
            )
            if found.breach is not None:
                self.stdout.write(f"REWRITTEN {found.breach.sentence}")
        if given["seal"] and not AuditSeal.objects.filter(sha256=given["seal"]).exists():
            is_broken = True
            self.stdout.write("REWRITTEN the seal noted outside is not in the chain")
        if is_broken:
            sys.exit(REWRITTEN)
