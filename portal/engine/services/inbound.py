"""The one table for what comes in by signed doors; each room drains its own source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.engine.models import EngineInbound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

MAX_TRIES = 5


def receive_inbound(*, source: str, message_id: str, body: Mapping[str, Any], at: datetime) -> tuple[int, bool]:
    """Store a message once; returns its id and whether it is new. A replay has no effect."""
    row = EngineInbound(source=source, message_id=message_id[:200], body=dict(body), received_at=at)
    EngineInbound.objects.bulk_create([row], ignore_conflicts=True)
    stored = EngineInbound.objects.get(source=source, message_id=message_id[:200])
    return stored.pk, stored.received_at == at and stored.state == "new"


def receive_many(*, source: str, messages: Sequence[tuple[str, Mapping[str, Any]]], at: datetime) -> None:
    """Store (message id, body) pairs, each once, in one statement; a replay adds nothing."""
    rows = [
        EngineInbound(source=source, message_id=message_id[:200], body=dict(body), received_at=at)
        for message_id, body in messages
    ]
    EngineInbound.objects.bulk_create(rows, ignore_conflicts=True)


def is_flooded(*, source: str, limit: int) -> bool:
    """Whether more than `limit` messages of the source wait; looks at no more than that."""
    waiting = EngineInbound.objects.filter(source=source, state="new").order_by("id")
    return waiting.values_list("pk", flat=True)[limit : limit + 1].exists()


def claim_inbound(*, source: str, limit: int = 100) -> list[EngineInbound]:
    """The oldest new messages of a source, locked until the caller's transaction ends; busy ones are left out."""
    rows = EngineInbound.objects.select_for_update(skip_locked=True).filter(source=source, state="new")
    return list(rows.order_by("id")[:limit])


def settle_inbound(*, message: EngineInbound, error: str = "") -> None:
    """Mark one claimed message done, or count a failed try; after five it stays `failed`."""
    if not error:
        message.state = "done"
    else:
        message.tries += 1
        message.error = error[:500]
        message.state = "failed" if message.tries >= MAX_TRIES else "new"
    message.save(update_fields=["state", "tries", "error"])
