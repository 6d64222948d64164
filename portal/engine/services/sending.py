"""S: sending, outside any transaction, in threads that never touch the database."""

from __future__ import annotations

import queue
import threading
import time
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from portal.engine.domain.outcomes import Ambiguous, Permanent
from portal.engine.failpoints import reach
from portal.engine.registries import channels
from portal.engine.services.claiming import is_overtried
from portal.engine.services.constants import CONSTANTS
from portal.engine.services.guarding import guarded_call
from portal.engine.services.wording import message_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.engine.domain.messages import Message
    from portal.engine.domain.outcomes import Outcome
    from portal.engine.services.claiming import Claim

RECHECK_SECONDS = 1.0
STILL_OPEN = """
SELECT d.id FROM engine_delivery d JOIN engine_notice n ON n.id = d.notice_id
WHERE d.id = ANY(%s::uuid[]) AND n.state = 'open'
"""


@dataclass(frozen=True)
class Finished:
    """One send and what came of it."""

    claim: Claim
    outcome: Outcome
    duration_ms: int


class SenderPool:
    """A few threads; at most `per_host` of them wait for one provider, so that a silent one starves nobody."""

    def __init__(self, threads: int, per_host: int) -> None:
        self._threads = threads
        self._per_host = per_host
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="sender")
        self._finished: queue.SimpleQueue[tuple[str, Finished]] = queue.SimpleQueue()
        self._busy: Counter[str] = Counter()
        self._waiting: deque[tuple[str, Claim, Message]] = deque()
        self._in_flight: dict[int, tuple[str, Claim]] = {}

    @property
    def free(self) -> int:
        return max(0, self._threads - self.busy)

    @property
    def busy(self) -> int:
        return len(self._in_flight) + len(self._waiting)

    def avoided(self) -> tuple[set[str], set[str]]:
        """(channels, "channel destination" pairs) whose provider has all the threads it may have."""
        slow, refs = set[str](), set[str]()
        pairs = list(self._in_flight.values()) + [(host, claim) for host, claim, _ in self._waiting]
        for host, claim in pairs:
            if self._busy[host] >= self._per_host:
                if host == claim.first.channel:
                    slow.add(host)
                refs.add(f"{claim.first.channel} {claim.first.destination_ref}")
        return slow, refs

    def submit(self, claims: Sequence[Claim]) -> list[Finished]:
        """Start sends; what cannot even be rendered, or was lost too often, comes back finished."""
        refused = []
        for claim in claims:
            message, fault = guarded_call(lambda claim=claim: _message(claim), what="render")  # type: ignore[misc]
            if message is None:
                refused.append(Finished(claim, Permanent(fault), 0))
                continue
            channel = channels.get(claim.first.channel)
            host = channel.host(message.address) if channel else ""
            self._waiting.append((host, claim, message))
        self._start_waiting()
        return refused

    def finished(self, timeout: float) -> list[Finished]:
        """What ended since the last call; waits up to `timeout` seconds for the first."""
        done: list[Finished] = []
        try:
            while True:
                host, each = self._finished.get(timeout=0 if done else timeout)
                self._busy[host] -= 1
                self._in_flight.pop(id(each.claim), None)
                done.append(each)
        except queue.Empty:
            pass
        self._start_waiting()
        return done

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _start_waiting(self) -> None:
        for _ in range(len(self._waiting)):
            host, claim, message = self._waiting.popleft()
            if self._busy[host] >= self._per_host:
                self._waiting.append((host, claim, message))
                continue
            if time.monotonic() - claim.claimed_mono > RECHECK_SECONDS and not _is_open(claim):
                continue  # acknowledged meanwhile: the row is cancelled when its lease ends
            self._busy[host] += 1
            self._in_flight[id(claim)] = (host, claim)
            self._pool.submit(self._send, host, claim, message)

    def _send(self, host: str, claim: Claim, message: Message) -> None:
        started = time.monotonic()
        stop_at = min(started + CONSTANTS.total_timeout, claim.claimed_mono + CONSTANTS.lease - CONSTANTS.lease_margin)
        channel = channels.get(claim.first.channel)
        outcome, fault = guarded_call(
            lambda: channel.send(message, key=str(claim.key), stop_at=stop_at) if channel else None, what="send"
        )
        reach("send.after_provider")
        duration = int((time.monotonic() - started) * 1000)
        self._finished.put((host, Finished(claim, outcome or Ambiguous(fault), duration)))


def _message(claim: Claim) -> Message:
    if any(is_overtried(row) for row in claim.deliveries):
        message = "the answer was lost too often"
        raise RuntimeError(message)
    return message_of(claim)


def _is_open(claim: Claim) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(STILL_OPEN, [[str(row.pk) for row in claim.deliveries]])
        return len(cursor.fetchall()) == len(claim.deliveries)


class _Local(threading.local):
    """Each thread that delivers has a pool of its own; a Celery child has one thread."""

    pool: SenderPool | None = None


_local = _Local()


def own_pool() -> SenderPool:
    """The pool of this thread, made on first use, that is after a worker has forked."""
    if _local.pool is None:
        _local.pool = SenderPool(CONSTANTS.sender_threads, CONSTANTS.per_host)
    return _local.pool
