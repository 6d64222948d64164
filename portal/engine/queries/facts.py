"""Notices as plain values, for routers and channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from portal.engine.domain.drafts import NoticeFacts, Severity
from portal.engine.domain.subjects import Subject

if TYPE_CHECKING:
    from portal.engine.models import Notice


def facts_of(notice: Notice) -> NoticeFacts:
    """What leaves the models: a frozen copy of the notice."""
    return NoticeFacts(
        id=notice.pk,
        kind=notice.kind,
        severity=cast("Severity", notice.severity),
        subject=Subject(notice.subject_type, notice.subject_id),
        recipient_id=notice.recipient_id,
        endpoint_ref=notice.endpoint_ref,
        context=notice.context,
        is_acknowledgeable=notice.is_acknowledgeable,
        is_private=notice.is_private,
        created_at=notice.created_at,
        dedup_key=notice.dedup_key,
    )
