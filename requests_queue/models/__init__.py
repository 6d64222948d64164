"""The room's tables."""

from __future__ import annotations

from requests_queue.models.answers import FaqAnswer, FaqDependency, FaqEntry, FaqPhrase, FaqPosting, FaqTerm
from requests_queue.models.attachments import Attachment, BreakGlass, RequestBoundaryFinding, RequestLink
from requests_queue.models.budget import BudgetEntry, BudgetPeriod, CapacityLine, OverrideProposal, Shortcut
from requests_queue.models.exemptions import DecisionLetter, ExemptKind, UrgencyToken
from requests_queue.models.intake import MessageRevision, RequestUpstream
from requests_queue.models.learning import FaqEvent, SuggestionModel
from requests_queue.models.plans import (
    ClusterMember,
    ModelOutcome,
    PlanCandidate,
    PlanChange,
    PlanItem,
    PlanNeed,
    PlanScenario,
    PlanVote,
    PlanVoter,
    QuarterPlan,
    RequestCluster,
)
from requests_queue.models.promises import (
    AttainmentDay,
    ClockEvent,
    PolicyMatch,
    SlaClock,
    SlaPolicy,
    SlaPolicyVersion,
    SlaStepFire,
)
from requests_queue.models.requests import (
    CompartmentMember,
    DataRequest,
    RequestAsset,
    RequestEvent,
    RequestMessage,
    Supporter,
    TeamDesk,
    Watcher,
)

__all__ = [
    "Attachment",
    "AttainmentDay",
    "BreakGlass",
    "BudgetEntry",
    "BudgetPeriod",
    "CapacityLine",
    "ClockEvent",
    "ClusterMember",
    "CompartmentMember",
    "DataRequest",
    "DecisionLetter",
    "ExemptKind",
    "FaqAnswer",
    "FaqDependency",
    "FaqEntry",
    "FaqEvent",
    "FaqPhrase",
    "FaqPosting",
    "FaqTerm",
    "MessageRevision",
    "ModelOutcome",
    "OverrideProposal",
    "PlanCandidate",
    "PlanChange",
    "PlanItem",
    "PlanNeed",
    "PlanScenario",
    "PlanVote",
    "PlanVoter",
    "PolicyMatch",
    "QuarterPlan",
    "RequestAsset",
    "RequestBoundaryFinding",
    "RequestCluster",
    "RequestEvent",
    "RequestLink",
    "RequestMessage",
    "RequestUpstream",
    "Shortcut",
    "SlaClock",
    "SlaPolicy",
    "SlaPolicyVersion",
    "SlaStepFire",
    "SuggestionModel",
    "Supporter",
    "TeamDesk",
    "UrgencyToken",
    "Watcher",
]
