"""What an import takes from an asset: columns that go, and columns of another type (spec additions)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import F

from ownership.models import Column, StagedAsset, StagedColumn

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_LOST = 200


def columns_lost(rows: Sequence[StagedAsset]) -> dict[int, dict[str, str]]:
    """By asset id: the former type of each column that these rows take away or retype; two queries, before they do.

    Only a source whose word on the columns of the asset counts takes any away. An unknown type is no change of type.
    """
    changed = {row.asset_id: row for row in rows if row.asset_id and row.is_home and "schema_hash" in row.changed}
    speaking = {pk: row for pk, row in changed.items() if "columns" in row.says}
    if not speaking:
        return {}
    new: dict[int, dict[str, str]] = defaultdict(dict)
    staged = StagedColumn.objects.filter(run__in={row.run_id for row in speaking.values()})
    by_key = {row.key: pk for pk, row in speaking.items()}
    for key, name, kind in staged.filter(asset_key__in=by_key).values_list("asset_key", "name", "type"):
        new[by_key[key]][name] = kind
    lost: dict[int, dict[str, str]] = defaultdict(dict)
    old = Column.objects.filter(asset__in=speaking).order_by("asset", F("n"))
    for pk, name, kind in old.values_list("asset_id", "name", "type"):
        is_retyped = bool(kind) and bool(new[pk].get(name)) and _plain(new[pk][name]) != _plain(kind)
        if (name not in new[pk] or is_retyped) and len(lost[pk]) < MOST_LOST:
            lost[pk][name] = kind
    return {pk: columns for pk, columns in lost.items() if columns}


def _plain(kind: str) -> str:
    return "".join(kind.casefold().split())
