"""Reading a closure back: assets and owners in blocks, never all at once."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ownership.models import Asset, Closure
from ownership.queries.owners import current_owners

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from ownership.domain.parties import Owners

BLOCK = 1000


@dataclass(frozen=True)
class Reached:
    """An asset of the closure with its distance and its holders."""

    asset: Asset
    distance: int
    owners: Owners


def closures_of(viewer: Any) -> QuerySet[Closure]:
    """What the person asked for, newest first, without the packed ids."""
    mine = Closure.objects.filter(asked_by=viewer) if viewer.is_authenticated else Closure.objects.none()
    return mine.select_related("asset").defer("ids", "distances").order_by("-asked_at", "-pk")


def reached(closure: Closure) -> Iterator[Reached]:
    """Live assets of a ready closure, nearest first; two queries a thousand."""
    ids = np.frombuffer(zlib.decompress(bytes(closure.ids)), "<i8")
    distances = np.frombuffer(zlib.decompress(bytes(closure.distances)), "<i4")
    for start in range(0, len(ids), BLOCK):
        block = ids[start : start + BLOCK].tolist()
        assets = Asset.objects.filter(retired_at=None).select_related("domain").in_bulk(block)
        owners = current_owners(block)
        for offset, asset_id in enumerate(block):
            if asset_id in assets:
                yield Reached(assets[asset_id], int(distances[start + offset]), owners[asset_id])
