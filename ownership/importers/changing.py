"""What a file says anew of assets that the register knows: one statement for many, one audit row for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership.importers.lost_columns import columns_lost
from ownership.importers.planning import run_statement
from ownership.models import Asset, StagedAsset
from portal.core.services.audit import Change, record_audits
from portal.engine.domain.subjects import subject_of
from portal.engine.services.events import publish_event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

AT_ONCE = 1000
TOPICS = {"schema_hash": "ownership.schema_changed", "definition_hash": "ownership.definition_changed"}
TEXTS = (
    "name", "relation", "repo", "file_path", "schema_hash", "definition_hash", "description", "grain", "pitfalls",
    "tier", "lifecycle",
)  # fmt: skip
_SET = ", ".join(
    f"{name} = CASE WHEN '{name}' = ANY (said.changed) THEN said.{name} ELSE known.{name} END" for name in TEXTS
)
CHANGE = f"""
UPDATE ownership_asset AS known SET {_SET}, attrs = known.attrs || said.attrs,
    domain_id = CASE WHEN 'domain' = ANY (said.changed) THEN coalesce((
        SELECT id FROM ownership_domain WHERE said.domain IN (name, slug) ORDER BY id LIMIT 1
    ), known.domain_id) ELSE known.domain_id END,
    retired_at = CASE WHEN 'lifecycle' = ANY (said.changed) THEN NULL ELSE known.retired_at END,
    version = known.version + 1, updated_at = %(at)s
FROM ownership_stagedasset AS said WHERE said.id = ANY (%(ids)s::bigint[]) AND known.id = said.asset_id
"""  # noqa: S608 (constants of this module)


def change_assets(ids: Sequence[int], actor: Any, at: datetime) -> int:
    """Write what these staged rows say differently, and tell of it; returns how many assets they speak of."""
    return sum(_change(ids[start : start + AT_ONCE], actor, at) for start in range(0, len(ids), AT_ONCE))


def _change(ids: Sequence[int], actor: Any, at: datetime) -> int:
    """Two names of one asset in a file are taken one after the other."""
    rows = list(StagedAsset.objects.filter(pk__in=ids).order_by("-pk"))
    lost = columns_lost(rows)
    first = {row.asset_id: row for row in rows if row.asset_id is not None}
    if not first:
        return 0
    locked = Asset.objects.select_for_update().filter(pk__in=first).order_by("pk")
    told = [_told(asset, first[asset.pk], lost.get(asset.pk, {})) for asset in locked]
    taken = sorted(row.pk for row in first.values())
    run_statement(CHANGE, ids=taken, at=at)
    record_audits(actor=actor, verb="ownership.asset_imported", changes=told, at=at)
    for change in told:
        _publish(change, actor, at)
    later = sorted(set(ids) - set(taken))
    return len(told) + (_change(later, actor, at) if later else 0)


def _told(asset: Asset, row: StagedAsset, lost: dict[str, str]) -> Change:
    texts = [name for name in TEXTS if name in row.changed]
    before = {name: getattr(asset, name) for name in texts}
    after: dict[str, Any] = {name: getattr(row, name) for name in texts}
    asset.name = after.get("name", asset.name)
    after["fields"] = list(row.changed)
    return Change(asset, before, after | ({"lost": lost} if lost else {}))


def _publish(change: Change, actor: Any, at: datetime) -> None:
    for name, topic in TOPICS.items():
        if change.before.get(name):
            payload = {"asset": change.subject.pk, "before": change.before[name], "after": change.after[name]}
            publish_event(actor=actor, topic=topic, subject=subject_of(change.subject), payload=payload, at=at)
