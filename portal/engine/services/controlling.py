"""Pausing, resuming and the rules under which the engine starts paused."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction

from portal.core.errors import DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.models import Deadline, Delivery, EngineControl
from portal.engine.policies import can_operate
from portal.engine.services.waking import wake_engine

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from portal.engine.queries.control import Gate

REASON_LENGTH = 10
SILENCE = timedelta(hours=24)
JUST_NOW = timedelta(seconds=60)
SEED = """
INSERT INTO engine_control (id, is_paused, pause_reason, cluster_identifier, epoch)
SELECT 1, false, '', system_identifier, 1 FROM pg_control_system() ON CONFLICT (id) DO NOTHING
"""


def seed_control() -> None:
    """The one control row, bound to this database cluster; safe to repeat."""
    with connection.cursor() as cursor:
        cursor.execute(SEED)


@transaction.atomic
def pause_engine(*, actor: Any, reason: str, at: datetime) -> EngineControl:
    """Nothing fires and nothing is claimed until resumed; filing, acknowledging and receipts go on. Admins only."""
    require(can_operate(actor))
    _check_reason(reason)
    control = EngineControl.objects.select_for_update().get()
    control.is_paused, control.paused_at, control.paused_by, control.pause_reason = True, at, actor, reason[:200]
    control.save(update_fields=["is_paused", "paused_at", "paused_by", "pause_reason"])
    record_audit(actor=actor, verb="engine.paused", subject=control, reason=reason, at=at)
    return control


@transaction.atomic
def resume_engine(*, actor: Any, reason: str, at: datetime) -> EngineControl:
    """Fire and send again, on this database cluster from now on. Admins only; the command line acts without actor."""
    if actor is not None:
        require(can_operate(actor))
    _check_reason(reason)
    control = EngineControl.objects.select_for_update().get()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE engine_control SET is_paused = false, paused_at = NULL, paused_by_id = NULL, pause_reason = '',"
            " last_tick_at = portal_now(), cluster_identifier = (SELECT system_identifier FROM pg_control_system())"
        )
    record_audit(actor=actor, verb="engine.resumed", subject=control, reason=reason, at=at)
    wake_engine()
    control.refresh_from_db()
    return control


@transaction.atomic
def requeue_delivery(*, actor: Any, delivery: Delivery, reason: str, at: datetime) -> Delivery:
    """A new delivery with the next repeat number, and so a new key; the old row is never revived. Admins only.

    Raises `DomainError` while the delivery is still on its way or its notice needs nobody any more.
    """
    require(can_operate(actor))
    _check_reason(reason)
    notice = type(delivery.notice).objects.select_for_update().get(pk=delivery.notice_id)
    if delivery.state in ("queued", "sending"):
        raise DomainError("engine.delivery_live", "This delivery is still on its way.")
    if notice.state not in ("open", "exhausted"):
        raise DomainError("engine.notice_final", f"The notice is {notice.state}: nothing needs to be sent.")
    siblings = notice.deliveries.filter(channel=delivery.channel, destination_ref=delivery.destination_ref)
    latest = siblings.order_by("-repeat_no").first() or delivery
    fresh = Delivery(
        notice=notice, channel=delivery.channel, destination_ref=delivery.destination_ref, address=delivery.address,
        repeat_no=latest.repeat_no + 1, run_at=at,
    )  # fmt: skip
    fresh.save(force_insert=True)
    if notice.state == "exhausted":
        notice.state, notice.settled_at = "open", None
        notice.save(update_fields=["state", "settled_at"])
    record_audit(actor=actor, verb="engine.requeued", subject=delivery, reason=reason, at=at)
    wake_engine()
    return fresh


def reason_to_start_paused(gate: Gate) -> str:
    """Why this database must not send anything yet, or "" (spec engine 12)."""
    if not gate.is_home:
        return "restored: this is another database cluster"
    silent = gate.last_tick_at is None or gate.now - gate.last_tick_at > JUST_NOW
    if settings.ENV.engine_start == "paused" and silent:
        return "HEADWATER_ENGINE_START is paused"
    if settings.ENV.is_production and gate.last_tick_at and gate.now - gate.last_tick_at > SILENCE:
        return "silent for more than 24 hours"
    return ""


def pause_by_engine(*, reason: str, at: datetime) -> None:
    """The engine stops itself; `manage.py engine_resume` or an admin releases it."""
    EngineControl.objects.filter(is_paused=False).update(is_paused=True, paused_at=at, pause_reason=reason[:200])


def hold_firing(*, until: datetime) -> None:
    """After a leap of the clock: nothing fires before `until`, so that an operator can look."""
    EngineControl.objects.update(held_until=until)


@transaction.atomic
def drop_overdue(*, ids: Collection[int] | None, reason: str, at: datetime) -> int:
    """Cancel overdue deadlines (all without `ids`) and the deliveries that are due; returns how many deadlines."""
    rows = Deadline.objects.filter(state="armed", due_at__lte=at).exclude(kind__startswith="engine.")
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    else:
        due: list[UUID] = list(Delivery.objects.filter(state="queued", run_at__lte=at).values_list("pk", flat=True))
        Delivery.objects.filter(pk__in=due).update(state="cancelled", final_at=at, last_error=reason)
    return rows.update(state="cancelled", cancelled_at=at, cancel_reason=reason[:120])


def _check_reason(reason: str) -> None:
    if len(reason.strip()) < REASON_LENGTH:
        raise DomainError("engine.reason_too_short", f"Say why in {REASON_LENGTH} characters or more.", "reason")
