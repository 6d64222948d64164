"""Item c: claiming what is due out of a million deadlines, with notices and deliveries written."""

from __future__ import annotations

import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from django.db import connection

from bench.deadlines import arm_many, number
from bench.helpdesk import figures
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


# What a sweep writes, by one statement that asks no handler, no router and no key: each value is the same in all rows.
ROWS = """
WITH due AS (
    UPDATE engine_deadline SET state = 'fired', outcome = 'done', fired_at = portal_now(), fired_by = 'bench'
    WHERE id IN (
        SELECT id FROM engine_deadline WHERE state = 'armed' AND run_at <= portal_now()
        ORDER BY run_at, id FOR UPDATE SKIP LOCKED) RETURNING id, subject_type, subject_id),
told AS (
    INSERT INTO engine_notice (id, kind, dedup_key, subject_type, subject_id, deadline_id, endpoint_ref, severity,
        is_acknowledgeable, is_private, is_unrouted, context, created_at, state, acknowledged_via, settled_reason)
    SELECT gen_random_uuid(), 'bench.page', 'bench.page:limit:' || id, subject_type, subject_id, id, 'bench:1', 'page',
        false, false, false, '{}', portal_now(), 'open', '', '' FROM due RETURNING id)
INSERT INTO engine_delivery (id, notice_id, channel, destination_ref, address, repeat_no, run_at, state, hinted_at,
    attempts, ambiguous, lease_holder, provider_message_id, last_error)
SELECT gen_random_uuid(), id, 'bench', 'bench:1', '', 0, portal_now(), 'queued', portal_now(), 0, 0, '', '', ''
FROM told RETURNING id
"""


def measure() -> Iterator[Line]:
    """An empty sweep, 100 and 10,000 due, and two sweepers at once."""
    with tempfile.NamedTemporaryFile() as sink, room(sink.name):
        arm_many(MILLION, seconds=86_400, spread=YEAR / MILLION)
        vacuum()
        yield empty_sweep()
        yield due(100, rounds=20)
        yield due(10_000, rounds=3)
        yield due(10_000, rounds=3, limit=ROWS, goal=0.35, peer=figures()["escalated"], goal_peer=40)
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


def due(count: int, *, rounds: int, limit: str = LIMIT, goal: float | None = None, peer: float | None = None,
        goal_peer: float | None = None) -> Line:  # fmt: skip
    """Fire `count` due deadlines, against one statement; the best of the rounds. `peer` is in tickets a second."""
    ours, floor, cpu = [], [], []
    for _ in range(rounds):
        arm_many(count, seconds=-1)
        floor.append(wall_seconds(lambda: answer(limit)))
        arm_many(count, seconds=-1)
        begin = time.process_time()
        ours.append(wall_seconds(sweep))
        cpu.append(time.process_time() - begin)
    each, least = min(ours) / count, min(floor) / count
    name = "UPDATE ... RETURNING" if limit is LIMIT else "the same rows by one statement, escalate_tickets"
    return Line("c", f"{count:,} due of 1 M, {name}", 1 / each, "1/s", count, min(cpu) / count * 1e6,
                limit=1 / least, ratio_to_limit=least / each, goal_limit=goal, peer=peer,
                ratio_to_peer=peer and 1 / each / peer, goal_peer=goal_peer)  # fmt: skip


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


def answer(statement: str) -> None:
    """All that one statement returns."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        cursor.fetchall()
