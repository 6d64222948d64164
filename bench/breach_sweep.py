"""Item c: claiming what is due out of a million deadlines, with notices and deliveries written."""

from __future__ import annotations

import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from django.db import connection

from bench.deadlines import arm_many, number
from bench.installation import vacuum
from bench.lines import Line
from bench.room import room
from bench.timing import wall_seconds
from portal.engine.services.firing import fire_batch
from portal.engine.services.ticking import tick

if TYPE_CHECKING:
    from collections.abc import Iterator

MILLION = 1_000_000
YEAR = 365 * 86_400
ROUNDS = 300
LIMIT = """
UPDATE engine_deadline SET state = 'fired', outcome = 'done', fired_at = portal_now() WHERE id IN (
    SELECT id FROM engine_deadline WHERE state = 'armed' AND run_at <= portal_now()
    ORDER BY run_at, id FOR UPDATE SKIP LOCKED) RETURNING id, subject_id, due_at
"""


def measure() -> Iterator[Line]:
    """An empty sweep, 100 and 10,000 due, and two sweepers at once."""
    with tempfile.NamedTemporaryFile() as sink, room(sink.name):
        arm_many(MILLION, seconds=86_400, spread=YEAR / MILLION)
        vacuum()
        yield empty_sweep()
        yield due(100, rounds=20)
        yield due(10_000, rounds=3, goal=0.35)
        yield two_sweepers(5_000)


def empty_sweep() -> Line:
    """A whole tick with nothing due, against the shortest round trip there is; medians, in turns."""
    ours, floor = [], []
    for _ in range(ROUNDS):
        ours.append(wall_seconds(lambda: tick(component="bench")))
        floor.append(wall_seconds(lambda: number("SELECT 1")))
    each, limit = statistics.median(ours) * 1e3, statistics.median(floor) * 1e3
    return Line("c", "empty sweep of 1 M deadlines, SELECT 1", each, "ms", ROUNDS, limit=limit,
                ratio_to_limit=limit / each, goal_limit=1 / 25)  # fmt: skip


def due(count: int, *, rounds: int, goal: float | None = None) -> Line:
    """Fire `count` due deadlines, against one statement that only changes their state; the best of the rounds."""
    ours, floor, cpu = [], [], []
    for _ in range(rounds):
        arm_many(count, seconds=-1)
        floor.append(wall_seconds(change_state))
        arm_many(count, seconds=-1)
        begin = time.process_time()
        ours.append(wall_seconds(sweep))
        cpu.append(time.process_time() - begin)
    each, limit = min(ours) / count, min(floor) / count
    return Line("c", f"{count:,} due of 1 M, UPDATE ... RETURNING", 1 / each, "1/s", count, min(cpu) / count * 1e6,
                limit=1 / limit, ratio_to_limit=limit / each, goal_limit=goal)  # fmt: skip


def two_sweepers(count: int) -> Line:
    """Two at once: how many notices are too many or too few."""
    arm_many(count, seconds=-1)
    before = number("SELECT count(*) FROM engine_notice")
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(sweep_and_close) for _ in range(2)]:
            done.result()
    wrong = number("SELECT count(*) FROM engine_notice") - before - count
    return Line("c", "two sweepers, notices beside one a deadline", abs(wrong), "notices", count, goal_at_most=0)


def sweep() -> None:
    """Until nothing is due."""
    while fire_batch(by="bench").taken:
        pass


def sweep_and_close() -> None:
    """In a thread, which has a connection of its own."""
    sweep()
    connection.close()


def change_state() -> None:
    """The least that any sweep has to do."""
    with connection.cursor() as cursor:
        cursor.execute(LIMIT)
        cursor.fetchall()
