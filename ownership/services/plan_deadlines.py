"""What the engine says about plans: an end that comes near, a hold that is over, a reference that is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ownership.domain.plans import LIVE
from ownership.domain.references import OPEN
from ownership.models import ChangePlan, Reference
from ownership.services.planning import HOLD_OVER
from portal.accounts.queries.teams import responsible_leads
from portal.engine.domain.drafts import FireResult, NoticeDraft, Recipient, dedup_key
from portal.engine.domain.subjects import subject_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.engine.domain.drafts import DueDeadline

PLAN_NOTICE = "ownership.plan_due"
REFERENCE_NOTICE = "ownership.reference_due"
LIVE_STATES = frozenset(state.value for state in LIVE)


def fire_plans(*, deadlines: Sequence[DueDeadline], at: datetime) -> dict[int, FireResult]:
    """Tell the owner of the plan. Set-based, in the engine."""
    del at
    rows = ChangePlan.objects.select_for_update(of=("self",), skip_locked=True).select_related("asset")
    plans = rows.in_bulk([deadline.subject.id for deadline in deadlines])
    left = _open_counts(list(plans))
    return {
        deadline.id: _of_plan(plans[deadline.subject.id], deadline, left.get(deadline.subject.id, 0))
        for deadline in deadlines
        if deadline.subject.id in plans
    }


def fire_references(*, deadlines: Sequence[DueDeadline], at: datetime) -> dict[int, FireResult]:
    """Tell whoever must move it; nobody: the owner of the plan."""
    free = Reference.objects.select_for_update(of=("self",), skip_locked=True)
    rows = free.select_related("plan__asset", "referrer", "team").in_bulk(
        [deadline.subject.id for deadline in deadlines]
    )
    return {
        deadline.id: _of_reference(rows[deadline.subject.id], deadline, at)
        for deadline in deadlines
        if deadline.subject.id in rows
    }


def _open_counts(plan_ids: list[int]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for plan_id in Reference.objects.filter(plan__in=plan_ids, state=OPEN).values_list("plan_id", flat=True):
        counts[plan_id] = counts.get(plan_id, 0) + 1
    return counts


def _of_plan(plan: ChangePlan, deadline: DueDeadline, left: int) -> FireResult:
    if plan.state not in LIVE_STATES:
        return FireResult("nothing", "the plan has ended")
    if deadline.step == HOLD_OVER:
        words = "The hold is over: the old rows may be dropped."
    else:
        words = f"It ends on {plan.ends_on:%d %B}, and {left} references are still open."
    to, subject = Recipient(person_id=plan.owner_id), subject_of(plan)
    context = {"asset": plan.asset.name, "number": plan.code, "words": words, "url": f"/backfills/{plan.code}"}
    key = dedup_key(PLAN_NOTICE, subject, deadline.step, to)
    return FireResult("done", notices=(NoticeDraft(PLAN_NOTICE, key, subject, to, "info", context),))


def _of_reference(row: Reference, deadline: DueDeadline, at: datetime) -> FireResult:
    if row.state != OPEN or row.plan.state not in LIVE_STATES:
        return FireResult("nothing", "it has moved")
    people = [row.person_id] if row.person_id is not None else []
    if row.team is not None:
        people = [lead.pk for lead in responsible_leads(row.team, at.date())]
    subject = subject_of(row)
    context = {
        "asset": row.plan.asset.name, "number": row.plan.code, "reference": str(row),
        "due": f"{row.due_on:%d %B}" if row.due_on else "soon", "url": f"/backfills/{row.plan.code}",
    }  # fmt: skip
    notices = tuple(
        NoticeDraft(
            REFERENCE_NOTICE, dedup_key(REFERENCE_NOTICE, subject, deadline.step, to), subject, to, "info", context
        )
        for to in (Recipient(person_id=pk) for pk in people or [row.plan.owner_id])
    )
    return FireResult("done", notices=notices)
