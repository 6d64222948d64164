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
from ownership.models.boundaries import BoundaryCheck, Crossing, CrossingStep, Talk
from ownership.models.evidence import Evidence
from ownership.models.gaps import Gap
from ownership.models.handoffs import Handoff, HandoffCheck, HandoffItem
from ownership.models.lineage import Closure, GraphPulse
from ownership.models.migrating import ChangePlan, ChangeStep, PipelineTrigger, PlanTrigger, Reference
from ownership.models.owning import Claim, Ownership
from ownership.models.patterns import CrossingRule, DomainPattern, Pattern, PatternRow
from ownership.models.reviews import ReviewCampaign, ReviewItem
from ownership.models.risks import Risk
from ownership.models.staging import StagedAsset, StagedClaim, StagedColumn, StagedDetail, StagedEdge, StagedOwned

__all__ = [
    "Announcement",
    "AnnouncementAsset",
    "AnnouncementRecipient",
    "Asset",
    "AssetAlias",
    "AssetStatus",
    "AssetWord",
    "BoundaryCheck",
    "ChangePlan",
    "ChangeStep",
    "Claim",
    "Closure",
    "Column",
    "ColumnEdge",
    "Crossing",
    "CrossingRule",
    "CrossingStep",
    "Domain",
    "DomainPattern",
    "Edge",
    "Evidence",
    "Gap",
    "GraphPulse",
    "Handoff",
    "HandoffCheck",
    "HandoffItem",
    "Ownership",
    "Pattern",
    "PatternRow",
    "PipelineTrigger",
    "PlanTrigger",
    "Reference",
    "ReviewCampaign",
    "ReviewItem",
    "Risk",
    "StagedAsset",
    "StagedClaim",
    "StagedColumn",
    "StagedDetail",
    "StagedEdge",
    "StagedOwned",
    "StatusEntry",
    "Talk",
]
