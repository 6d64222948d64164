"""Reading and checking the seals of history (spec security 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, transaction

from portal.core.domain.seals import FIRST, first_difference, sealed
from portal.core.models import AuditSeal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

# The columns are named one by one: a later release that adds one leaves the old seals as they are.
CONTENT = {
    "core_auditentry": (
        "id, at AT TIME ZONE 'UTC', actor_id, on_behalf_of_id, via, verb, object_type, object_id, object_label,"
        ' compartment, before, after, reason, request_id, token_id, address, "group", transaction_number, undoes_id'
    ),
    "core_rowchange": "id, at AT TIME ZONE 'UTC', table_name, row_key, operation, columns, transaction_number",
}
ROWS = """
SELECT id, sha256(convert_to(jsonb_build_array({content})::text, 'UTF8')) FROM {table}
WHERE id > %s AND id <= %s ORDER BY id
"""
BATCH = 5_000


@dataclass(frozen=True)
class Breach:
    """The first row of a table that is not what was sealed; `row_id` is 0 when the seal itself was changed."""

    table: str
    day: date
    row_id: int
    what: str

    @property
    def sentence(self) -> str:
        if not self.row_id:
            return f"{self.table}: the seal of {self.day} is {self.what}"
        return f"{self.table}: row {self.row_id}, sealed on {self.day}, is {self.what}"


@dataclass(frozen=True)
class Verified:
    """What the check of one table found."""

    table: str
    seals: int
    rows: int
    unsealed: int
    newest: AuditSeal | None
    breach: Breach | None


def rows_between(table: str, after: int, until: int) -> Iterator[tuple[int, bytes]]:
    """(id, SHA-256 of the content) of the rows with after < id <= until, in id order; flat in memory."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(ROWS.format(content=CONTENT[table], table=table), [after, until])
        while batch := cursor.fetchmany(BATCH):
            yield from ((row_id, bytes(digest)) for row_id, digest in batch)


def newest_seal(table: str = "core_auditentry") -> AuditSeal | None:
    """The seal that stands on all others."""
    return AuditSeal.objects.filter(table_name=table).defer("marks").order_by("-day").first()


def verify_seals(table: str, *, days: int | None = None) -> Verified:
    """Compare every sealed row, or those of the newest `days` seals, with its seal; stops at the first difference."""
    chain = AuditSeal.objects.filter(table_name=table)
    total = chain.count()
    skipped = 0 if days is None else max(0, total - days)
    before = chain.order_by("day")[skipped - 1] if skipped else None
    previous, last_id, rows = (before.sha256, before.last_id, 0) if before else (FIRST, 0, 0)
    newest, breach, seen = before, None, 0
    for seal in chain.order_by("day")[skipped:].iterator(chunk_size=10):
        breach = _breach(seal, previous, last_id)
        if breach is not None:
            break
        previous, last_id, newest = seal.sha256, seal.last_id, seal
        rows, seen = rows + seal.rows, seen + 1
    return Verified(table, seen, rows, _count_after(table, last_id), newest, breach)


def _breach(seal: AuditSeal, previous: str, last_id: int) -> Breach | None:
    if seal.previous_sha256 != previous:
        return Breach(seal.table_name, seal.day, 0, "not on top of the one before")
    found = sealed(previous, rows_between(seal.table_name, last_id, seal.last_id))
    different = first_difference(bytes(seal.marks), found.marks)
    if different is not None:
        return Breach(seal.table_name, seal.day, *different)
    if found.sha256 != seal.sha256:
        return Breach(seal.table_name, seal.day, 0, "not the digest of its rows")
    return None


def _count_after(table: str, last_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)} WHERE id > %s", [last_id])  # noqa: S608 (a quoted name of this module)
        row = cursor.fetchone()
    return int(row[0]) if row else 0
