"""Triage decides: the numbers say whether work is taken in, asked for, queued or put off (spec budget 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import Conflict, DomainError
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadline, cancel_deadlines
from requests_queue.domain import budget
from requests_queue.domain.budget import Ruling, Work
from requests_queue.domain.kinds import LANES
from requests_queue.domain.states import Actor, State
from requests_queue.models import TeamDesk
from requests_queue.queries.budget import minutes_of
from requests_queue.queries.promises import policy_version_for, target_of
from requests_queue.queries.resting_on import APPROVAL_KIND
from requests_queue.services.assigning import backup_for, checked_member
from requests_queue.services.candidates import nominate_candidate
from requests_queue.services.clocks import shorten_targets
from requests_queue.services.ledger import Posting, post
from requests_queue.services.letters import letter_numbers, send_letter, with_candidate
from requests_queue.services.messages import watch, write_message
from requests_queue.services.moving import Move, check_move, move
from requests_queue.services.plan_opening import hold_plans
from requests_queue.services.settling import end_request, locked_with_books
from requests_queue.services.telling import tell_leads
from requests_queue.services.triage import CLAIM_KIND, counted_after

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person
    from requests_queue.domain.budget import Verdict
    from requests_queue.models import DataRequest
    from requests_queue.services.ledger import Books, Shelf

APPROVAL_NOTICE = "requests.approval_asked"
AMBER_NOTICE = "requests.accepted_amber"
APPROVAL_SECONDS = 9 * 3600
MOST_MINUTES = 100_000
ACCEPTS = {Ruling.ACCEPT, Ruling.ACCEPT_AMBER, Ruling.ACCEPT_EXEMPT}


@dataclass(frozen=True)
class Estimate:
    """How triage sees the work; a question has the team's default, `assignee` without a name is who decides.

    `is_structural` None keeps what the kind says. `note` is a public word; in a letter it says what helps until then.
    `letter` is the letter as a person edited it.
    """

    lane: str
    minutes: int | None = None
    assignee: Person | None = None
    note: str = ""
    is_structural: bool | None = None
    letter: str = ""


@transaction.atomic
def decide_request(
    *, actor: Any, request: DataRequest, estimate: Estimate, version: int | None = None, at: datetime
) -> DataRequest:
    """Judge the work by the books of the team's quarter and do what they say; stops the decision clock.

    Locks plans, period, request. Accepted work is reserved; what asks the lead reserves nothing; what is queued
    or deferred gets a letter. Raises `DomainError` naming `lane`, `minutes` or `assignee`, `NotAllowed`, `Conflict`.
    """
    hold_plans(team=request.team)
    standing, shelf = locked_with_books(actor=actor, request=request, version=version, at=at)
    books = shelf.current
    check_move(actor=actor, request=standing, target=State.ACCEPTED, part=Actor.TRIAGER, at=at)
    standing.is_structural = estimate.is_structural if estimate.is_structural is not None else standing.is_structural
    verdict = judged(standing, estimate, books)
    assignee = checked_member(standing, estimate.assignee or actor, at)
    standing.lane, standing.size = estimate.lane, verdict.size.value
    standing.estimate_minutes = verdict.minutes
    standing.save(update_fields=["lane", "size", "estimate_minutes", "is_structural"])
    cancel_deadlines(actor=actor, subject=subject_of(standing), kinds=[CLAIM_KIND], reason="decided", at=at)
    if verdict.ruling in ACCEPTS:
        return _accept(actor, standing, estimate, assignee, verdict, books, at)
    if verdict.ruling == Ruling.LEAD_APPROVAL:
        return _ask_lead(actor, standing, assignee, verdict, at)
    return _push_back(actor, standing, estimate, verdict, shelf, at)


def judged(request: DataRequest, estimate: Estimate, books: Books) -> Verdict:
    """The verdict of the books; raises `DomainError` naming `lane` or `minutes`. Writes nothing."""
    if (estimate.lane == "exempt") != (request.exemption_id is not None):
        message = "This lane is for exempt requests." if estimate.lane == "exempt" else "This request is exempt."
        raise DomainError("requests.exemption_required", message, "lane")
    spent, reserved, exempt = minutes_of(request)
    work = Work(
        checked_estimate(request, estimate), request.is_structural, request.exemption_id is not None,
        spent + reserved + exempt,
    )  # fmt: skip
    return budget.judge(work, books.balance, books.terms)


def checked_estimate(request: DataRequest, estimate: Estimate) -> int:
    """The minutes of the estimate, or the team's default for the lane; raises `DomainError`."""
    if estimate.lane not in LANES:
        raise DomainError("requests.unknown_lane", "Choose quick win, question, complex or exempt.", "lane")
    desk = TeamDesk.objects.filter(team_id=request.team_id).first() or TeamDesk()
    defaults = {"question": desk.question_minutes, "quick_win": desk.quick_win_minutes}
    minutes = estimate.minutes if estimate.minutes is not None else defaults.get(estimate.lane)
    if minutes is None:
        raise DomainError("requests.no_estimate", "Complex work needs an estimate in minutes.", "minutes")
    if not 1 <= minutes <= MOST_MINUTES:
        raise DomainError("requests.bad_estimate", f"Between 1 and {MOST_MINUTES:,} minutes.", "minutes")
    return minutes


@transaction.atomic
def approve_request(*, actor: Any, request: DataRequest, version: int | None = None, at: datetime) -> DataRequest:
    """The lead says yes to medium work in the amber band: it is reserved now.

    Locks the period, then the request. Raises `Conflict` (`budget.over_cap`) when it no longer fits under the cap.
    """
    standing, shelf = locked_with_books(actor=actor, request=request, version=version, at=at)
    books = shelf.current
    check_move(actor=actor, request=standing, target=State.ACCEPTED, part=Actor.LEAD, at=at)
    spent, reserved, _ = minutes_of(standing)
    ask = max(0, (standing.estimate_minutes or 0) - spent - reserved)
    if books.balance.used + ask > books.cap:
        message = f"Meanwhile {ask:,} min more do not fit under the cap of {books.cap:,}."
        raise Conflict("budget.over_cap", message)
    cancel_deadlines(actor=actor, subject=subject_of(standing), kinds=[APPROVAL_KIND], reason="approved", at=at)
    if ask:
        post(books=books, change=budget.reserve(ask), posting=Posting(actor=actor, request=standing), at=at)
    step = Move(State.ACCEPTED, "requests.approved", line="Approved by the lead", data={"minutes": ask})
    return move(actor=actor, request=standing, step=step, part=Actor.LEAD, at=at)


@transaction.atomic
def defer_request(
    *, actor: Any, request: DataRequest, meanwhile: str = "", version: int | None = None, at: datetime
) -> DataRequest:
    """The lead puts work off to the plan, with a letter; what is reserved goes back.

    Raises `DomainError` (`requests.no_estimate`) for work that nobody has estimated.
    """
    hold_plans(team=request.team)
    standing, shelf = locked_with_books(actor=actor, request=request, version=version, at=at)
    books = shelf.current
    check_move(actor=actor, request=standing, target=State.DEFERRED, part=Actor.LEAD, at=at)
    if standing.estimate_minutes is None:
        raise DomainError("requests.no_estimate", "Give it an estimate first: the plan needs one.", "minutes")
    verdict = budget.judge(Work(standing.estimate_minutes, standing.is_structural), books.balance, books.terms)
    candidate = nominate_candidate(actor=actor, request=standing, at=at)
    numbers = with_candidate(letter_numbers(standing, books, verdict, meanwhile, at), candidate)
    step = Move(State.DEFERRED, "requests.deferred", line="Put off to the plan", data={"minutes": verdict.minutes})
    send_letter(actor=actor, request=standing, decision="DEFER", numbers=numbers, at=at)
    return end_request(actor=actor, request=standing, shelf=shelf, step=step, part=Actor.LEAD, at=at)


def _accept(
    actor: Any, standing: DataRequest, estimate: Estimate, assignee: Any, verdict: Verdict, books: Books, at: datetime
) -> DataRequest:
    if verdict.ruling != Ruling.ACCEPT_EXEMPT and verdict.ask:
        posting = Posting(actor=actor, request=standing)
        post(books=books, change=budget.reserve(verdict.ask), posting=posting, at=at)
    data = {
        "lane": estimate.lane, "minutes": verdict.minutes, "assignee": assignee.handle, "ruling": verdict.ruling.value
    }  # fmt: skip
    columns = {"assignee": assignee, "backup": backup_for(standing, assignee)}
    line = f"Accepted; {assignee.name} has it"
    move(actor=actor, request=standing, step=Move(State.ACCEPTED, "requests.accepted", "", line, data, columns), at=at)
    watch(request=standing, person=assignee, at=at)
    if estimate.note:
        write_message(actor=actor, request=standing, body=estimate.note, field="note", at=at)
    _promise_by_size(actor, standing, at)
    if verdict.ruling == Ruling.ACCEPT_AMBER:
        tell_leads(request=standing, kind=AMBER_NOTICE, line=f"{verdict.minutes} min in the amber band", at=at)
    return standing


def _ask_lead(actor: Any, standing: DataRequest, assignee: Any, verdict: Verdict, at: datetime) -> DataRequest:
    step = Move(
        State.AWAITING_APPROVAL, "requests.approval_asked", line="Waits for the lead's approval",
        data={"minutes": verdict.minutes, "ruling": verdict.ruling.value}, vouched=Actor.SYSTEM,
        columns={"assignee": assignee, "backup": backup_for(standing, assignee)},
    )  # fmt: skip
    move(actor=actor, request=standing, step=step, at=at)
    due_at = counted_after(standing, APPROVAL_SECONDS, at)
    if due_at is not None:
        arm_deadline(actor=actor, kind=APPROVAL_KIND, subject=subject_of(standing), due_at=due_at, at=at)
    tell_leads(request=standing, kind=APPROVAL_NOTICE, line=f"{verdict.minutes} min wait for your approval", at=at)
    return standing


def _push_back(
    actor: Any, standing: DataRequest, estimate: Estimate, verdict: Verdict, shelf: Shelf, at: datetime
) -> DataRequest:
    numbers = letter_numbers(standing, shelf.current, verdict, estimate.note, at)
    data = {"minutes": verdict.minutes, "ruling": verdict.ruling.value}
    is_queue = verdict.ruling == Ruling.QUEUE
    letter = "QUEUE" if is_queue else "DEFER"
    if is_queue:
        step = Move(State.QUEUED, "requests.queued", line="Waits for room", data=data, vouched=Actor.SYSTEM)
        move(actor=actor, request=standing, step=step, at=at)
        send_letter(actor=actor, request=standing, decision=letter, numbers=numbers, edited=estimate.letter, at=at)
        return standing
    candidate = nominate_candidate(actor=actor, request=standing, at=at)
    numbers = with_candidate(numbers, candidate)
    send_letter(actor=actor, request=standing, decision=letter, numbers=numbers, edited=estimate.letter, at=at)
    step = Move(State.DEFERRED, "requests.deferred", line="Put off to the plan", data=data, vouched=Actor.SYSTEM)
    return end_request(actor=actor, request=standing, shelf=shelf, step=step, at=at)


def _promise_by_size(actor: Any, standing: DataRequest, at: datetime) -> None:
    """Small work is promised sooner where the policies say so (spec additions, quick wins)."""
    version = policy_version_for(
        kind=standing.kind, team_id=standing.team_id, urgency=standing.urgency, size=standing.size
    )
    targets = {"resolution": target_of(version, "resolution", standing.promised_as)}
    shorten_targets(actor=actor, request=standing, targets=targets, reason=f"{standing.size} work", at=at)
