"""A line after the lock: begun, shipped, resized, dropped, giving way, another month (spec additions, "life").

What was locked is never rewritten: each change is a `PlanChange` with its reason and who approved it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max

from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from requests_queue.domain.plan import lock_ruling, uses_of
from requests_queue.domain.scenarios import evaluate
from requests_queue.domain.states import State
from requests_queue.models import DataRequest, PlanChange, PlanItem
from requests_queue.policies import can_rank
from requests_queue.queries.plan_chain import wish_behind
from requests_queue.queries.plan_facts import facts_of
from requests_queue.services.ledger import lock_books
from requests_queue.services.messages import write_message
from requests_queue.services.model_outcomes import begin_watching
from requests_queue.services.moving import Move, locked
from requests_queue.services.plan_locking import move_candidate
from requests_queue.services.plan_opening import (
    UNFINISHED,
    carry_over,
    ensure_plan,
    locked_plan,
    next_rank,
    quarter_of_plan,
    touch,
)
from requests_queue.services.plan_telling import plan_url, tell
from requests_queue.services.settling import end_request

if TYPE_CHECKING:
    from datetime import date, datetime

    from requests_queue.models import QuarterPlan

MOST_MINUTES = 1_000_000
LEAST_REASON = 10


@dataclass(frozen=True)
class NewLine:
    """Work that enters a locked plan."""

    title: str
    minutes: int
    is_bumpable: bool = False


@transaction.atomic
def start_line(*, actor: Any, item: PlanItem, at: datetime) -> PlanItem:
    """Work on it has begun; by its owner or the lead."""
    plan, line = _running(actor, item, at)
    if line.state != "planned":
        raise Conflict("plan.line_state", f"“{line.title}” is {line.state} already.")
    line.state, line.started_at = "started", at
    line.save(update_fields=["state", "started_at"])
    touch(plan)
    record_audit(actor=actor, verb="requests.line_started", subject=line, after={"state": line.state}, at=at)
    _tell_waiting(plan, line, f"Work on “{line.title}” has begun.", f"start:{line.pk}", at)
    return line


@transaction.atomic
def set_remaining(*, actor: Any, item: PlanItem, minutes: int, at: datetime) -> PlanItem:
    """How much is left, by its owner or the lead; the draft of the next plan carries that much over."""
    plan, line = _running(actor, item, at)
    if not 0 <= minutes <= MOST_MINUTES:
        raise DomainError("plan.bad_minutes", f"Between 0 and {MOST_MINUTES:,} minutes.", "minutes")
    before = line.remaining_minutes
    line.remaining_minutes = minutes
    line.save(update_fields=["remaining_minutes"])
    PlanItem.objects.filter(carried_from=line, plan__state__in=["draft", "open_for_input"], minutes__gt=0).update(
        minutes=max(1, minutes)
    )
    touch(plan)
    record_audit(
        actor=actor, verb="requests.line_remaining", subject=line, before={"minutes": before},
        after={"minutes": minutes}, at=at,
    )  # fmt: skip
    return line


@transaction.atomic
def ship_line(*, actor: Any, item: PlanItem, result: str, at: datetime) -> PlanItem:
    """It is done: the deferred requests behind it are resolved with this result, and what was carried over goes.

    A model out of questions begins to be watched. Locks the plan, the team's books, then the requests.
    """
    if not result.strip():
        raise DomainError("plan.no_reason", "Say what there is now, and where: the requesters read it.", "result")
    plan, line = _running(actor, item, at)
    shelf = lock_books(team=plan.team, at=at)
    line.state, line.ended_at, line.remaining_minutes = "done", at, 0
    line.save(update_fields=["state", "ended_at", "remaining_minutes"])
    PlanItem.objects.filter(carried_from=line, plan__state__in=["draft", "open_for_input"]).delete()
    wish = wish_behind(line)
    behind = DataRequest.objects.filter(candidates=wish, state=State.DEFERRED) if wish is not None else []
    solved = sorted(behind, key=lambda request: request.pk)
    for request in solved:
        standing = locked(actor=None, request=request)
        write_message(actor=actor, request=standing, body=result, is_last=True, field="result", at=at)
        step = Move(
            State.RESOLVED, "requests.shipped", line="What you asked for is there", columns={"resolved_at": at},
            data={"item": line.pk},
        )  # fmt: skip
        end_request(actor=None, request=standing, shelf=shelf, step=step, at=at)
    touch(plan)
    record_audit(
        actor=actor, verb="requests.line_shipped", subject=line, after={"state": "done", "requests": len(solved)},
        reason=result.strip()[:500], at=at,
    )  # fmt: skip
    begin_watching(item=line, at=at)
    return line


@transaction.atomic
def resize_line(*, actor: Any, item: PlanItem, minutes: int, reason: str, at: datetime) -> PlanChange:
    """Another size after the lock. Raises `DomainError` (`plan.over_capacity`) when the quarter cannot hold it."""
    require(can_rank(actor, item.plan.team, at))
    plan, line = _running(actor, item, at)
    if not 1 <= minutes <= MOST_MINUTES:
        raise DomainError("plan.bad_minutes", f"Between 1 and {MOST_MINUTES:,} minutes.", "minutes")
    before, line.minutes = line.minutes, minutes
    line.save(update_fields=["minutes"])
    _require_room(plan, at)
    return _changed(actor, plan, line, "resize", before, minutes, reason, at)


@transaction.atomic
def add_line(*, actor: Any, plan: QuarterPlan, line: NewLine, reason: str, at: datetime) -> PlanChange:
    """Work that came in after the lock, as the last line."""
    require(can_rank(actor, plan.team, at))
    standing = _locked_state(plan)
    if not line.title.strip() or len(line.title.strip()) > 200:  # noqa: PLR2004 (the column's length)
        raise DomainError("plan.no_title", "A title of up to 200 characters.", "title")
    if not 1 <= line.minutes <= MOST_MINUTES:
        raise DomainError("plan.bad_minutes", f"Between 1 and {MOST_MINUTES:,} minutes.", "minutes")
    item = PlanItem.objects.create(
        plan=standing, rank=next_rank(standing), title=line.title.strip(), minutes=line.minutes,
        is_bumpable=line.is_bumpable,
    )  # fmt: skip
    _require_room(standing, at)
    return _changed(actor, standing, item, "add", None, line.minutes, reason, at)


@transaction.atomic
def drop_line(*, actor: Any, item: PlanItem, reason: str, is_bumped: bool = False, at: datetime) -> PlanChange:
    """It will not be done this quarter; its wish stands in the next open plan. A bump gives way to ad-hoc work.

    Raises `Conflict` (`plan.not_bumpable`) for a bump of a line that was promised without giving way.
    """
    require(can_rank(actor, item.plan.team, at))
    plan, line = _running(actor, item, at)
    return _dropped(actor, plan, line, reason, at, is_bumped=is_bumped)


def give_way(*, actor: Any, item: PlanItem, reason: str, at: datetime) -> PlanChange:
    """The line a request displaces above the cap: bumped, its wish in the next plan, who waits for it is told.

    Who approved the override has been checked; inside its transaction, which locked the plan first. Raises `Conflict`
    (`plan.line_state`, `plan.not_bumpable`) when the line ended meanwhile or no longer gives way.
    """
    plan = _locked_state(item.plan)
    return _dropped(actor, plan, _unfinished(plan, item), reason, at, is_bumped=True)


def _dropped(
    actor: Any, plan: QuarterPlan, line: PlanItem, reason: str, at: datetime, *, is_bumped: bool
) -> PlanChange:
    if is_bumped and not line.is_bumpable:
        raise Conflict("plan.not_bumpable", f"“{line.title}” was promised without giving way.")
    line.state, line.ended_at = "dropped", at
    line.save(update_fields=["state", "ended_at"])
    PlanItem.objects.filter(carried_from=line, plan__state__in=["draft", "open_for_input"]).delete()
    wish = wish_behind(line)
    if wish is not None and not hasattr(wish, "moved_to"):
        move_candidate(actor=actor, candidate=wish, at=at)
    change = _changed(actor, plan, line, "bump" if is_bumped else "drop", line.minutes, None, reason, at)
    _tell_waiting(plan, line, f"“{line.title}” moves to a later quarter: {change.reason}", f"drop:{line.pk}", at)
    return change


@transaction.atomic
def move_month(*, actor: Any, item: PlanItem, month: date, reason: str, at: datetime) -> PlanChange:
    """It is expected in another month of the quarter: one notice to requesters and voters."""
    require(can_rank(actor, item.plan.team, at))
    plan, line = _running(actor, item, at)
    if not quarter_of_plan(plan).holds(month):
        raise DomainError("plan.bad_month", f"A month of {quarter_of_plan(plan).name}.", "month")
    line.expected_month = month.replace(day=1)
    line.save(update_fields=["expected_month"])
    change = _changed(actor, plan, line, "month", None, None, reason, at)
    words = f"“{line.title}” is now expected in {month:%B}: {change.reason}"
    _tell_waiting(plan, line, words, f"month:{change.pk}", at)
    return change


@transaction.atomic
def close_plan(*, plan: QuarterPlan, at: datetime) -> bool:
    """The quarter is over: unfinished lines are carried, wishes of a plan nobody locked move on. Idempotent."""
    standing = locked_plan(plan)
    if standing.state == "closed":
        return False
    following = ensure_plan(actor=None, team=standing.team, quarter=quarter_of_plan(standing).following(), at=at)
    if standing.state == "locked" and following.is_open:
        carry_over(plan=following)
    for candidate in standing.candidates.filter(status="open").order_by("pk"):
        candidate.status, candidate.decision_reason = "moved", "The plan was never locked."
        candidate.save(update_fields=["status", "decision_reason"])
        move_candidate(actor=None, candidate=candidate, at=at)
    lines = standing.items.filter(rank__isnull=False, state__in=UNFINISHED)
    count = lines.update(state="carried", ended_at=at)
    standing.state, standing.closed_at = "closed", at
    touch(standing, "state", "closed_at")
    record_audit(actor=None, verb="requests.plan_closed", subject=standing, after={"carried": count}, at=at)
    return True


def _running(actor: Any, item: PlanItem, at: datetime) -> tuple[QuarterPlan, PlanItem]:
    """The plan and its line under lock, while both run; the line's owner may act on it beside the lead."""
    if item.owner_id != actor.pk:
        require(can_rank(actor, item.plan.team, at))
    plan = _locked_state(item.plan)
    line = _unfinished(plan, item)
    if line.owner_id != actor.pk:
        require(can_rank(actor, plan.team, at))
    return plan, line


def _unfinished(plan: QuarterPlan, item: PlanItem) -> PlanItem:
    line = plan.items.select_for_update(of=("self",)).filter(pk=item.pk, rank__isnull=False).first()
    if line is None or line.state not in UNFINISHED:
        raise Conflict("plan.line_state", f"“{item.title}” has ended.")
    return line


def _locked_state(plan: QuarterPlan) -> QuarterPlan:
    standing = locked_plan(plan)
    if standing.state != "locked":
        raise Conflict("plan.not_locked", "This is done in a locked plan, while its quarter runs.")
    return standing


def _require_room(plan: QuarterPlan, at: datetime) -> None:
    facts = facts_of(plan, at)
    capacity = evaluate(facts).uses.capacity
    uses = uses_of(capacity, facts.maintenance, facts.oncall, facts.terms)
    over = lock_ruling([line.work for line in facts.lines], uses).over
    if over:
        message = f"The plan would be {over:,} min over what can be promised. Drop or shrink another line first."
        raise DomainError("plan.over_capacity", message, "minutes", over=over)


def _changed(
    actor: Any, plan: QuarterPlan, line: PlanItem, kind: str, before: int | None, after: int | None, reason: str,
    at: datetime,
) -> PlanChange:  # fmt: skip
    if len(reason.strip()) < LEAST_REASON:
        raise DomainError("requests.reason_too_short", "Say why in at least 10 characters.", "reason")
    last = PlanChange.objects.filter(plan=plan).aggregate(last=Max("seq"))["last"] or 0
    change = PlanChange.objects.create(
        plan=plan, seq=last + 1, kind=kind, item=line, minutes_before=before, minutes_after=after,
        reason=reason.strip()[:500], approver=actor, at=at,
    )  # fmt: skip
    touch(plan)
    record_audit(
        actor=actor, verb="requests.plan_changed", subject=line, reason=change.reason, at=at,
        before={"minutes": before}, after={"minutes": after, "kind": kind},
    )  # fmt: skip
    return change


def _tell_waiting(plan: QuarterPlan, line: PlanItem, words: str, key: str, at: datetime) -> None:
    """Requesters and voters of a line, once an occasion."""
    wish = wish_behind(line)
    if wish is None:
        return
    people = set(wish.requests.values_list("requester_id", flat=True))
    people |= set(wish.votes.values_list("cast_by_id", flat=True))
    url = plan_url(plan, quarter_of_plan(plan).label)
    tell(plan=plan, people=people, line=words, key=key, url=url, at=at)
