"""What the engine is compared with: a loop that marks, then notifies. Killed in between, it loses the page."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import sys
import time
from urllib.parse import urlsplit

import psycopg2

TAKE = """
UPDATE chaos_naive SET state = 'sent' WHERE id = (
    SELECT id FROM chaos_naive WHERE state = 'due' AND due_at <= now() ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""


def post(page: str) -> None:
    """One request to the fake provider."""
    address = urlsplit(os.environ["CHAOS_URL"])
    connection = http.client.HTTPConnection(address.netloc, timeout=5)
    connection.request("POST", "/naive", body=json.dumps({"dedup_key": page}))
    connection.getresponse().read()
    connection.close()


def main() -> None:
    chance = float(sys.argv[1])
    database = psycopg2.connect(os.environ["DATABASE_URL"])
    while True:
        with database, database.cursor() as cursor:
            cursor.execute(TAKE)
            row = cursor.fetchone()
        if row is None:
            time.sleep(0.05)
            continue
        if random.random() < chance:  # noqa: S311 (no secret hangs on it)
            os.kill(os.getpid(), signal.SIGKILL)
        post(f"loop:{row[0]}")


if __name__ == "__main__":
    main()
