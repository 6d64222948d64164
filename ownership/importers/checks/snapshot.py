"""One side of a comparison: a file, or the register as it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from ownership.importers.dbt.reader import DbtImporter
from ownership.importers.facts import AssetFact, ClaimFact, ColumnFact, EdgeFact
from ownership.models import Asset, AssetAlias, Claim, Column, Edge
from portal.core.importing.issues import Issues
from portal.core.importing.streams import TextStream
from portal.core.limits import COMMAND_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable

SYSTEM = "dbt"


@dataclass
class Side:
    """Assets by key with owner texts, upstream keys and column types."""

    assets: dict[str, AssetFact] = field(default_factory=dict)
    owners: dict[str, list[str]] = field(default_factory=dict)
    upstream: dict[str, set[str]] = field(default_factory=dict)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def described(self) -> set[str]:
        """Keys of what the side itself describes."""
        return {key for key, fact in self.assets.items() if not fact.is_placeholder and not fact.is_reference}


def of_manifest(file: BinaryIO) -> Side:
    """The manifest of a project; raises `Unusable`."""
    file.seek(0)
    stream = TextStream(file, max_bytes=COMMAND_BYTES)
    return of_facts(DbtImporter().read(stream, options={}, issues=Issues()).facts)


def of_facts(facts: Iterable[Any]) -> Side:
    """The side that these facts describe."""
    side = Side()
    for fact in facts:
        if isinstance(fact, AssetFact):
            side.assets[fact.key] = fact
        elif isinstance(fact, ClaimFact):
            side.owners.setdefault(fact.asset_key, []).append(fact.raw)
        elif isinstance(fact, EdgeFact):
            side.upstream.setdefault(fact.dst_key, set()).add(fact.src_key)
        elif isinstance(fact, ColumnFact):
            side.columns.setdefault(fact.asset_key, {})[fact.name] = fact.type
    return side


def of_register(packages: set[str]) -> Side:
    """What the register knows of the dbt packages a manifest describes."""
    side = Side()
    aliases = AssetAlias.objects.filter(system=SYSTEM, asset__retired_at=None).select_related("asset")
    keys = {alias.asset_id: alias.key for alias in aliases if _package(alias.key) in packages}
    for asset in Asset.objects.filter(pk__in=keys):
        side.assets[keys[asset.pk]] = AssetFact(
            key=keys[asset.pk], kind=asset.kind, name=asset.name, system=SYSTEM, attrs=asset.attrs,
            file_path=asset.file_path, lifecycle=asset.lifecycle,
        )  # fmt: skip
    for asset_id, raw in Claim.objects.filter(asset__in=keys, closed_at=None).values_list("asset_id", "raw"):
        side.owners.setdefault(keys[asset_id], []).append(raw)
    edges = Edge.objects.filter(dst__in=keys, src__in=keys, closed_at=None).values_list("src_id", "dst_id")
    for src, dst in edges:
        side.upstream.setdefault(keys[dst], set()).add(keys[src])
    for asset_id, name, kind in Column.objects.filter(asset__in=keys).values_list("asset_id", "name", "type"):
        side.columns.setdefault(keys[asset_id], {})[name] = kind
    return side


def packages_of(side: Side) -> set[str]:
    """The dbt packages whose records the side describes."""
    return {_package(key) for key in side.described}


def _package(key: str) -> str:
    return [*key.rpartition("/")[2].split(".", 2), "", ""][1]
