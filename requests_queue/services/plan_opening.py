"""Where a plan begins: the draft of a quarter (spec budget 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from portal.core.domain.quarter import quarter_of
from portal.core.errors import Conflict
from portal.core.services.audit import record_audit
from requests_queue.domain.plan import dates_of
from requests_queue.models import QuarterPlan

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Team
    from portal.core.domain.quarter import Quarter

MOST_AHEAD = 8


def quarter_for(team: Team, at: datetime) -> Quarter:
    """The quarter of the team's calendar day at the instant."""
    return quarter_of(at.astimezone(ZoneInfo(team.zone)).date())


def ensure_plan(*, actor: Any, team: Team, quarter: Quarter, at: datetime) -> QuarterPlan:
    """The plan of the quarter; a draft with the default dates where there is none. Inside a transaction."""
    dates = dates_of(quarter, team.zone)
    plan, is_new = QuarterPlan.objects.get_or_create(
        team=team, quarter_start=quarter.starts_on,
        defaults={
            "opens_at": dates.opens_at, "input_closes_at": dates.input_closes_at, "lock_due_at": dates.lock_due_at,
        },
    )  # fmt: skip
    if is_new:
        record_audit(actor=actor, verb="requests.plan_drafted", subject=plan, after={"quarter": quarter.label}, at=at)
    return plan


def next_open_plan(*, actor: Any, team: Team, at: datetime) -> QuarterPlan:
    """The first later quarter whose plan is not locked yet, under a row lock; drafted when there is none."""
    quarter = quarter_for(team, at)
    for _ in range(MOST_AHEAD):
        quarter = quarter.following()
        plan = locked_plan(ensure_plan(actor=actor, team=team, quarter=quarter, at=at))
        if plan.is_open:
            return plan
    raise Conflict("requests.no_open_plan", f"Every plan of {team.name} for two years is locked.")


def locked_plan(plan: QuarterPlan) -> QuarterPlan:
    """The plan under a row lock. Lock order: plan, then budget period, then request."""
    return QuarterPlan.objects.select_for_update(of=("self",), no_key=True).select_related("team").get(pk=plan.pk)


def hold_plans(*, team: Team) -> None:
    """The unlocked plans of a team under lock, for acts that may nominate: before periods and requests."""
    rows = QuarterPlan.objects.select_for_update(no_key=True).filter(team=team, locked_at=None)
    list(rows.order_by("quarter_start").values_list("pk", flat=True))
