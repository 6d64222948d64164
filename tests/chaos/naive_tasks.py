"""The other comparison: Celery alone, each page a task with a countdown."""

from __future__ import annotations

import os
import random
import signal

from celery import Celery

from tests.chaos.naive import post

app = Celery("naive", broker=os.environ.get("REDIS_URL", "memory://"))
app.conf.task_default_queue = "naive"
app.conf.broker_connection_retry_on_startup = True
CHANCE = float(os.environ.get("CHAOS_CHANCE", "0"))


@app.task(ignore_result=True)
def page(name: str) -> None:
    if random.random() < CHANCE:  # noqa: S311 (no secret hangs on it)
        os.kill(os.getpid(), signal.SIGKILL)
    post(name)
