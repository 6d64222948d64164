"""`manage.py demo_load`: the demo workspace, and a promise to watch breaking."""

from __future__ import annotations

import secrets
import sys
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.core import clock, context
from portal.core.errors import DomainError
from portal.site.services.demo import load_demo

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Idempotent but for the watched request; refuses a workspace that has other people or teams."""

    help = "Load the demo workspace, once; each run files one request whose promise breaks after three minutes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--password-stdin", action="store_true", help="read the password of all logins")

    def handle(self, *_: Any, **given: Any) -> None:
        if settings.ENV.is_production:
            raise CommandError("The demo is not for production.")
        password = sys.stdin.read().strip() if given["password_stdin"] else secrets.token_urlsafe(12)
        try:
            with context.use(context.Context(via="command")):
                loaded = load_demo(password=password, at=clock.now())
        except DomainError as refusal:
            raise CommandError(refusal.message) from None
        if loaded.is_new and not given["password_stdin"]:
            self.stdout.write(f"The password of all logins is {password}")
        breaks = loaded.breaks_at.astimezone(ZoneInfo("Europe/Madrid"))
        self.stdout.write(
            f"Watch {loaded.watched}: its promise breaks at {breaks:%H:%M:%S} (Madrid), three minutes from the start."
            " Ruth, the lead, is mailed then; the mail's link confirms it."
        )
