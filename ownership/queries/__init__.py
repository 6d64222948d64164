"""Reads of the ownership room that pages, API and the rooms above share."""

from __future__ import annotations

from ownership.queries.assets import asset_by_key, assets_by_slug, listed_assets, search_assets
from ownership.queries.lineage import lineage_view
from ownership.queries.owners import accountable_assets, current_owners, history_of, owners_at
from ownership.queries.parties import owning_team, resolve_contact

__all__ = [
    "accountable_assets",
    "asset_by_key",
    "assets_by_slug",
    "current_owners",
    "history_of",
    "lineage_view",
    "listed_assets",
    "owners_at",
    "owning_team",
    "resolve_contact",
    "search_assets",
]
