"""What becomes of a notice when its deliveries end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from portal.engine.models import Delivery, Notice
from portal.engine.queries.facts import facts_of
from portal.engine.registries import subject_handlers
from portal.engine.services.alarms import raise_alarm
from portal.engine.services.guarding import guarded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

# A statement of its own after the marks: it locks notices only, and deliveries are locked after notices elsewhere.
CLOSE = """
UPDATE engine_notice n SET settled_at = portal_now(), state = CASE
    WHEN EXISTS (SELECT FROM engine_delivery d WHERE d.notice_id = n.id AND d.state IN ('sent', 'delivered'))
    THEN 'settled' ELSE 'exhausted' END
WHERE n.id = ANY(%s::uuid[]) AND n.state = 'open'
  AND NOT EXISTS (SELECT FROM engine_delivery d WHERE d.notice_id = n.id AND d.state IN ('queued', 'sending'))
  AND (NOT n.is_acknowledgeable
       OR NOT EXISTS (SELECT FROM engine_delivery d WHERE d.notice_id = n.id AND d.state IN ('sent', 'delivered')))
"""
WAYS_LEFT = ("queued", "sending", "sent", "delivered")


def close_notices(*, notice_ids: Sequence[UUID]) -> None:
    """Settle what is told and needs no answer; exhaust what no way could tell. Repeated by the auditor."""
    if notice_ids:
        with connection.cursor() as cursor:
            cursor.execute(CLOSE, [sorted({str(pk) for pk in notice_ids})])


def report_dead(*, deliveries: Sequence[Delivery], at: datetime) -> None:
    """Alarm for each death; if the recipient has no way left, the subject's room takes its next step at once."""
    for delivery in deliveries:
        text = f"{delivery.channel} to {delivery.destination_ref} failed for good: {delivery.notice.kind}"
        if delivery.notice.kind != "engine.alarm":
            raise_alarm(code="delivery_dead", ref=f"{delivery.channel}:{delivery.destination_ref}", text=text, at=at)
        others = Delivery.objects.filter(notice_id=delivery.notice_id, state__in=WAYS_LEFT).exclude(channel="inbox")
        if not others.exists():
            step_over(notice=delivery.notice, at=at)


def step_over(*, notice: Notice, at: datetime) -> None:
    """Tell the subject's room that this recipient cannot be reached."""
    handler = subject_handlers.get(notice.subject_type)
    if handler is not None:
        facts = facts_of(notice)
        guarded(lambda: handler.delivery_dead(notice.subject_id, facts, at=at), what="delivery dead")
