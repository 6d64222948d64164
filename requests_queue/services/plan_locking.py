"""The promise of a quarter: locking a plan answers every wish and opens the books (spec budget 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from requests_queue.domain.plan import TWICE, Work, lock_ruling, not_bumpable_at_risk, placed, uses_of
from requests_queue.domain.states import State
from requests_queue.models import CapacityLine, PlanCandidate, PlanItem, PlanVote
from requests_queue.policies import can_rank
from requests_queue.queries.capacity import capacity_lines
from requests_queue.queries.plan_facts import facts_of
from requests_queue.services.candidates import enter
from requests_queue.services.clocks import restart_clock
from requests_queue.services.ledger import lock_books, open_books
from requests_queue.services.moving import Move, locked, move
from requests_queue.services.plan_opening import (
    disarm_steps,
    ensure_plan,
    hold_plans,
    locked_plan,
    open_to_change,
    quarter_of_plan,
    touch,
)
from requests_queue.services.plan_ranking import set_aside
from requests_queue.services.plan_telling import plan_url, tell

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from requests_queue.domain.plan import LockRuling, Uses
    from requests_queue.models import QuarterPlan

BELOW = "Below the line: not this quarter."


@dataclass(frozen=True)
class LockChoices:
    """What the lead decides with the lock: lines below go aside, lines at risk give way, reasons of a plain no."""

    set_below_aside: bool = False
    mark_at_risk: bool = False
    refusals: Mapping[int, str] | None = None


@transaction.atomic
def lock_plan(
    *, actor: Any, plan: QuarterPlan, choices: LockChoices | None = None, version: int | None = None, at: datetime
) -> QuarterPlan:
    """Freeze capacity, open the books of the quarter, turn lines into promises, answer every wish and tell it.

    Locks the team's open plans, then its books. Raises `NotAllowed`, `Stale`, `Conflict` (`plan.locked`), or
    `DomainError`: `plan.over_capacity` with the minutes over, `plan.not_bumpable` with the lines between the cuts.
    """
    chosen = choices or LockChoices()
    require(can_rank(actor, plan.team, at))
    hold_plans(team=plan.team)
    standing = open_to_change(plan, version)
    lock_books(team=plan.team, at=at)
    if chosen.set_below_aside:
        _aside(actor, standing, at)
    if chosen.mark_at_risk:
        _mark(standing, at)
    uses, ruling = judge_lock(standing, at)
    _freeze(actor, standing, at)
    standing.state, standing.locked_at, standing.locked_by = "locked", at, actor
    standing.snapshot = _snapshot(standing, uses)
    touch(standing, "state", "locked_at", "locked_by", "snapshot")
    told = _answer(actor, standing, chosen.refusals or {}, at)
    disarm_steps(actor=actor, plan=standing, at=at)
    record_audit(
        actor=actor, verb="requests.plan_locked", subject=standing, at=at,
        after={"version": standing.version, "lines": len(standing.snapshot["lines"]), "at_risk": ruling.at_risk},
    )  # fmt: skip
    url = plan_url(standing, quarter_of_plan(standing).label)
    for person, lines in sorted(told.items()):
        key = f"locked:v{standing.version}"
        tell(plan=standing, people=[person], line=" ".join(lines), key=key, url=url, at=at)
    return standing


def judge_lock(plan: QuarterPlan, at: datetime) -> tuple[Uses, LockRuling]:
    """The lines of the quarter and whether they can be promised; raises `DomainError` when they cannot."""
    uses, works = _measured(plan, at)
    ruling = lock_ruling(works, uses)
    if not ruling.is_allowed:
        message = f"The plan is {ruling.over:,} min over what can be promised. Set lines aside or make them smaller."
        raise DomainError("plan.over_capacity", message, "items", over=ruling.over)
    stiff = not_bumpable_at_risk(placed(works, uses))
    if stiff:
        titles = ", ".join(plan.items.filter(pk__in=stiff).order_by("rank").values_list("title", flat=True))
        message = f"Between the cuts a line must be able to give way. Mark or move: {titles}."
        raise DomainError("plan.not_bumpable", message, "items", lines=stiff)
    return uses, ruling


def _measured(plan: QuarterPlan, at: datetime) -> tuple[Uses, list[Work]]:
    facts = facts_of(plan, at)
    capacity = sum(line.capacity.minutes for line in capacity_lines(plan.team, facts.quarter)) + facts.extra
    return uses_of(capacity, facts.maintenance, facts.oncall, facts.terms), [line.work for line in facts.lines]


def _aside(actor: Any, plan: QuarterPlan, at: datetime) -> None:
    uses, works = _measured(plan, at)
    below = [row.work.key for row in placed(works, uses) if row.side == "below"]
    lines = list(plan.items.filter(pk__in=below, candidate__isnull=False))
    if lines:
        set_aside(actor=actor, items=lines, plan=plan, at=at)
        plan.refresh_from_db(fields=["version"])


def _mark(plan: QuarterPlan, at: datetime) -> None:
    uses, works = _measured(plan, at)
    plan.items.filter(pk__in=not_bumpable_at_risk(placed(works, uses))).update(is_bumpable=True)


def _freeze(actor: Any, plan: QuarterPlan, at: datetime) -> None:
    """The books of the quarter with the capacity of this moment; later changes are entries of the ledger."""
    quarter = quarter_of_plan(plan)
    period = open_books(team=plan.team, quarter=quarter, at=at)
    lines = capacity_lines(plan.team, quarter)
    period.floor_bp, period.cap_bp = plan.floor_bp, plan.cap_bp
    period.opening_capacity_minutes = sum(line.capacity.minutes for line in lines)
    period.locked_at, period.locked_by = at, actor
    period.save(update_fields=["floor_bp", "cap_bp", "opening_capacity_minutes", "locked_at", "locked_by"])
    period.lines.all().delete()
    CapacityLine.objects.bulk_create([
        CapacityLine(
            period=period, person=line.person, fte_percent=line.capacity.fte_percent, minutes=line.capacity.minutes,
            working_days=line.capacity.working_days, leave_days=line.capacity.leave_days,
        )
        for line in lines
    ])  # fmt: skip


def _snapshot(plan: QuarterPlan, uses: Uses) -> dict[str, Any]:
    """Numbers and ids alone: titles are read from the rows, so that one that becomes private is nowhere else."""
    works = [
        Work(item.pk, item.minutes, item.is_bumpable) for item in plan.items.filter(rank__isnull=False).order_by("rank")
    ]
    return {
        "capacity": uses.capacity, "maintenance": uses.maintenance, "oncall": uses.oncall, "floor": uses.floor,
        "cap": uses.cap,
        "lines": [
            {"item": row.work.key, "rank": n, "minutes": row.work.minutes, "side": row.side}
            for n, row in enumerate(placed(works, uses), start=1)
        ],
    }  # fmt: skip


def _answer(actor: Any, plan: QuarterPlan, refusals: Mapping[int, str], at: datetime) -> dict[int, list[str]]:
    """Taken, not taken, or moved on; returns what each sponsor, requester and voter is told, in order."""
    told: dict[int, list[str]] = {}
    name = quarter_of_plan(plan).name
    ranks = dict(PlanItem.objects.filter(plan=plan, candidate__isnull=False).values_list("candidate_id", "rank"))
    for candidate in plan.candidates.select_for_update(of=("self",)).filter(status="open").order_by("pk"):
        if candidate.pk in ranks:
            _decide(candidate, "taken", f"Line {ranks[candidate.pk]} of {name}.")
            line = f"“{candidate.title}” is planned for {name}."
        elif candidate.pk in refusals and refusals[candidate.pk].strip():
            _decide(candidate, "not_taken", refusals[candidate.pk].strip()[:500])
            line = f"“{candidate.title}” is not taken: {candidate.decision_reason}"
        else:
            line = _move_on(actor, plan, candidate, at)
        for person in _concerned(candidate):
            told.setdefault(person, []).append(line)
    return told


def _move_on(actor: Any, plan: QuarterPlan, candidate: PlanCandidate, at: datetime) -> str:
    """To the next plan; what was passed over twice goes back to triage instead of waiting for ever."""
    if candidate.passed_over + 1 >= TWICE:
        _decide(candidate, "not_taken", "Not taken in two plans: its requests are read again.")
        _back_to_triage(candidate, at)
        return f"“{candidate.title}” was not taken twice; its requests are at the desk again."
    _decide(candidate, "moved", BELOW)
    quarter = quarter_of_plan(plan).following()
    move_candidate(actor=actor, candidate=candidate, at=at)
    return f"“{candidate.title}” waits for {quarter.name}."


def move_candidate(*, actor: Any, candidate: PlanCandidate, at: datetime) -> PlanCandidate:
    """The same wish in the next plan that is still open, with its requests, assets and estimate; votes begin anew."""
    quarter = quarter_of_plan(candidate.plan)
    while True:
        quarter = quarter.following()
        plan = locked_plan(ensure_plan(actor=actor, team=candidate.plan.team, quarter=quarter, at=at))
        if plan.is_open:
            break
    made = PlanCandidate.objects.create(
        plan=plan, title=candidate.title, why=candidate.why, source_type=candidate.source_type,
        source_id=candidate.source_id, sponsor=candidate.sponsor, sponsor_team=candidate.sponsor_team,
        estimate_minutes=candidate.estimate_minutes, spread_minutes=candidate.spread_minutes,
        cost_of_delay=candidate.cost_of_delay, adds_pipelines=candidate.adds_pipelines, cluster=candidate.cluster,
        moved_from=candidate, passed_over=candidate.passed_over + 1, created_at=candidate.created_at,
    )  # fmt: skip
    made.requests.set(candidate.requests.all())
    made.assets.set(candidate.assets.all())
    made.invited.set(candidate.invited.all())
    enter(actor=actor, plan=plan, candidate=made, at=at)
    return made


def _decide(candidate: PlanCandidate, status: str, reason: str) -> None:
    candidate.status, candidate.decision_reason = status, reason
    candidate.save(update_fields=["status", "decision_reason"])


def _back_to_triage(candidate: PlanCandidate, at: datetime) -> None:
    for request in candidate.requests.filter(state=State.DEFERRED).order_by("pk"):
        standing = locked(actor=None, request=request)
        step = Move(State.TRIAGE, "requests.passed_over", line="Not taken in two plans; it is read again")
        move(actor=None, request=standing, step=step, at=at)
        restart_clock(actor=None, request=standing, kind="decision", at=at)


def _concerned(candidate: PlanCandidate) -> set[int]:
    people = set(PlanVote.objects.filter(candidate=candidate).values_list("cast_by_id", flat=True))
    people |= set(candidate.requests.values_list("requester_id", flat=True))
    if candidate.sponsor_id is not None:
        people.add(candidate.sponsor_id)
    return people
