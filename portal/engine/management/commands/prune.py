"""`manage.py prune`: what the nightly Job removes, now or only counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from portal.core import clock
from portal.engine.domain.retention import RETENTIONS
from portal.engine.services.pruning import prunable, prune

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """People's acts, the audit, notices and tries to send are never among it."""

    help = "Delete ended jobs, worked-on messages, ticks, old counters and sessions; --dry-run counts them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count, delete nothing")

    def handle(self, *_: Any, **given: Any) -> None:
        found = (prunable if given["dry_run"] else prune)(at=clock.now())
        for retention in RETENTIONS:
            told = f"{found[retention.table]:>9} {retention.why}, older than {retention.days} days"
            self.stdout.write(f"{told} ({retention.table})")
