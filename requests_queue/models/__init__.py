"""The room's tables."""

from __future__ import annotations

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
    "CompartmentMember",
    "DataRequest",
    "PolicyMatch",
    "RequestAsset",
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
