"""Wakes the engine process for work that is due now; without a listener its one-second tick finds the row."""

from __future__ import annotations

from django.db import connection

CHANNEL = "headwater_engine"


def wake_engine() -> None:
    """NOTIFY when this transaction commits; many calls in one transaction are one notification."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
