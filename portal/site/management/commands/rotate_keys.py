"""`manage.py rotate_keys`: secrets at rest under the newest of HEADWATER_DATA_KEYS."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from portal.accounts.services.contact import mark_addresses_anew
from portal.core import clock
from portal.core.services.rotating import rotate_keys

UNREADABLE = 1


class Command(BaseCommand):
    """Exit 1 when a value is left that no key opens: keep the older keys and look for the missing one."""

    help = "Encrypt secrets at rest anew under the newest data key; safe to repeat."

    def handle(self, *_: Any, **__: Any) -> None:
        found = rotate_keys(at=clock.now())
        for one in found:
            lost = f", {one.lost} that no key opens" if one.lost else ""
            self.stdout.write(f"{one.column}: {one.changed} written anew{lost}")
        if any(one.lost for one in found):
            sys.exit(UNREADABLE)
        self.stdout.write(f"accounts_contactmethod.address_hash: {mark_addresses_anew()} marked anew")
        self.stdout.write("Every secret is under the newest key; older ones may go from HEADWATER_DATA_KEYS.")
