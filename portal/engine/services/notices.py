"""Raising and settling notices; the deliveries of a notice are written in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import structlog
from django.db import transaction

from portal.core.errors import DomainError
from portal.core.ids import new_id
from portal.engine.domain.alarms import Planned, alarm_drafts
from portal.engine.domain.drafts import NoticeFacts
from portal.engine.models import Delivery, Notice
from portal.engine.registries import destinations, notice_kinds, router
from portal.engine.services.checking import CONTEXT_BYTES, checked_instant, json_text
from portal.engine.services.waking import wake_engine
from portal.engine.services.writing import NewDelivery, NewNotice, insert_deliveries, insert_notices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from portal.engine.domain.drafts import DeliveryDraft, NoticeDraft, Recipient
    from portal.engine.domain.subjects import Subject

logger = structlog.get_logger()
MUST_REACH = ("page", "warn")
KEY_LENGTH = 200
Plans = dict["UUID", "Sequence[DeliveryDraft]"]


@dataclass
class Raised:
    """Deliveries that are due now, with the queue of their hint."""

    due: list[tuple[UUID, str]] = field(default_factory=list)


@transaction.atomic
def raise_notice(*, actor: Any, draft: NoticeDraft, at: datetime) -> Notice | None:
    """Tell one recipient; a second call with the same `dedup_key` returns the first notice.

    Nobody to tell: the organization's fallback is told instead, marked `is_unrouted`, and the operators are alarmed;
    None only if there is no fallback either. Raises `DomainError` for an unknown kind or a context that does not fit.
    """
    del actor
    raise_notices(planned=[Planned(draft)], at=at)
    own = Notice.objects.filter(dedup_key=draft.dedup_key).first()
    of_subject = Notice.objects.filter(subject_type=draft.subject.type, subject_id=draft.subject.id)
    return own or of_subject.filter(dedup_key__startswith=f"{draft.dedup_key[:150]}:fallback:").first()


def raise_notices(*, planned: Sequence[Planned], at: datetime) -> Raised:
    """`raise_notice` for many in a few statements; idempotent by `dedup_key`. Inside a transaction."""
    if not planned:
        return Raised()
    contexts = [_checked_context(each.draft) for each in planned]
    drafted = list(zip(planned, contexts, strict=True))
    raised, lost = _write([each for each in drafted if _is_addressed(each[0])], at)
    lost += [each for each in planned if not _is_addressed(each)]
    if lost:
        _tell_fallback(lost, raised, at)
    if raised.due:
        wake_engine()
    return raised


def settle_notices(
    *, actor: Any, subject: Subject, reason: str, kinds: Sequence[str] | None = None, at: datetime
) -> int:
    """The subject needs nobody any more: open notices are settled, what is queued is cancelled. Idempotent."""
    del actor
    rows = Notice.objects.filter(state="open", subject_type=subject.type, subject_id=subject.id)
    if kinds is not None:
        rows = rows.filter(kind__in=kinds)
    with transaction.atomic():
        ids = list(rows.order_by("id").select_for_update().values_list("id", flat=True))
        Notice.objects.filter(pk__in=ids).update(state="settled", settled_at=at, settled_reason=reason[:120])
        cancel_queued(notice_ids=ids, reason=reason, at=at)
    return len(ids)


def hide_notices(*, actor: Any, subject: Subject, context: Mapping[str, Any], at: datetime) -> int:
    """The subject became private: what was told of it says no more than `context`, ids and a number. Idempotent."""
    del actor, at
    rows = Notice.objects.filter(subject_type=subject.type, subject_id=subject.id)
    return rows.update(is_private=True, context=dict(context))


def cancel_queued(*, notice_ids: Sequence[UUID], reason: str, at: datetime) -> int:
    """Nothing more is claimed for these notices; what is being sent now may still arrive."""
    rows = Delivery.objects.filter(notice_id__in=notice_ids, state="queued")
    return rows.update(state="cancelled", final_at=at, last_error=reason[:500])


@transaction.atomic
def cancel_deliveries_to(*, actor: Any, person_id: int, reason: str, at: datetime) -> int:
    """Somebody leaves: whatever is still queued to them is cancelled; returns how many."""
    del actor
    rows = Delivery.objects.filter(notice__recipient_id=person_id, state="queued")
    ids = list(rows.order_by("notice_id").select_for_update(of=("self",)).values_list("id", flat=True))
    return Delivery.objects.filter(pk__in=ids).update(state="cancelled", final_at=at, last_error=reason[:500])


def _write(drafted: Sequence[tuple[Planned, str]], at: datetime) -> tuple[Raised, list[Planned]]:
    """Insert what is new, and its deliveries; returns too whom nobody reaches."""
    rows = [
        NewNotice(_facts(each, at), context, each.deadline_id, each.draft.expires_at, each.is_unrouted)
        for each, context in drafted
    ]
    fresh = insert_notices(rows, at=at) if rows else []
    plans = _plans(fresh, at)
    deliveries = insert_deliveries([(facts, way) for facts in fresh for way in plans.get(facts.id, ())], at=at)
    _close_what_needs_no_sending(fresh, deliveries, at)
    due = [
        (delivery.id, "page" if delivery.notice.severity in MUST_REACH else "default")
        for delivery in deliveries
        if delivery.run_at <= at and not delivery.has_arrived
    ]
    unplanned = {facts.dedup_key for facts in fresh if not plans.get(facts.id) and facts.severity in MUST_REACH}
    return Raised(due), [each for each, _ in drafted if each.draft.dedup_key in unplanned] if unplanned else []


def _plans(facts: Sequence[NoticeFacts], at: datetime) -> Plans:
    plans: Plans = {}
    for each in facts:
        plan = destinations.get(each.endpoint_ref.partition(":")[0]) if each.endpoint_ref else None
        if plan is not None:
            plans[each.id] = plan(each)
    rest = [each for each in facts if each.id not in plans]
    way = router()
    return plans | dict(way.plan(rest, at=at)) if way is not None and rest else plans


def _close_what_needs_no_sending(fresh: Sequence[NoticeFacts], deliveries: Sequence[NewDelivery], at: datetime) -> None:
    """A notice that is only in the inbox, or goes nowhere, waits for nothing unless it can be acknowledged."""
    waiting = {delivery.notice.id for delivery in deliveries if not delivery.has_arrived}
    arrived = {delivery.notice.id for delivery in deliveries if delivery.has_arrived}
    told = [facts.id for facts in fresh if not facts.is_acknowledgeable and facts.id in arrived - waiting]
    untold = [facts.id for facts in fresh if facts.id not in waiting | arrived]
    for ids, state in ((told, "settled"), (untold, "exhausted")):
        if ids:
            Notice.objects.filter(pk__in=ids).update(state=state, settled_at=at)


def _tell_fallback(lost: Sequence[Planned], raised: Raised, at: datetime) -> None:
    way = router()
    recipients = list(way.fallback(at=at)) if way is not None else []
    for each in lost:
        logger.error("engine_alarm", alarm="unrouted", notice=each.draft.dedup_key, fallback=len(recipients))
    keys = [each.draft.dedup_key for each in lost]
    Notice.objects.filter(dedup_key__in=keys).update(is_unrouted=True)
    again = [_rerouted(each, to) for each in lost if not each.is_unrouted for to in recipients if to != each.draft.to]
    for each in again[:1]:
        again += alarm_drafts(
            "unrouted", each.draft.dedup_key, f"Nobody could be reached: {each.draft.kind}", recipients
        )
    more, _ = _write([(each, _checked_context(each.draft)) for each in again], at)
    raised.due += more.due


def _is_addressed(each: Planned) -> bool:
    return each.draft.to.person_id is not None or bool(each.draft.to.endpoint)


def _rerouted(each: Planned, to: Recipient) -> Planned:
    key = f"{each.draft.dedup_key[:150]}:fallback:{to.key}"
    return each._replace(draft=replace(each.draft, to=to, dedup_key=key), is_unrouted=True)


def _checked_context(draft: NoticeDraft) -> str:
    """The draft's context as JSON, or `DomainError` for what no notice may carry."""
    kind = notice_kinds.get(draft.kind)
    if kind is None:
        raise DomainError("engine.unknown_kind", f"No room sends notices of kind {draft.kind}.", "kind")
    unknown = set(draft.context) - kind.context_keys
    if unknown:
        raise DomainError("engine.unknown_context", f"{draft.kind} has no place for {sorted(unknown)}.", "context")
    if draft.is_private and any(not _is_reference(key) for key in draft.context):
        raise DomainError("engine.private_context", "A private notice carries ids and a number only.", "context")
    if not draft.dedup_key or len(draft.dedup_key) > KEY_LENGTH:
        raise DomainError("engine.bad_dedup_key", "The key has 1 to 200 characters.", "dedup_key")
    if draft.expires_at is not None:
        checked_instant(draft.expires_at, "expires_at")
    return json_text(draft.context, CONTEXT_BYTES, "context")


def _is_reference(key: str) -> bool:
    return key in ("number", "url") or key.endswith("_id")


def _facts(each: Planned, at: datetime) -> NoticeFacts:
    draft = each.draft
    kind = notice_kinds.get(draft.kind)
    return NoticeFacts(
        id=new_id(at), kind=draft.kind, severity=draft.severity, subject=draft.subject, recipient_id=draft.to.person_id,
        endpoint_ref=draft.to.endpoint, context=draft.context, is_acknowledgeable=bool(kind and kind.acknowledgeable),
        is_private=draft.is_private, created_at=at, dedup_key=draft.dedup_key,
    )  # fmt: skip
