"""`manage.py create_admin --link`: the link that makes the first admin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.accounts.services.arriving import offer_setup
from portal.core import clock
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """The link works once, for 24 hours; a new one ends the one before."""

    help = "Print the link that makes the first admin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--link", action="store_true", help="print the link (the only way)")

    def handle(self, *_: Any, **__: Any) -> None:
        try:
            secret = offer_setup(at=clock.now())
        except DomainError as refusal:
            raise CommandError(refusal.message) from None
        self.stdout.write(f"{settings.BASE_URL}/welcome/{secret}")
        self.stdout.write("Open it within 24 hours; it works once.")
