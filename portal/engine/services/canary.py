"""The canary: every minute a real deadline, notice and delivery to our own web; its lag is the service level."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.domain.signatures import verify
from portal.engine.channels.canary import canary_secret
from portal.engine.channels.webhook import webhook_address
from portal.engine.domain.drafts import (
    DeadlineDraft,
    DeliveryDraft,
    DueDeadline,
    FireResult,
    NoticeDraft,
    NoticeFacts,
    Recipient,
)
from portal.engine.domain.subjects import Subject
from portal.engine.models import Deadline
from portal.engine.registries import channels
from portal.engine.services.arming import arm_deadlines
from portal.engine.services.constants import CONSTANTS
from portal.engine.services.heartbeats import beat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KIND = "engine.canary"
ENDPOINT = "canary:web"
SUBJECT = Subject(KIND, 1)


class CanaryHandler:
    """Late canaries collapse into one."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> Mapping[int, FireResult]:
        return {deadline.id: _fired(deadline, at) for deadline in deadlines}


def plan_canary(notice: NoticeFacts) -> Sequence[DeliveryDraft]:
    """One delivery to the web's own address, signed like any webhook."""
    channel = channels.get("canary")
    url = getattr(channel, "own_url", "")
    del notice
    return [DeliveryDraft("canary", ENDPOINT, webhook_address(url, [canary_secret()]))]


@transaction.atomic
def ensure_canary(*, at: datetime) -> None:
    """Arm the next canary if none is armed."""
    if not Deadline.objects.filter(kind=KIND, state="armed").exists():
        arm_deadlines(drafts=[_next(at)], at=at)


def record_canary(*, headers: Mapping[str, str], body: bytes, at: datetime) -> bool:
    """The canary has arrived: note its age and lag. False for a forged or old one."""
    given = [headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature")]
    if not verify([canary_secret()], given[0], given[1], given[2], body, at.timestamp()):
        return False
    facts: dict[str, Any] = json.loads(body)
    due_at = datetime.fromisoformat(facts["text"])
    beat(component="canary", instance="web", detail={"lag_seconds": round((at - due_at).total_seconds(), 3)})
    return True


def _fired(deadline: DueDeadline, at: datetime) -> FireResult:
    draft = NoticeDraft(
        kind=KIND,
        dedup_key=f"{KIND}:{deadline.id}",
        subject=SUBJECT,
        to=Recipient(endpoint=ENDPOINT),
        severity="info",
        context={"due_at": deadline.due_at.isoformat()},
        expires_at=at + timedelta(seconds=3 * CONSTANTS.canary),
    )
    return FireResult("done", notices=(draft,), deadlines=(_next(at),))


def _next(at: datetime) -> DeadlineDraft:
    return DeadlineDraft(KIND, SUBJECT, at + timedelta(seconds=CONSTANTS.canary))
