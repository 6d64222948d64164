"""Registers of any shape: assets named by number with edges between them, as an import would leave them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ownership.domain.kinds import DATASET
from ownership.models import Asset, Edge
from portal.core.models import ImportSource

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


def make_source(
    name: str = "shop", importer: str = "dbt", *, at: datetime, cadence_hours: int | None = None
) -> ImportSource:
    return ImportSource.objects.create(
        importer=importer, name=f"{importer}:{name}", scope=name, cadence_hours=cadence_hours, created_at=at
    )


def make_graph(
    edges: Iterable[tuple[str, str]], *, at: datetime, source: ImportSource | None = None, alone: Iterable[str] = ()
) -> dict[str, Asset]:
    """Data sets by name, and an edge a pair, all seen at `at` by one source."""
    pairs = sorted(set(edges))
    names = sorted({name for pair in pairs for name in pair} | set(alone))
    assets = {
        asset.name: asset
        for asset in Asset.objects.bulk_create(
            Asset(kind=DATASET.code, slug=name, name=name, attrs={}, created_at=at, updated_at=at) for name in names
        )
    }
    seen_by = source or make_source(at=at)
    Edge.objects.bulk_create(
        Edge(src=assets[src], dst=assets[dst], kind=1, source=seen_by, first_seen=at, last_seen=at)
        for src, dst in pairs
    )
    return assets
