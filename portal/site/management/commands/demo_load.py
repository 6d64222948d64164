"""`manage.py demo_load`: the demo workspace, and a promise to watch breaking."""

from __future__ import annotations

import secrets
import sys
from datetime import date
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
        parser.add_argument("--scenario", choices=["exercise"], default="exercise", help="which workspace")
        parser.add_argument("--anchor", default="", help="the Monday the year of on-call begins; 2027-01-04 is exact")
        parser.add_argument("--password-stdin", action="store_true", help="read the password of all logins")

    def handle(self, *_: Any, **given: Any) -> None:
        if settings.ENV.is_production:
            raise CommandError("The demo is not for production.")
        password = sys.stdin.read().strip() if given["password_stdin"] else secrets.token_urlsafe(12)
        try:
            with context.use(context.Context(via="command")):
                loaded = load_demo(password=password, anchor=_anchor(given["anchor"]), at=clock.now())
        except DomainError as refusal:
            raise CommandError(refusal.message) from None
        if loaded.is_new and not given["password_stdin"]:
            self.stdout.write(f"The password of all logins is {password}")
        breaks = loaded.breaks_at.astimezone(ZoneInfo("Europe/Madrid"))
        self.stdout.write(
            f"Watch {loaded.watched}: its promise breaks at {breaks:%H:%M:%S} (Madrid), three minutes from the start."
            " Ruth, the lead, is mailed then; the mail's link confirms it."
        )


def _anchor(text: str) -> date | None:
    """A Monday, or None for the usual one."""
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        raise CommandError("The anchor is a day such as 2027-01-04.") from None
    if found is not None and found.weekday():
        raise CommandError("The anchor is a Monday.")
    return found
