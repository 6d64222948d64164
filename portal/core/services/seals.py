"""Sealing a day of history, after which a change of it is found."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction

from portal.core.domain.seals import FIRST, sealed
from portal.core.models import AuditSeal
from portal.core.queries.seals import CONTENT, rows_between

if TYPE_CHECKING:
    from datetime import date

LOCK = 0x4857534C  # "HWSL"
# A transaction that began before midnight has ended by then: requests end after 10 s, jobs' statements after 60 s.
QUIET = timedelta(hours=1)


@transaction.atomic
def seal_history(*, at: datetime) -> list[AuditSeal]:
    """Seal everything up to the last midnight (UTC) that is an hour past; [] when that day has its seals.

    One seal a table covers all rows since the seal before, whatever instant they name. Safe to repeat and to race.
    """
    day = (at - QUIET).astimezone(UTC).date() - timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    return [seal for table in CONTENT if (seal := _seal(table, day, at)) is not None]


def _seal(table: str, day: date, at: datetime) -> AuditSeal | None:
    newest = AuditSeal.objects.filter(table_name=table).defer("marks").order_by("-day").first()
    if newest is not None and newest.day >= day:
        return None
    previous, last_id = (newest.sha256, newest.last_id) if newest else (FIRST, 0)
    until = _last_before(table, datetime.combine(day + timedelta(days=1), time(), UTC))
    sealing = sealed(previous, rows_between(table, last_id, until))
    return AuditSeal.objects.create(
        table_name=table, day=day, rows=sealing.rows, last_id=sealing.last_id or last_id, sha256=sealing.sha256,
        previous_sha256=previous, marks=sealing.marks, sealed_at=at,
    )  # fmt: skip


def _last_before(table: str, midnight: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max(id) FROM {connection.ops.quote_name(table)} WHERE at < %s", [midnight])  # noqa: S608 (a quoted name of the queries)
        row = cursor.fetchone()
    return int(row[0] or 0) if row else 0
