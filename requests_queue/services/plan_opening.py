"""Where a plan begins: the draft of a quarter, what is carried over, and opening it for input (spec budget 5)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max

from portal.core.domain.quarter import quarter_of
from portal.core.errors import Conflict, DomainError, Stale
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadline, cancel_deadlines
from requests_queue.domain.plan import REMIND_LEAD, REMIND_VOTERS, dates_of
from requests_queue.domain.upkeep import causing_half, maintenance_of
from requests_queue.models import PlanItem, QuarterPlan
from requests_queue.policies import can_rank, can_reopen
from requests_queue.queries.upkeep import upkeep_of

if TYPE_CHECKING:
    from datetime import date

    from portal.accounts.models import Team
    from portal.core.domain.quarter import Quarter

MOST_AHEAD = 8
STEP_KIND = "requests.plan_step"
OPEN, FIRST_REMINDER, LAST_REMINDER, INPUT_CLOSES, LEAD_REMINDER, LOCK_DUE, QUARTER_ENDS = range(1, 8)
UNFINISHED = ("planned", "started")
LEAST_REASON = 10


def quarter_for(team: Team, at: datetime) -> Quarter:
    """The quarter of the team's calendar day at the instant."""
    return quarter_of(at.astimezone(ZoneInfo(team.zone)).date())


def quarter_of_plan(plan: QuarterPlan) -> Quarter:
    """The quarter a plan is for."""
    return quarter_of(plan.quarter_start)


def ensure_plan(*, actor: Any, team: Team, quarter: Quarter, at: datetime) -> QuarterPlan:
    """The plan of the quarter; a draft with the default dates where there is none. Inside a transaction.

    A new draft carries upkeep and on-call, from its opening on also what the running plan has not finished.
    """
    dates = dates_of(quarter, team.zone)
    plan, is_new = QuarterPlan.objects.get_or_create(
        team=team, quarter_start=quarter.starts_on,
        defaults={
            "opens_at": dates.opens_at, "input_closes_at": dates.input_closes_at, "lock_due_at": dates.lock_due_at,
        },
    )  # fmt: skip
    if is_new:
        refresh_upkeep(plan=plan, at=at)
        if at >= dates.opens_at:
            carry_over(plan=plan)
        arm_steps(actor=actor, plan=plan, at=at)
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
    raise Conflict("plan.no_open_plan", f"Every plan of {team.name} for two years is locked.")


@transaction.atomic
def draft_plan(*, actor: Any, team: Team, quarter: Quarter, at: datetime) -> QuarterPlan:
    """The first step of a quarter by hand. Raises `NotAllowed`, or `DomainError` for a quarter that is over."""
    require(can_rank(actor, team, at))
    if quarter.ends_on <= at.astimezone(ZoneInfo(team.zone)).date():
        raise DomainError("plan.quarter_over", f"{quarter.name} is over; plan a later one.", "quarter")
    return ensure_plan(actor=actor, team=team, quarter=quarter, at=at)


@transaction.atomic
def open_plan(*, actor: Any, plan: QuarterPlan, at: datetime) -> QuarterPlan:
    """Ask partners for input. By the lead at any time, by the system 35 days before the quarter. Idempotent."""
    standing = locked_plan(plan)
    if actor is not None:
        require(can_rank(actor, standing.team, at))
    if standing.state != "draft":
        return standing
    refresh_upkeep(plan=standing, at=at)
    carry_over(plan=standing)
    standing.state = "open_for_input"
    touch(standing, "state")
    record_audit(actor=actor, verb="requests.plan_opened", subject=standing, after={"state": standing.state}, at=at)
    return standing


@transaction.atomic
def reopen_plan(*, actor: Any, plan: QuarterPlan, reason: str, at: datetime) -> QuarterPlan:
    """Take a lock back before the quarter starts: an admin, with a reason; the lines are no promises again.

    Raises `Conflict` (`plan.started`) once the quarter has begun.
    """
    require(can_reopen(actor, at))
    standing = locked_plan(plan)
    if standing.state != "locked":
        raise Conflict("plan.not_locked", "This plan is not locked.")
    if at.astimezone(ZoneInfo(standing.team.zone)).date() >= standing.quarter_start:
        raise Conflict("plan.started", "Its quarter has begun. Change single lines with a reason instead.")
    if len(reason.strip()) < LEAST_REASON:
        raise DomainError("requests.reason_too_short", "Say why in at least 10 characters.", "reason")
    before = standing.snapshot
    standing.state, standing.locked_at, standing.locked_by, standing.snapshot = "open_for_input", None, None, {}
    touch(standing, "state", "locked_at", "locked_by", "snapshot")
    standing.candidates.filter(status="taken").update(status="open", decision_reason="")
    record_audit(
        actor=actor, verb="requests.plan_reopened", subject=standing, reason=reason.strip()[:500],
        before={"snapshot": before}, at=at,
    )  # fmt: skip
    return standing


def refresh_upkeep(*, plan: QuarterPlan, at: datetime) -> None:
    """Upkeep and on-call as suggested now; what a person has edited stays. Under the plan's lock."""
    quarter = quarter_of_plan(plan)
    upkeep = upkeep_of(plan.team, quarter, at)
    past = (quarter.before().before(), quarter.before())
    plan.upkeep = {
        "before": [sum(share.minutes for share in maintenance_of(upkeep.pipelines, one)) for one in past],
        "pipelines": len(upkeep.shares), "causing_half": causing_half(upkeep.shares), "weeks": upkeep.weeks,
        "measured": sum(share.rate.is_measured for share in upkeep.shares), "pages": upkeep.pages,
    }  # fmt: skip
    plan.save(update_fields=["upkeep"])
    for kind, title, minutes in (
        ("maintenance", "Upkeep of pipelines", upkeep.maintenance), ("oncall", "On-call", upkeep.oncall),
    ):  # fmt: skip
        item, is_new = PlanItem.objects.get_or_create(
            plan=plan, kind=kind, defaults={"title": title, "minutes": minutes, "suggested_minutes": minutes}
        )
        if not is_new:
            item.suggested_minutes = minutes
            item.minutes = item.minutes if item.reason else minutes
            item.save(update_fields=["suggested_minutes", "minutes"])


@transaction.atomic
def refresh_open_plans(*, at: datetime) -> int:
    """The suggested upkeep of every plan that is still open; returns how many. For the nightly run."""
    plans = list(QuarterPlan.objects.filter(state__in=["draft", "open_for_input"]).order_by("pk"))
    for plan in plans:
        refresh_upkeep(plan=locked_plan(plan), at=at)
    return len(plans)


def carry_over(*, plan: QuarterPlan) -> None:
    """What the plan before has not finished stands on the list, with the minutes that remain. Idempotent."""
    before = quarter_of_plan(plan).before()
    running = PlanItem.objects.filter(
        plan__team=plan.team, plan__quarter_start=before.starts_on, plan__state="locked", rank__isnull=False,
        state__in=UNFINISHED, carried_to=None,
    )  # fmt: skip
    rank = next_rank(plan)
    for n, item in enumerate(running.order_by("rank")):
        made = PlanItem.objects.create(
            plan=plan, rank=rank + n, kind=item.kind, title=item.title, spread_minutes=item.spread_minutes,
            minutes=item.remaining_minutes or item.minutes, owner=item.owner, carried_from=item,
            adds_pipelines=item.adds_pipelines,
        )  # fmt: skip
        made.retires.set(item.retires.all())


def next_rank(plan: QuarterPlan) -> int:
    """The place after the last line."""
    last: int | None = PlanItem.objects.filter(plan=plan).aggregate(last=Max("rank"))["last"]
    return (last or 0) + 1


def locked_plan(plan: QuarterPlan) -> QuarterPlan:
    """The plan under a row lock. Lock order: plan, then budget period, then request."""
    return QuarterPlan.objects.select_for_update(of=("self",), no_key=True).select_related("team").get(pk=plan.pk)


def hold_plans(*, team: Team) -> None:
    """The unlocked plans of a team under lock, for acts that may nominate: before periods and requests."""
    rows = QuarterPlan.objects.select_for_update(no_key=True).filter(team=team, locked_at=None)
    list(rows.order_by("quarter_start").values_list("pk", flat=True))


def open_to_change(plan: QuarterPlan, version: int | None = None) -> QuarterPlan:
    """The plan under its lock while it may still be changed.

    Raises `Conflict` (`plan.locked`), or `Stale` (`plan.stale`) when `version` is not the newest.
    """
    standing = locked_plan(plan)
    if not standing.is_open:
        raise Conflict("plan.locked", "This plan is locked. Change single lines with a reason instead.")
    if version is not None and version != standing.version:
        message = f"Somebody changed the plan since: you saw version {version}, this is version {standing.version}."
        raise Stale("plan.stale", message, version=standing.version)
    return standing


def touch(plan: QuarterPlan, *fields: str) -> None:
    """Save these columns and count the version on; the plan is locked."""
    plan.version += 1
    plan.save(update_fields=[*fields, "version"])


def arm_steps(*, actor: Any, plan: QuarterPlan, at: datetime) -> None:
    """The dates of the plan as deadlines; those that have passed are not armed."""
    closes, start = plan.input_closes_at, quarter_of_plan(plan)
    begins = _at_nine(start.starts_on, plan.team.zone)
    steps = {
        OPEN: plan.opens_at,
        FIRST_REMINDER: closes - timedelta(days=REMIND_VOTERS[0]),
        LAST_REMINDER: closes - timedelta(days=REMIND_VOTERS[1]),
        INPUT_CLOSES: closes,
        LEAD_REMINDER: begins - timedelta(days=REMIND_LEAD),
        LOCK_DUE: plan.lock_due_at,
        QUARTER_ENDS: _at_nine(start.ends_on, plan.team.zone),
    }
    for step, due_at in steps.items():
        if due_at > at or step == OPEN:
            arm_deadline(actor=actor, kind=STEP_KIND, subject=subject_of(plan), step=step, due_at=due_at, at=at)


def disarm_steps(*, actor: Any, plan: QuarterPlan, at: datetime) -> None:
    """Nothing of input and lock is asked any more; the end of the quarter stays armed."""
    cancel_deadlines(actor=actor, subject=subject_of(plan), kinds=[STEP_KIND], reason="locked", at=at)
    due_at = _at_nine(quarter_of_plan(plan).ends_on, plan.team.zone)
    arm_deadline(actor=actor, kind=STEP_KIND, subject=subject_of(plan), step=QUARTER_ENDS, due_at=due_at, at=at)


def _at_nine(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(9), ZoneInfo(zone))
