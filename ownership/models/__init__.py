"""Tables of the ownership room."""

from __future__ import annotations

from ownership.models.announcing import Announcement, AnnouncementAsset, AnnouncementRecipient
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
from ownership.models.lineage import Closure, GraphPulse
from ownership.models.migrating import ChangePlan, ChangeStep, PipelineTrigger, PlanTrigger, Reference
from ownership.models.owning import Claim, Ownership
from ownership.models.patterns import CrossingRule, DomainPattern, Pattern, PatternRow
from ownership.models.staging import StagedAsset, StagedClaim, StagedColumn, StagedDetail, StagedEdge

__all__ = [
    "Announcement",
    "AnnouncementAsset",
    "AnnouncementRecipient",
    "Asset",
    "AssetAlias",
    "AssetStatus",
    "AssetWord",
    "ChangePlan",
    "ChangeStep",
    "Claim",
    "Closure",
    "Column",
    "ColumnEdge",
    "CrossingRule",
    "Domain",
    "DomainPattern",
    "Edge",
    "Evidence",
    "Gap",
    "GraphPulse",
    "Ownership",
    "Pattern",
    "PatternRow",
    "PipelineTrigger",
    "PlanTrigger",
    "Reference",
    "StagedAsset",
    "StagedClaim",
    "StagedColumn",
    "StagedDetail",
    "StagedEdge",
    "StatusEntry",
]
