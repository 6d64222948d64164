"""Whether data is late now, as the room of on-call tells it (spec resolutions 3.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oncall.queries.incidents import open_incidents

if TYPE_CHECKING:
    from collections.abc import Sequence


def late_assets(asset_ids: Sequence[int], viewer: Any) -> list[str]:
    """What the open incidents on these assets, as this person may see them, are about; in order, each once."""
    found = open_incidents(asset_ids, viewer)
    return list(dict.fromkeys(one.root_asset.name if one.root_asset else str(one) for one in found))
