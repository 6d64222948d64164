"""Tables of the ownership room."""

from __future__ import annotations

from ownership.models.assets import Asset, AssetAlias, AssetStatus, Column, ColumnEdge, Domain, Edge
from ownership.models.evidence import Evidence
from ownership.models.gaps import Gap
from ownership.models.owning import Claim, Ownership
from ownership.models.patterns import CrossingRule, DomainPattern, Pattern, PatternRow
from ownership.models.staging import StagedAsset, StagedClaim, StagedColumn, StagedEdge

__all__ = [
    "Asset",
    "AssetAlias",
    "AssetStatus",
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
    "StagedEdge",
]
