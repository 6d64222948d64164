"""The limit of item f: an outbox of one table, drained a hundred rows at a time, with nothing remembered but done."""

from __future__ import annotations

import os
import time

import psycopg2

from bench.installation import OWNER
from bench.sink import accept, opened

MAKE = """
CREATE TABLE bench_outbox (id bigint PRIMARY KEY, state text NOT NULL);
CREATE INDEX bench_outbox_due ON bench_outbox (id) WHERE state = 'queued';
INSERT INTO bench_outbox SELECT n, 'queued' FROM generate_series(1, %s) AS n
"""
CLAIM = """
UPDATE bench_outbox SET state = 'sending' WHERE id IN (
    SELECT id FROM bench_outbox WHERE state = 'queued' ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED) RETURNING id
"""
DONE = "UPDATE bench_outbox SET state = 'sent' WHERE id = ANY(%s)"


def drain(count: int, sink: str) -> float:
    """Seconds to claim, send and mark `count` rows, each batch in two transactions."""
    connection = psycopg2.connect(os.environ[OWNER])
    with connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_outbox")
        cursor.execute(MAKE, [count])
    begin = time.perf_counter()
    while _batch(connection, opened(sink)):
        pass
    seconds = time.perf_counter() - begin
    connection.close()
    return seconds


def _batch(connection: psycopg2.extensions.connection, handle: int) -> int:
    with connection, connection.cursor() as cursor:
        cursor.execute(CLAIM)
        ids = [row[0] for row in cursor.fetchall()]
    for _ in ids:
        accept(handle)
    with connection, connection.cursor() as cursor:
        cursor.execute(DONE, [ids])
    return len(ids)
