"""`manage.py engine`: the process that keeps the engine's promise without Redis and without Celery."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand

from portal.core.context import Context, use
from portal.core.patience import OF_A_JOB, limit_sessions
from portal.core.startup import ensure_startable, settle_memory
from portal.engine.services.running import Engine


class Command(BaseCommand):
    help = "Tick, send what is overdue, audit. Run one to five of them; stop with SIGTERM."

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        limit_sessions(OF_A_JOB)
        ensure_startable()
        settle_memory()
        engine = Engine()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: engine.stop())
        with use(Context(via="engine")):
            engine.run()
