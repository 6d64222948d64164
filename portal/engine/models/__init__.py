"""Tables of the engine."""

from __future__ import annotations

from portal.engine.models.control import EngineControl, Heartbeat
from portal.engine.models.deadlines import Deadline
from portal.engine.models.jobs import EngineEvent, EngineInbound, Job
from portal.engine.models.notices import Attempt, Delivery, Notice

__all__ = [
    "Attempt",
    "Deadline",
    "Delivery",
    "EngineControl",
    "EngineEvent",
    "EngineInbound",
    "Heartbeat",
    "Job",
    "Notice",
]
