"""`manage.py engine_resume`: look at what a paused engine would send, and decide."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.core import clock
from portal.engine.models import Deadline
from portal.engine.services.controlling import drop_overdue, resume_engine

REASON = "released on the command line"
SHOWN = 200


class Command(BaseCommand):
    help = "List what is overdue, or release the engine: all of it, none of it, or the given deadline ids."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--list", action="store_true")
        parser.add_argument("--release", default="", help="all, none, or ids separated by commas")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        at = clock.now()
        overdue = Deadline.objects.filter(state="armed", due_at__lte=at).order_by("due_at")
        if not options["release"]:
            for row in overdue[:SHOWN]:
                self.stdout.write(f"{row.pk}\t{row.due_at:%Y-%m-%d %H:%M:%S}Z\t{row.kind}\t{row.subject_id}")
            self.stdout.write(f"{overdue.count()} overdue; nothing is sent before --release")
            return
        dropped = self._drop(options["release"], at)
        resume_engine(actor=None, reason=REASON, at=at)
        self.stdout.write(f"released; {dropped} overdue deadlines were cancelled")

    def _drop(self, release: str, at: Any) -> int:
        if release == "all":
            return 0
        if release == "none":
            return drop_overdue(ids=None, reason="not released", at=at)
        try:
            keep = {int(part) for part in release.split(",")}
        except ValueError:
            message = "--release takes all, none, or ids separated by commas"
            raise CommandError(message) from None
        others = Deadline.objects.filter(state="armed", due_at__lte=at).exclude(pk__in=keep)
        return drop_overdue(ids=list(others.values_list("pk", flat=True)), reason="not released", at=at)
