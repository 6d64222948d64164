"""Hints for Celery: messages that may be lost, doubled or late without effect on the outcome."""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import structlog
from django.conf import settings
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from portal.celery import app
from portal.engine.failpoints import reach

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

logger = structlog.get_logger()
BROKER_FAULTS = (KombuError, RedisError, OSError)
CAPACITY = 10_000
BREAKER_SECONDS = 5.0
EXPIRES_SECONDS = 60
IDS_PER_MESSAGE = 8


@dataclass(frozen=True)
class Hint:
    """One Celery message: a task by name, its arguments and its queue."""

    task: str
    kwargs: dict[str, Any]
    queue: str


class Hinter:
    """One background thread publishes; a broker that hangs or is gone delays nobody, and opens a breaker for 5 s."""

    def __init__(self) -> None:
        self._queue: queue.Queue[Hint] = queue.Queue(CAPACITY)
        self._open_until = 0.0
        self._thread: threading.Thread | None = None
        self.dropped = 0
        self.errors = 0

    @property
    def is_broken(self) -> bool:
        """No broker is configured, or the last publish failed less than five seconds ago."""
        return not settings.ENV.redis_url or time.monotonic() < self._open_until

    def offer(self, hints: Iterable[Hint]) -> None:
        """Never blocks; what does not fit is dropped and counted."""
        if self.is_broken:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="hinter", daemon=True)
            self._thread.start()
        for hint in hints:
            try:
                self._queue.put_nowait(hint)
            except queue.Full:
                self.dropped += 1

    def _run(self) -> None:
        while True:
            connection = app.connection_for_write()
            try:
                producer = app.amqp.Producer(connection)
                while True:
                    self._publish(self._queue.get(), producer)
            except BROKER_FAULTS as error:
                self._open_until = time.monotonic() + BREAKER_SECONDS
                self.errors += 1
                logger.warning("hint_failed", error=str(error)[:200])
                self._forget()
                time.sleep(BREAKER_SECONDS)
            finally:
                _close(connection)

    def _publish(self, hint: Hint, producer: Any) -> None:
        app.send_task(
            hint.task, kwargs=hint.kwargs, queue=hint.queue, expires=EXPIRES_SECONDS, retry=False, producer=producer,
            ignore_result=True,
        )  # fmt: skip
        reach("hint.after_publish")

    def _forget(self) -> None:
        """The rows are still due: the sweep hints them again."""
        while not self._queue.empty():
            self._queue.get_nowait()
            self.dropped += 1


def _close(connection: Any) -> None:
    try:
        connection.release()
    except BROKER_FAULTS:
        logger.debug("hint_connection_was_gone")


@lru_cache(maxsize=1)
def hinter() -> Hinter:
    """The hinter of this process; made on first use, that is after a worker has forked."""
    return Hinter()


def delivery_hints(due: Iterable[tuple[UUID, str]]) -> list[Hint]:
    """Several deliveries of one queue share a message."""
    by_queue: dict[str, list[str]] = {}
    for delivery_id, name in due:
        by_queue.setdefault(name, []).append(str(delivery_id))
    return [
        Hint("engine.deliver", {"delivery_ids": ids[start : start + IDS_PER_MESSAGE]}, name)
        for name, ids in by_queue.items()
        for start in range(0, len(ids), IDS_PER_MESSAGE)
    ]
