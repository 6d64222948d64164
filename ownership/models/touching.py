"""Triggers that put an asset on the list of those to be looked at again, whoever wrote and however many rows."""

from __future__ import annotations

import pgtrigger

TOUCH = """
INSERT INTO ownership_boundarycheck (asset_id, due_at)
SELECT DISTINCT row.{column}, portal_now() FROM {rows} AS row ORDER BY 1
ON CONFLICT (asset_id) DO UPDATE SET due_at = least(ownership_boundarycheck.due_at, excluded.due_at);
RETURN NULL;
"""
# The plan of a trigger is kept from its first call, however few rows that had: a join of old and new rows by id would
# compare each with each when a statement changes thousands. EXCEPT is linear whatever the plan expects.
CHANGED = "(SELECT {facts} FROM new_rows AS row EXCEPT SELECT {facts} FROM old_rows AS row)"
ASSET_FACTS = ("kind", "domain_id", "tier", "downstream_count", "documents_id", "retired_at", "unowned_until")


def touching(column: str = "asset_id", facts: str = "row.id, row.asset_id, to_jsonb(row)") -> list[pgtrigger.Trigger]:
    """New rows of the table, and those whose facts changed, touch the asset of `column`."""
    return [
        pgtrigger.Trigger(
            name="touch_insert",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            referencing=pgtrigger.Referencing(new="new_rows"),
            func=TOUCH.format(column=column, rows="new_rows"),
        ),
        pgtrigger.Trigger(
            name="touch_update",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Update,
            referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),
            func=TOUCH.format(column=column, rows=CHANGED.format(facts=facts)),
        ),
    ]


def touching_asset() -> list[pgtrigger.Trigger]:
    """An asset touches itself where kind, domain, tier, reach, document, life or promise to stay unowned changes."""
    return touching("id", ", ".join(f"row.{name}" for name in ("id", *ASSET_FACTS)))


REFUSE_INACTIVE = """
IF EXISTS (
    SELECT 1 FROM new_rows AS row JOIN accounts_person AS person ON person.id = row.person_id
    WHERE row.state = 'accepted' AND upper_inf(row.valid) AND person.state = 'inactive'
) THEN
    RAISE EXCEPTION 'nothing rests on an inactive person' USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""


def refusing_the_inactive() -> list[pgtrigger.Trigger]:
    """No accepted open row may name somebody whose account has ended (spec ownership 10)."""
    return [
        pgtrigger.Trigger(
            name=f"active_holder_{name}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=pgtrigger.Referencing(new="new_rows"),
            func=REFUSE_INACTIVE,
        )
        for name, operation in (("insert", pgtrigger.Insert), ("update", pgtrigger.Update))
    ]
