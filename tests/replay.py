"""What many tests begin with, made once through the services and written again as it stood.

The first call in a process runs the services, reads the rows they left and takes them back; each call then writes those
rows, with their ids, in one round trip. A test may change what it gets: objects and rows are its own.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.apps import apps
from django.db import connection, transaction

if TYPE_CHECKING:
    from collections.abc import Callable

Made = TypeVar("Made")
Rows = dict[str, list[dict[str, Any]]]
# Triggers write these, again at each replay.
TRIGGERED = frozenset({"core_rowchange", "ownership_boundarycheck", "ownership_graphpulse"})
WRITTEN = "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
ROWS = "SELECT coalesce(jsonb_agg(to_jsonb(each)), '[]')::text FROM {} AS each"
INSERT = "INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, %s)"
COLUMNS = """
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""


class Replay(Generic[Made]):
    """Call it as the function it was made from. That function adds rows and leaves alone what stood before."""

    # Of the database: since one, what rows refer to, such as the default calendar, is another row.
    flushes: ClassVar[int] = 0

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make
        self._made: Made | None = None
        self._sql = ""
        self._flushes = 0

    def __call__(self) -> Made:
        if self._made is None or self._flushes != Replay.flushes:
            self._made, self._flushes = self._record(), Replay.flushes
        with connection.cursor() as cursor:
            cursor.execute(self._sql)
        return deepcopy(self._made)

    def _record(self) -> Made:
        with transaction.atomic():
            before = _written()
            made = self._make()
            tables = [name for name, rows in _written().items() if rows != before.get(name, 0)]
            after = _rows(tables)
            transaction.set_rollback(True)
        stood = _rows(tables)
        for table in tables:
            lost = [row for row in stood[table] if row not in after[table]]
            assert not lost, f"{self._make.__name__} changes rows of {table} that stood before: it cannot be replayed"
            after[table] = [row for row in after[table] if row not in stood[table]]
        self._sql = ";\n".join(_insert(table, rows) for table, rows in after.items() if rows)
        return made


def _written() -> dict[str, int]:
    """The tables of models, those that others point to first, with how often this transaction wrote to each."""
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        written = dict(cursor.fetchall())
    names = (model._meta.db_table for model in apps.get_models(include_auto_created=True))
    return {name: written.get(name, 0) for name in names if name not in TRIGGERED}


def _rows(tables: list[str]) -> Rows:
    found: Rows = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(ROWS.format(_quoted(table)))
            found[table] = json.loads(cursor.fetchone()[0])
    return found


def _insert(table: str, rows: list[dict[str, Any]]) -> str:
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [table])
        statement = INSERT.format(table=_quoted(table), columns=cursor.fetchone()[0])
        written: bytes = cursor.cursor.mogrify(statement, [json.dumps(rows)])
    return written.decode()


def _quoted(table: str) -> str:
    return connection.ops.quote_name(table)
