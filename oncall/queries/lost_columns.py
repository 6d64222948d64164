"""Which columns imports took from assets, and who rests on them: contracts, column edges, answers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ownership.models import Asset, Column, ColumnEdge
from portal.core.models import AuditEntry
from portal.core.registries import contributions

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

MOST_NAMED = 5


@dataclass
class Resting:
    """Who rests on columns of one asset; `columns` are those that somebody names, in small letters."""

    columns: set[str] = field(default_factory=set)
    made: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    in_contract: bool = False


def lost_since(since: datetime, asset_ids: Mapping[int, datetime]) -> dict[int, dict[str, str]]:
    """By asset: the columns that imports took or retyped since an instant, with their former types; one read.

    Of each asset in `asset_ids` since its own, earlier instant.
    """
    rows = AuditEntry.objects.filter(
        verb="ownership.asset_imported", at__gte=min([since, *asset_ids.values()]), after__has_key="lost"
    ).order_by("pk")
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for key, at, lost in rows.values_list("object_id", "at", "after__lost"):
        if at >= asset_ids.get(int(key), since):
            found[int(key)] = lost | found[int(key)]
    return dict(found)


def columns_now(asset_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Names and types of the columns of assets; one read."""
    found: dict[int, dict[str, str]] = {pk: {} for pk in asset_ids}
    for asset_id, name, kind in Column.objects.filter(asset__in=asset_ids).values_list("asset_id", "name", "type"):
        found[asset_id][name] = kind
    return found


def resting_on(assets: Mapping[int, Asset], lost: Mapping[int, Collection[str]]) -> dict[int, Resting]:
    """Who rests on the lost columns of each asset; a read, and one of whoever else answers `columns.named`."""
    found = {pk: Resting(in_contract=_is_under_contract(assets[pk])) for pk in lost}
    low = {pk: {name.casefold() for name in names} for pk, names in lost.items()}
    for pk, resting in found.items():
        resting.columns |= low[pk] if resting.in_contract else set()
    edges = ColumnEdge.objects.filter(src__in=lost, dst__retired_at=None).order_by("dst__name", "dst_column")
    for pk, column, name, made in edges.values_list("src_id", "src_column", "dst__name", "dst_column").distinct():
        if column.casefold() in low[pk]:
            found[pk].columns.add(column.casefold())
            found[pk].made.append(f"{name}.{made}")
    for named in contributions("columns.named"):
        for pk, column, words in named(list(lost)):
            if column.casefold() in low[pk]:
                found[pk].columns.add(column.casefold())
                found[pk].answers.append(words)
    return found


def _is_under_contract(asset: Asset) -> bool:
    """It came from a data contract, or dbt holds it to one."""
    return bool(asset.attrs.get("odcs") or asset.attrs.get("dbt", {}).get("is_contract_enforced"))
