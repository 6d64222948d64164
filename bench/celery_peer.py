"""The peer of item f: a Celery task over Valkey that hands the same nothing to the same channel."""

from __future__ import annotations

import os

from celery import Celery

from bench.sink import accept, opened

app = Celery("peer", broker=os.environ.get("BENCH_BROKER_URL", "memory://"))
app.conf.update(task_ignore_result=True, task_acks_late=True, worker_hijack_root_logger=False)


@app.task(name="bench.send")
def send(*, sink: str) -> None:
    """As durable as Celery over Redis gets: acknowledged after the send."""
    accept(opened(sink))
