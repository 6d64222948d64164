"""Triggers that put an asset on the list of those to be looked at again, whoever wrote and however many rows."""

from __future__ import annotations

import pgtrigger

TOUCH = """
INSERT INTO ownership_boundarycheck (asset_id, due_at)
SELECT DISTINCT row.{column}, portal_now() FROM {rows} AS row {where} ORDER BY 1
ON CONFLICT (asset_id) DO UPDATE SET due_at = least(ownership_boundarycheck.due_at, excluded.due_at);
RETURN NULL;
"""


def touching(column: str = "asset_id") -> list[pgtrigger.Trigger]:
    """New and changed rows of the table touch the asset of `column`."""
    return [
        pgtrigger.Trigger(
            name="touch_insert",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            referencing=pgtrigger.Referencing(new="new_rows"),
            func=TOUCH.format(column=column, rows="new_rows", where=""),
        ),
        pgtrigger.Trigger(
            name="touch_update",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Update,
            referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),
            func=TOUCH.format(
                column=column,
                rows="new_rows",
                where="JOIN old_rows AS before USING (id) WHERE to_jsonb(before) IS DISTINCT FROM to_jsonb(row)",
            ),
        ),
    ]


def touching_asset() -> list[pgtrigger.Trigger]:
    """An asset touches itself where kind, domain, tier, reach, document, life or promise to stay unowned changes."""
    changed = " OR ".join(
        f"before.{name} IS DISTINCT FROM row.{name}"
        for name in ("kind", "domain_id", "tier", "downstream_count", "documents_id", "retired_at", "unowned_until")
    )
    insert, update = touching("id")
    joined = f"JOIN old_rows AS before USING (id) WHERE {changed}"
    update.func = TOUCH.format(column="id", rows="new_rows", where=joined)
    return [insert, update]


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
