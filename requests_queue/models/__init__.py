"""The room's tables."""

from __future__ import annotations

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
    "ClockEvent",
    "ClusterMember",
    "CompartmentMember",
    "DataRequest",
    "ModelOutcome",
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
    "RequestCluster",
    "RequestEvent",
    "RequestMessage",
    "SlaClock",
    "SlaPolicy",
    "SlaPolicyVersion",
    "SlaStepFire",
    "Supporter",
    "TeamDesk",
    "Watcher",
]
