"""From accepted to done and back: work, questions, waiting, result, re-opening, withdrawal (spec requests 4)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import Conflict, DomainError
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import cancel_deadlines
from requests_queue.domain.states import WAITING, Actor, State
from requests_queue.domain.texts import checked_text
from requests_queue.models import DataRequest, SlaClock
from requests_queue.services.clocks import pause_clocks, restart_clock
from requests_queue.services.messages import write_message
from requests_queue.services.moving import Move, check_move, locked, move
from requests_queue.services.plan_opening import hold_plans
from requests_queue.services.reworking import add_shortcut
from requests_queue.services.settling import end_request, locked_with_books
from requests_queue.services.summing import sum_again
from requests_queue.services.traces import trace_answered
from requests_queue.services.triage import CLAIM_KIND, claim_for_triage
from requests_queue.services.waiting import UNANSWERED_DAYS, await_closing, await_reply, stop_waiting

if TYPE_CHECKING:
    from datetime import datetime

REOPEN_REASONS = ("not_solved", "new_question", "wrong")
REOPEN_WITHIN = timedelta(days=7)
REOPEN_UNANSWERED = timedelta(days=UNANSWERED_DAYS)
DELIVERED = {State.RESOLVED, State.ANSWERED, State.CLOSED}


@transaction.atomic
def start_work(*, actor: Any, request: DataRequest, version: int | None = None, at: datetime) -> DataRequest:
    """The assignee begins."""
    standing = locked(actor=actor, request=request, version=version)
    step = Move(State.IN_PROGRESS, "requests.started", line="Work has begun")
    return move(actor=actor, request=standing, step=step, part=Actor.ASSIGNEE, at=at)


@transaction.atomic
def ask_requester(
    *, actor: Any, request: DataRequest, question: str, version: int | None = None, at: datetime
) -> DataRequest:
    """Put a public question; the resolution stands still until the reply. A new request is claimed first."""
    standing = locked(actor=actor, request=request, version=version)
    if standing.state == State.NEW:
        standing = claim_for_triage(actor=actor, request=standing, at=at)
    check_move(actor=actor, request=standing, target=State.WAITING_ON_REQUESTER, at=at)
    message = write_message(actor=actor, request=standing, body=question, is_question=True, field="question", at=at)
    cancel_deadlines(actor=actor, subject=subject_of(standing), kinds=[CLAIM_KIND], reason="asked", at=at)
    step = Move(
        State.WAITING_ON_REQUESTER, "requests.asked", line="A question for you",
        data={"message": message.pk},
    )  # fmt: skip
    return _wait(actor, standing, step, "waiting for the requester", at)


@transaction.atomic
def wait_on_upstream(
    *, actor: Any, request: DataRequest, reason: str, version: int | None = None, at: datetime
) -> DataRequest:
    """Somebody upstream has to move first; said in public. The resolution stands still if the policy says so."""
    standing = locked(actor=actor, request=request, version=version)
    check_move(actor=actor, request=standing, target=State.WAITING_ON_UPSTREAM, at=at)
    write_message(actor=actor, request=standing, body=reason, field="reason", at=at)
    step = Move(State.WAITING_ON_UPSTREAM, "requests.waiting_upstream", line="Waiting for somebody upstream")
    return _wait(actor, standing, step, "waiting for upstream", at)


@transaction.atomic
def resume_work(*, actor: Any, request: DataRequest, version: int | None = None, at: datetime) -> DataRequest:
    """Go on: back to work, or back to triage when the question was asked there."""
    standing = locked(actor=actor, request=request, version=version)
    if standing.state not in WAITING:
        check_move(actor=actor, request=standing, target=State.IN_PROGRESS, part=Actor.ASSIGNEE, at=at)
        raise Conflict("requests.bad_transition", f"{standing.number} waits for nobody.", state=standing.state)
    last = standing.events.filter(to_state=standing.state).order_by("-seq").first()
    back_to_triage = last is not None and last.from_state in {State.NEW, State.TRIAGE}
    check_move(actor=actor, request=standing, target=State.IN_PROGRESS, at=at)
    step = Move(State.TRIAGE if back_to_triage else State.IN_PROGRESS, "requests.resumed", line="Resumed")
    # The table lets the system take a request back to triage; the reply is what moves it.
    move(actor=None if back_to_triage else actor, request=standing, step=step, at=at)
    stop_waiting(actor=actor, request=standing, reason="resumed", at=at)
    return standing


@transaction.atomic
def resolve_request(
    *, actor: Any, request: DataRequest, result: str, left_out: str = "", version: int | None = None, at: datetime
) -> DataRequest:
    """Done, with a public result; stops the resolution clock. `left_out` says which corner was cut, if one was."""
    if left_out.strip():
        hold_plans(team=request.team)
    standing, shelf = locked_with_books(actor=actor, request=request, version=version, at=at)
    check_move(actor=actor, request=standing, target=State.RESOLVED, part=Actor.ASSIGNEE, at=at)
    write_message(actor=actor, request=standing, body=result, is_last=True, field="result", at=at)
    step = Move(State.RESOLVED, "requests.resolved", line="Resolved", columns={"resolved_at": at})
    end_request(actor=actor, request=standing, shelf=shelf, step=step, part=Actor.ASSIGNEE, at=at)
    await_closing(request=standing, at=at)
    add_shortcut(actor=actor, request=standing, text=left_out, at=at)
    trace_answered(actor=actor, request=standing, at=at)
    return standing


@transaction.atomic
def reopen_request(
    *, actor: Any, request: DataRequest, reason: str, note: str = "", version: int | None = None, at: datetime
) -> DataRequest:
    """Back within 7 days: a resolved one to work, an answered one to triage; new cycles at half the target.

    `reason` is not_solved, new_question or wrong. Raises `Conflict` (`requests.reopen_too_late`) afterwards.
    """
    standing = locked(actor=actor, request=request, version=version)
    target = State.TRIAGE if standing.state == State.ANSWERED else State.IN_PROGRESS
    parts = check_move(actor=actor, request=standing, target=target, at=at)
    if reason not in REOPEN_REASONS:
        raise DomainError("requests.unknown_reason", "Say: not solved, a new question, or wrong.", "reason")
    if standing.resolved_at is None or at - standing.resolved_at > _reopen_within(standing):
        message = f"{standing.number} was done too long ago to re-open it. Ask again: the new request follows it up."
        raise Conflict("requests.reopen_too_late", message)
    if reason == "not_solved":
        _flag_premature(standing, at)
    step = Move(
        target, "requests.reopened", reason=reason, line="Re-opened", data={"reason": reason},
        columns={"reopened_count": standing.reopened_count + 1, "resolved_at": None},
    )  # fmt: skip
    move(actor=actor, request=standing, step=step, part=min(parts), at=at)
    if note.strip():
        write_message(actor=actor, request=standing, body=note, field="note", at=at)
    stop_waiting(actor=actor, request=standing, reason="re-opened", at=at)
    _restart_clocks(actor, standing, at)
    return standing


@transaction.atomic
def appeal_request(
    *, actor: Any, request: DataRequest, reason: str, version: int | None = None, at: datetime
) -> DataRequest:
    """The lead takes a request back to the desk: a declined one once, one in hand as often as it must be read again.

    A new decision is promised, and a result where none is running. Raises `Conflict` (`requests.appealed_before`).
    """
    standing = locked(actor=actor, request=request, version=version)
    check_move(actor=actor, request=standing, target=State.TRIAGE, part=Actor.LEAD, at=at)
    if standing.state == State.DECLINED and standing.events.filter(from_state=State.DECLINED).exists():
        raise Conflict("requests.appealed_before", f"{standing.number} was looked at again once; that decision stands.")
    text = checked_text(reason, "reason", required=True)
    step = Move(
        State.TRIAGE, "requests.appealed", reason=text[:500], line="Back at the desk", columns={"assignee": None}
    )
    move(actor=actor, request=standing, step=step, part=Actor.LEAD, at=at)
    stop_waiting(actor=actor, request=standing, reason="back at the desk", at=at)
    for kind in ("decision", "resolution"):
        if not standing.clocks.filter(kind=kind, state__in=["running", "paused"]).exists():
            restart_clock(actor=actor, request=standing, kind=kind, at=at)
    return standing


@transaction.atomic
def note_opened(*, actor: Any, request: DataRequest, at: datetime) -> bool:
    """The first look of the requester or a supporter at a result, for the honesty of urgency; says whether it was."""
    if request.first_opened_at is not None or request.state not in DELIVERED:
        return False
    if actor.pk != request.requester_id and not request.supporters.filter(person=actor).exists():
        return False
    return bool(DataRequest.objects.filter(pk=request.pk, first_opened_at=None).update(first_opened_at=at))


@transaction.atomic
def withdraw_request(
    *, actor: Any, request: DataRequest, reason: str = "", version: int | None = None, at: datetime
) -> DataRequest:
    """The requester needs it no longer; the promises are taken back."""
    standing, shelf = locked_with_books(actor=actor, request=request, version=version, at=at)
    text = checked_text(reason, "reason")
    step = Move(State.WITHDRAWN, "requests.withdrawn", reason=text[:500], line="Withdrawn")
    return end_request(actor=actor, request=standing, shelf=shelf, step=step, part=Actor.REQUESTER, at=at)


@transaction.atomic
def close_request(*, actor: Any, request: DataRequest, version: int | None = None, at: datetime) -> DataRequest:
    """The requester is content; nothing reopens it."""
    standing = locked(actor=actor, request=request, version=version)
    step = Move(State.CLOSED, "requests.closed", columns={"closed_at": at})
    return move(actor=actor, request=standing, step=step, part=Actor.REQUESTER, at=at)


def _wait(actor: Any, standing: DataRequest, step: Move, reason: str, at: datetime) -> DataRequest:
    move(actor=actor, request=standing, step=step, at=at)
    if step.target == State.WAITING_ON_REQUESTER:
        await_reply(actor=actor, request=standing, at=at)
    pause_clocks(actor=actor, request=standing, state=step.target.value, reason=reason, at=at)
    return standing


def _reopen_within(standing: DataRequest) -> timedelta:
    """A week; a month for what ended because nobody replied."""
    last = standing.events.filter(to_state=State.RESOLVED).order_by("-seq").first()
    return REOPEN_UNANSWERED if last is not None and last.data.get("reason") == "no_reply" else REOPEN_WITHIN


def _restart_clocks(actor: Any, standing: DataRequest, at: datetime) -> None:
    """Half the first promise, and word by the next update; an answered one is decided anew (spec sla 4.5)."""
    version = standing.clocks.select_related("policy_version").order_by("id")[0].policy_version
    factor = float(version.reopen_factor)
    if standing.state == State.TRIAGE:
        restart_clock(actor=actor, request=standing, kind="decision", factor=factor, at=at)
    restart_clock(actor=actor, request=standing, kind="resolution", factor=factor, at=at)
    if not standing.clocks.filter(kind="next_update", state__in=["running", "paused"]).exists():
        restart_clock(actor=actor, request=standing, kind="next_update", at=at)


def _flag_premature(standing: DataRequest, at: datetime) -> None:
    last = standing.clocks.filter(kind="resolution").order_by("-cycle").first()
    if last is not None:
        SlaClock.objects.filter(pk=last.pk).update(is_premature=True)
        sum_again(request=standing, at=at)
