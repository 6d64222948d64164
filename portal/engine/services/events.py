"""Events from a room to the rooms above it: rows, never calls (spec decisions, "events between rooms")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.core.errors import DomainError
from portal.core.registries import topic_registry
from portal.engine.models import EngineEvent
from portal.engine.registries import handlers_of_topic
from portal.engine.services.checking import PAYLOAD_BYTES, checked_json
from portal.engine.services.waking import wake_engine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from portal.engine.domain.subjects import Subject


def publish_event(*, actor: Any, topic: str, subject: Subject, payload: Mapping[str, Any], at: datetime) -> int:
    """One row for each handler of the topic, in the caller's transaction; returns how many.

    Payloads hold ids and hashes, never texts. Call it under the subject's lock: events of a subject are handled in
    id order. Raises `DomainError` for a topic nobody registered or a payload over 8 KiB.
    """
    del actor
    if topic_registry.get(topic) is None:
        raise DomainError("engine.unknown_topic", f"No room registered the topic {topic}.", "topic")
    body = checked_json(payload, PAYLOAD_BYTES, "payload")
    rows = [
        EngineEvent(
            topic=topic, handler=handler, subject_type=subject.type, subject_id=subject.id, payload=body,
            created_at=at, run_at=at,
        )
        for handler in handlers_of_topic(topic)
    ]  # fmt: skip
    if rows:
        EngineEvent.objects.bulk_create(rows)
        wake_engine()
    return len(rows)
