"""`manage.py migrate`, safe beside a running installation: no lock is waited for longer than two seconds.

A statement that queues for a lock makes everybody queue behind it; so it gives up early and tries again.
"""

from __future__ import annotations

import random
from time import sleep
from typing import Any

from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections

from portal.core.management.lean_state import LeanExecutor

migrate.MigrationExecutor = LeanExecutor  # type: ignore[attr-defined] # its command has no other place to name it
LOCK_TIMEOUT = "2s"
STATEMENT_TIMEOUT = "60s"
TRIES = 10
PAUSE_SECONDS = 3.0
LOCK_NOT_AVAILABLE = "55P03"


class Command(migrate.Command):
    """Django's command with time-outs; what was applied stays, so the next try goes on where this one stopped."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options.get("database") or DEFAULT_DB_ALIAS]
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'; SET statement_timeout = '{STATEMENT_TIMEOUT}'")
        try:
            self._patiently(*args, **options)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout; RESET statement_timeout")

    def _patiently(self, *args: Any, **options: Any) -> None:
        for left in range(TRIES - 1, -1, -1):
            try:
                super().handle(*args, **options)
            except OperationalError as error:
                if getattr(error.__cause__, "pgcode", "") != LOCK_NOT_AVAILABLE or not left:
                    raise
                self.stderr.write(f"A lock was not free within {LOCK_TIMEOUT}; {left} tries left.")
                sleep(PAUSE_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 (spreads tries, keeps no secret)
            else:
                return
