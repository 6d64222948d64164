"""Which assets an open incident is about: the contribution `asset.incident` to the room of assets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oncall.models import Alert
from oncall.queries.incidents import open_incidents

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime


def incidents_of_assets(asset_ids: Collection[int], viewer: Any, at: datetime) -> dict[int, str]:
    """By asset the number of its oldest open incident that the viewer may see; two queries."""
    del at
    rows = {row.pk: row for row in reversed(open_incidents(asset_ids, viewer))} if asset_ids else {}
    touched = Alert.objects.filter(incident__in=rows, asset__in=asset_ids).values_list("incident", "asset")
    pairs = [(pk, row.root_asset_id) for pk, row in rows.items()] + list(touched if rows else ())
    newest_first = sorted(pairs, key=lambda pair: (rows[pair[0]].opened_at, pair[0]), reverse=True)
    return {asset_id: rows[pk].number for pk, asset_id in newest_first if asset_id is not None}
