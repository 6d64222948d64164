"""The end of a request in the books: what is left of its reservation goes back, and who waits for room comes in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import cancel_deadlines
from requests_queue.domain import budget
from requests_queue.domain.states import State
from requests_queue.queries.budget import queued_requests, reserved_of
from requests_queue.services.ledger import Posting, Shelf, lock_books, post
from requests_queue.services.moving import Move, locked, move
from requests_queue.services.tokens import return_spent_token

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.domain.states import Actor
    from requests_queue.models import DataRequest

RETURNS_TOKEN = {State.DECLINED: "declined", State.WITHDRAWN: "withdrawn", State.DUPLICATE: "merged"}
TIMERS = ("requests.claim_lapse", "requests.approval", "requests.no_reply", "requests.close", "requests.exemption")


def locked_with_books(
    *, actor: Any, request: DataRequest, version: int | None = None, at: datetime
) -> tuple[DataRequest, Shelf]:
    """The request under lock, and before it the open books of its team. Raises as `locked` does."""
    shelf = lock_books(team=request.team, at=at)
    return locked(actor=actor, request=request, version=version), shelf


def end_request(
    *,
    actor: Any,
    request: DataRequest,
    shelf: Shelf,
    step: Move,
    part: Actor | None = None,
    at: datetime,
    fired_by: str = "",
) -> DataRequest:
    """Make the move that ends (or defers) a request: timers off, RELEASE, token back, the queue walked.

    Books and request are locked; `fired_by` is the deadline that is firing and ends by itself. Raises as `move` does;
    nothing is written then.
    """
    move(actor=actor, request=request, step=step, part=part, at=at)
    timers = [kind for kind in TIMERS if kind != fired_by]
    cancel_deadlines(actor=actor, subject=subject_of(request), kinds=timers, reason=f"{request.state}", at=at)
    reason = RETURNS_TOKEN.get(step.target) or ("self_solved" if step.data.get("cancels") else "")
    if reason:
        return_spent_token(actor=actor, request=request, reason=reason, at=at)
    release(actor=actor, request=request, shelf=shelf, at=at)
    return request


def release(*, actor: Any, request: DataRequest, shelf: Shelf, at: datetime) -> None:
    """Give back what is left of the reservation in each open period, then promote what fits. Idempotent."""
    for each in shelf.every:
        if left := reserved_of(request, each.period):
            posting = Posting(actor=actor, request=request, reason=f"{request.state}")
            post(books=each, change=budget.release(left), posting=posting, at=at)
    promote_queued_requests(shelf=shelf, at=at)


def promote_queued_requests(*, shelf: Shelf, at: datetime) -> int:
    """Accept queued requests, oldest first, until the first that does not fit; says how many.

    In the transaction that made room. Today's period pays.
    """
    paying = shelf.current
    waiting = list(queued_requests(paying.period.team).select_for_update(of=("self",)).select_related("team"))
    estimates = [request.estimate_minutes or 0 for request in waiting]
    count = budget.promoted(estimates, paying.balance, paying.terms)
    for request in waiting[:count]:
        minutes = request.estimate_minutes or 0
        post(books=paying, change=budget.reserve(minutes), posting=Posting(request=request), at=at)
        step = Move(State.ACCEPTED, "requests.promoted", line="There is room now: accepted", data={"minutes": minutes})
        move(actor=None, request=request, step=step, at=at)
    return count
