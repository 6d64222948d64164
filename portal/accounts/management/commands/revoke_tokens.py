"""`manage.py revoke_tokens --person HANDLE | --all`: when tokens may have leaked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from portal.accounts.models import Person
from portal.accounts.services.tokens import revoke_tokens
from portal.core import clock

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """They open nothing from then on; the rows stay, and the audit says why."""

    help = "Revoke the live tokens of one person or program, or of everybody."

    def add_arguments(self, parser: ArgumentParser) -> None:
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--person", help="handle of a person or program")
        who.add_argument("--all", action="store_true", help="every live token of the house")
        parser.add_argument("--reason", required=True, help="what happened, for the audit")

    def handle(self, *_: Any, **given: Any) -> None:
        person = Person.objects.filter(handle=given["person"]).first() if given["person"] else None
        if given["person"] and person is None:
            message = f"Nobody is called {given['person']}."
            raise CommandError(message)
        ended = revoke_tokens(person=person, reason=given["reason"], at=clock.now())
        self.stdout.write(f"{ended} tokens revoked.")
