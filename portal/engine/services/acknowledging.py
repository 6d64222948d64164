"""Somebody has it: everything queued about the subject stops in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import Conflict, NotVisible
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.subjects import Subject
from portal.engine.failpoints import reach
from portal.engine.models import Delivery, Notice
from portal.engine.policies import can_acknowledge, visible_notices
from portal.engine.registries import subject_handlers
from portal.engine.services.arming import cancel_deadlines
from portal.engine.services.notices import cancel_queued
from portal.engine.services.wording import delivery_of_token

if TYPE_CHECKING:
    from uuid import UUID

LINK_LIFETIME = timedelta(hours=24)


@dataclass(frozen=True)
class Acknowledged:
    """Who, when, by which door; `is_first` is false if it had happened before this call."""

    notice: Notice
    is_first: bool


@transaction.atomic
def acknowledge_notice(*, actor: Any, notice_id: UUID, via: str, at: datetime) -> Acknowledged:
    """Acknowledge the subject of this notice: all its open notices close, what is queued is cancelled.

    After the commit nothing of the subject is claimed for sending. A second call changes nothing and returns the
    first result. Raises `NotVisible`, `NotAllowed` for an onlooker, or `Conflict` `engine.notice_final` if the notice
    closed in another way.
    """
    notice = visible_notices(actor).filter(pk=notice_id).first()
    if notice is None:
        raise NotVisible
    require(can_acknowledge(actor, notice))
    return _acknowledge(actor, notice, via, at)


@transaction.atomic
def acknowledge_by_link(*, token: str, at: datetime) -> Acknowledged:
    """`acknowledge_notice` as the notice's recipient, by a signed link. Raises like `notice_of_token`."""
    notice = notice_of_token(token=token, at=at)
    person = notice.recipient
    if person is None or notice.is_private or not person.is_active:
        raise NotVisible
    return _acknowledge(person, notice, "link", at)


def notice_of_token(*, token: str, at: datetime) -> Notice:
    """The notice of an acknowledge link; unknown, altered and expired tokens are all `NotVisible`. Changes nothing."""
    delivery_id = delivery_of_token(token)
    rows = Delivery.objects.select_related("notice", "notice__recipient")
    delivery = rows.filter(pk=delivery_id).first() if delivery_id is not None else None
    if delivery is None or delivery.notice.created_at + LINK_LIFETIME < at:
        raise NotVisible
    return delivery.notice


@transaction.atomic
def mark_read(*, actor: Any, notice_id: UUID, at: datetime) -> None:
    """The recipient has seen it. Raises `NotVisible` for anybody else's notice."""
    notice = Notice.objects.filter(pk=notice_id, recipient=actor).first()
    if notice is None:
        raise NotVisible
    Notice.objects.filter(pk=notice_id, read_at__isnull=True).update(read_at=at)


def _acknowledge(actor: Any, notice: Notice, via: str, at: datetime) -> Acknowledged:
    """Lock order: subject, its open notices by id, deadlines, deliveries."""
    handler = subject_handlers.get(notice.subject_type)
    subject = handler.lock(notice.subject_id, nowait=False) if handler is not None else None
    about = Notice.objects.filter(subject_type=notice.subject_type, subject_id=notice.subject_id, state="open")
    scope = about if handler is not None else about.filter(pk=notice.pk)
    ids = list(scope.order_by("id").select_for_update().values_list("id", flat=True))
    notice.refresh_from_db()
    if notice.state == "acknowledged":
        return Acknowledged(notice, is_first=False)
    if notice.state != "open" or not notice.is_acknowledgeable:
        raise Conflict("engine.notice_final", f"Nothing is needed any more: this notice is {notice.state}.")
    if handler is not None and subject is not None:
        kinds = handler.acknowledge(subject, actor=actor, at=at)
        about_subject = Subject(notice.subject_type, notice.subject_id)
        cancel_deadlines(actor=actor, subject=about_subject, kinds=kinds, reason="acknowledged", at=at)
    Notice.objects.filter(pk__in=ids).update(
        state="acknowledged", acknowledged_at=at, acknowledged_by=actor, acknowledged_via=via
    )
    cancel_queued(notice_ids=ids, reason="acknowledged", at=at)
    record_audit(actor=actor, verb="engine.acknowledged", subject=notice, after={"via": via}, at=at)
    reach("ack.before_commit")
    transaction.on_commit(lambda: reach("ack.after_commit"))
    notice.refresh_from_db()
    return Acknowledged(notice, is_first=True)
