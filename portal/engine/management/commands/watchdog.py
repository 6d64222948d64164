"""`manage.py watchdog`: ring 2. Looks at the engine from outside and has a way out of its own."""

from __future__ import annotations

import signal
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from portal.engine.services.watching import Watchdog


class Command(BaseCommand):
    help = "Alarm by its own mail or webhook when the engine or the database stands still. Stop with SIGTERM."

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        if settings.ENV.watch_database_url:
            _read_only(settings.ENV.watch_database_url)
        watchdog = Watchdog()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: watchdog.stop())
        if not watchdog.has_way_out:
            self.stderr.write("watchdog: no way out is set (HEADWATER_WATCHDOG_SMTP_URL or _WEBHOOK_URL)")
        watchdog.run()


def _read_only(url: str) -> None:
    """Look at the database as the role that can read the engine's state and nothing else."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    connection.settings_dict |= {
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": {"application_name": "headwater watchdog", "connect_timeout": "5", **options},
    }
