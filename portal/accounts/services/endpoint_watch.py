"""Endpoints that fail: their team is told after a day, and after five they are switched off and it is told again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.accounts.domain.endpoint_health import Stage, stage_of
from portal.accounts.models import Endpoint
from portal.accounts.queries.endpoint_health import streaks
from portal.accounts.queries.teams import responsible_leads
from portal.core import clock
from portal.core.services.audit import record_audit
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import raise_notice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from portal.accounts.queries.endpoint_health import Streak

WATCH_JOB = "accounts.endpoint_watch"
FAILING, OFF = "accounts.endpoint_failing", "accounts.endpoint_off"


def run_endpoint_watch(args: Mapping[str, Any], progress: Any) -> dict[str, Any]:
    """Look at every live endpoint; repeatable, since each stage of a streak is told once."""
    del args, progress
    at = clock.now()
    stages = [judge_endpoint(streak=streak, at=at) for streak in streaks(at)]
    return {"failing": stages.count(Stage.TOLD), "off": stages.count(Stage.OFF)}


@transaction.atomic
def judge_endpoint(*, streak: Streak, at: datetime) -> Stage:
    """Note since when it fails, tell its team, switch it off. Locks the endpoint; one that is off stays as it is."""
    row = Endpoint.objects.select_for_update(of=("self",)).select_related("team").get(pk=streak.endpoint_id)
    if not row.is_active:
        return Stage.QUIET
    first, last = streak.first_failed_at, streak.last_failed_at
    if row.first_failed_at != first:
        row.first_failed_at = first
        row.save(update_fields=["first_failed_at"])
    if first is None or last is None:
        return Stage.QUIET
    stage = stage_of(first, last, is_gone=streak.is_gone)
    if stage == Stage.OFF:
        _switch_off(row, streak, at)
    if stage != Stage.QUIET:
        _tell(row, OFF if stage == Stage.OFF else FAILING, streak, at)
    return stage


def _switch_off(row: Endpoint, streak: Streak, at: datetime) -> None:
    row.is_active, row.disabled_at = False, at
    row.disabled_reason = "It says that it is gone (410)." if streak.is_gone else "No success for five days."
    row.version += 1
    row.save(update_fields=["is_active", "disabled_at", "disabled_reason", "version"])
    record_audit(
        actor=None, verb="accounts.endpoint_off", subject=row, after={"is_active": False}, reason=row.disabled_reason,
        at=at,
    )  # fmt: skip


def _tell(row: Endpoint, kind: str, streak: Streak, at: datetime) -> None:
    """Whoever leads the team, once a stage of a streak; nobody there: the organization's fallback."""
    reason = row.disabled_reason or streak.error or "No answer."
    context = {"name": row.slug, "reason": reason[:200], "url": f"/endpoints/{row.slug}"}
    people = [Recipient(person_id=lead.pk) for lead in responsible_leads(row.team, at.date())] or [Recipient()]
    for to in people:
        key = f"{kind}:{row.pk}:{streak.first_failed_at:%Y%m%d%H%M%S}:{to.person_id or 0}"
        raise_notice(actor=None, draft=NoticeDraft(kind, key, subject_of(row), to, "warn", context), at=at)
