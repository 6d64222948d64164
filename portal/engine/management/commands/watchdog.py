"""`manage.py watchdog`: ring 2. Looks at the engine from outside and has a way out of its own."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand

from portal.engine.services.watching import Watchdog


class Command(BaseCommand):
    help = "Alarm by its own mail or webhook when the engine or the database stands still. Stop with SIGTERM."

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        watchdog = Watchdog()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: watchdog.stop())
        if not watchdog.has_way_out:
            self.stderr.write("watchdog: no way out is set (HEADWATER_WATCHDOG_SMTP_URL or _WEBHOOK_URL)")
        watchdog.run()
