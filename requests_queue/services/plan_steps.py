"""The dates of a plan as they come: opening, reminders, the close of input, the end of the quarter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from portal.accounts.queries.teams import responsible_leads
from portal.engine.domain.drafts import FireResult
from requests_queue.models import QuarterPlan
from requests_queue.services.candidates import gather_deferred
from requests_queue.services.plan_finding import gather_found
from requests_queue.services.plan_life import close_plan
from requests_queue.services.plan_opening import (
    FIRST_REMINDER,
    INPUT_CLOSES,
    LAST_REMINDER,
    LEAD_REMINDER,
    LOCK_DUE,
    OPEN,
    QUARTER_ENDS,
    open_plan,
    quarter_of_plan,
)
from requests_queue.services.plan_telling import plan_drafts, plan_url
from requests_queue.services.plan_votes import missing_voters

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.engine.domain.drafts import DueDeadline, NoticeDraft

TO_LEADS = {
    OPEN: "The plan is open for input.",
    INPUT_CLOSES: "Input has closed: order the lines and lock the plan.",
    LEAD_REMINDER: "The quarter begins in a week and the plan is not locked.",
    LOCK_DUE: "The plan was to be locked by now.",
}
TO_VOTERS = {
    OPEN: "The plan is open: your team has ten points to give.",
    FIRST_REMINDER: "Ten days left to give your team's points.",
    LAST_REMINDER: "Three days left to give your team's points.",
}


def fire_plan_steps(*, deadlines: Sequence[DueDeadline], at: datetime) -> dict[int, FireResult]:
    """Answer every due date by deadline id; a plan that somebody holds is left out and tried again."""
    ids = [deadline.subject.id for deadline in deadlines]
    rows = QuarterPlan.objects.select_for_update(skip_locked=True, of=("self",), no_key=True).select_related("team")
    free = {plan.pk: plan for plan in rows.filter(pk__in=ids)}
    return {
        deadline.id: _fired(free[deadline.subject.id], deadline.step, at)
        for deadline in deadlines
        if deadline.subject.id in free
    }


@transaction.atomic
def _fired(plan: QuarterPlan, step: int, at: datetime) -> FireResult:
    if step == QUARTER_ENDS:
        return FireResult("done" if close_plan(plan=plan, at=at) else "nothing")
    if not plan.is_open:
        return FireResult("skipped", "locked")
    if plan.state == "draft":  # also when the engine slept through the day of opening
        plan = open_plan(actor=None, plan=plan, at=at)
        gather_deferred(actor=None, team=plan.team, at=at)
        gather_found(actor=None, team=plan.team, at=at)
    return FireResult("done", notices=_notices(plan, step, at))


def _notices(plan: QuarterPlan, step: int, at: datetime) -> tuple[NoticeDraft, ...]:
    url = plan_url(plan, quarter_of_plan(plan).label)
    found: tuple[NoticeDraft, ...] = ()
    if step in TO_VOTERS:
        people = missing_voters(plan, at)
        found += plan_drafts(plan=plan, people=people, line=TO_VOTERS[step], key=f"s{step}:vote", url=url)
    if step in TO_LEADS:
        leads = [lead.pk for lead in responsible_leads(plan.team, at.date())]
        found += plan_drafts(plan=plan, people=leads, line=TO_LEADS[step], key=f"s{step}:lead", url=url)
    return found
