"""Signs of life, by the database's clock."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection

from portal.engine.services.constants import CONSTANTS, EPOCH

BEAT = """
INSERT INTO engine_heartbeat AS own (component, instance, beat_at, started_at, version, epoch, detail)
VALUES (%s, %s, portal_now(), portal_now(), '', %s, %s)
ON CONFLICT (component, instance) DO UPDATE SET beat_at = portal_now(), epoch = EXCLUDED.epoch, detail = EXCLUDED.detail
WHERE own.beat_at < portal_now() - interval '0.5 s' OR own.detail <> EXCLUDED.detail
"""


def beat(*, component: str, instance: str, detail: dict[str, Any] | None = None) -> None:
    """This process lives. Writes at most twice a second."""
    with connection.cursor() as cursor:
        cursor.execute(BEAT, [component, instance[:120], EPOCH, json.dumps(detail or {})])


def forget_silent() -> None:
    """Drop instances that have been silent for a day."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM engine_heartbeat WHERE beat_at < portal_now() - interval '1 day'")


def workers_alive() -> bool:
    """Whether a Celery worker gave a sign of life lately."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM engine_heartbeat WHERE component = 'worker'"
            " AND beat_at > portal_now() - make_interval(secs => %s))",
            [CONSTANTS.worker_fresh],
        )
        row = cursor.fetchone()
    return bool(row and row[0])
