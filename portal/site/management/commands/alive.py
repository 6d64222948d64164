"""`manage.py alive COMPONENT`: the health check of a process without a port."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand
from django.db import connection

from portal.core.pulse import silent_for

if TYPE_CHECKING:
    from argparse import ArgumentParser

MOST_SECONDS = {"engine": 15, "watchdog": 30, "worker": 90, "beat": 90}
# The watchdog may write no row, and beat has no database: they leave a file on their host.
BY_FILE = frozenset({"watchdog", "beat"})
AGE = """
SELECT extract(epoch FROM portal_now() - max(beat_at))::float8 FROM engine_heartbeat
WHERE component = %s AND (%s = '' OR instance LIKE '%%' || %s || '%%')
"""


class Command(BaseCommand):
    """Exit 0 while the component has shown life recently, 1 when it is silent: the platform restarts it then."""

    help = "Whether a component of this host is alive, by its heartbeat."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("component", choices=sorted(MOST_SECONDS))
        parser.add_argument("--host", default=socket.gethostname(), help="part of the instance's name; empty: any")

    def handle(self, *_: Any, **given: Any) -> None:
        component = given["component"]
        age = silent_for(component) if component in BY_FILE else _age(component, given["host"])
        self.stdout.write("no sign of life" if age is None else f"last sign of life {age:.0f} s ago")
        if age is None or age > MOST_SECONDS[component]:
            sys.exit(1)


def _age(component: str, host: str) -> float | None:
    with connection.cursor() as cursor:
        cursor.execute(AGE, [component, host, host])
        row = cursor.fetchone()
    return row[0] if row else None
