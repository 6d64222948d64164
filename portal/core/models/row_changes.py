"""What changed, whoever changed it: triggers that also see bulk updates and raw SQL (spec security 5).

A change and the audit entry that explains it carry the same transaction number, so a change without an explanation is
a row of `core_rowchange` whose transaction wrote no `core_auditentry`.
"""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models

from portal.core.models.append_only import append_only
from portal.core.models.expressions import PortalNow, TransactionNumber

RECORD = """
INSERT INTO core_rowchange (table_name, row_key, operation, columns)
SELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns
FROM {rows}, LATERAL (
    SELECT array_agg(key ORDER BY key) AS columns
    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)
    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key
) AS changed
WHERE changed.columns IS NOT NULL;
RETURN NULL;
"""
ROWS = {
    "INSERT": "new_rows AS new_row LEFT JOIN new_rows AS old_row ON false",
    "UPDATE": "old_rows AS old_row JOIN new_rows AS new_row USING (id)",
    "DELETE": "old_rows AS old_row LEFT JOIN old_rows AS new_row ON false",
}


class RowChange(models.Model):
    """One changed row of a watched table; append-only, written by triggers alone."""

    at = models.DateTimeField(db_default=PortalNow())
    table_name = models.CharField(max_length=63)
    row_key = models.CharField(max_length=64)
    operation = models.CharField(max_length=6)
    columns = ArrayField(models.CharField(max_length=63))
    transaction_number = models.BigIntegerField(db_default=TransactionNumber(), db_index=True)

    class Meta:
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.operation} {self.table_name} {self.row_key}"


def watched() -> list[pgtrigger.Trigger]:
    """The triggers of a table whose every change leaves a row in `core_rowchange`; the table's key is `id`."""
    return [
        _trigger("insert", pgtrigger.Insert, pgtrigger.Referencing(new="new_rows")),
        _trigger("update", pgtrigger.Update, pgtrigger.Referencing(old="old_rows", new="new_rows")),
        _trigger("delete", pgtrigger.Delete, pgtrigger.Referencing(old="old_rows")),
    ]


def _trigger(name: str, operation: pgtrigger.Operation, referencing: pgtrigger.Referencing) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=f"watched_{name}",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=referencing,
        func=RECORD.format(rows=ROWS[name.upper()]),
    )
