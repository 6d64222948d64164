"""Events of OpenLineage clients: kept at once, read by a job that begins when they are committed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.engine.services.enqueueing import enqueue_job
from portal.engine.services.inbound import receive_many

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

SOURCE = "openlineage"
READ_EVENTS = "ownership.read_events"


@transaction.atomic
def take_events(*, actor: Any, messages: Sequence[tuple[str, Mapping[str, Any]]], at: datetime) -> None:
    """Store (message id, event) pairs, each once, and have them read (spec import_formats 4.1).

    One job waits beside the one that runs: what is committed after the running one looked for the last time is not
    left to the slow periodic look.
    """
    if not messages:
        return
    receive_many(source=SOURCE, messages=messages, at=at)
    reading = enqueue_job(actor=actor, kind=READ_EVENTS, unique_key=READ_EVENTS, at=at)
    if reading.state == "running":
        enqueue_job(actor=actor, kind=READ_EVENTS, unique_key=f"{READ_EVENTS}:next", at=at)
