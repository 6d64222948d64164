"""The engine's condition, as tickers and claims read it inside their own transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from datetime import datetime

READ = """
SELECT portal_now(), is_paused,
  coalesce(held_until BETWEEN portal_now() AND portal_now() + interval '2 min', false), epoch, last_tick_at,
       cluster_identifier = (SELECT system_identifier FROM pg_control_system())
FROM engine_control WHERE id = 1
"""


@dataclass(frozen=True)
class Gate:
    """Whether anything may fire now; `is_home` is false in a restored or moved database."""

    now: datetime
    is_paused: bool
    is_held: bool
    epoch: int
    last_tick_at: datetime | None
    is_home: bool


def read_gate() -> Gate | None:
    """One query; None before the control row is seeded."""
    with connection.cursor() as cursor:
        cursor.execute(READ)
        row = cursor.fetchone()
    return Gate(*row) if row else None


def may_claim() -> bool:
    """False while the engine is paused."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT NOT is_paused FROM engine_control WHERE id = 1")
        row = cursor.fetchone()
    return bool(row and row[0])


def database_now() -> datetime:
    """`portal_now()`: the clock that decides what is due."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT portal_now()")
        row = cursor.fetchone()
    now: datetime = row[0] if row else None  # type: ignore[assignment]  # a SELECT without FROM has one row
    return now
