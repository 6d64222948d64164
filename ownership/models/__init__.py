"""Tables of the ownership room."""

from __future__ import annotations

from ownership.models.assets import (
    Asset,
    AssetAlias,
    AssetStatus,
    AssetWord,
    Column,
    ColumnEdge,
    Domain,
    Edge,
    StatusEntry,
)
from ownership.models.evidence import Evidence
from ownership.models.gaps import Gap
from ownership.models.owning import Claim, Ownership
from ownership.models.patterns import CrossingRule, DomainPattern, Pattern, PatternRow
from ownership.models.staging import StagedAsset, StagedClaim, StagedColumn, StagedDetail, StagedEdge

__all__ = [
    "Asset",
    "AssetAlias",
    "AssetStatus",
    "AssetWord",
    "Claim",
    "Column",
    "ColumnEdge",
    "CrossingRule",
    "Domain",
    "DomainPattern",
    "Edge",
    "Evidence",
    "Gap",
    "Ownership",
    "Pattern",
    "PatternRow",
    "StagedAsset",
    "StagedClaim",
    "StagedColumn",
    "StagedDetail",
    "StagedEdge",
    "StatusEntry",
]
