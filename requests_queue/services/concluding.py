"""Ending a request at the desk: declined with a letter, answered, or solved by who asked (spec requests 4, 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import DomainError
from requests_queue.domain.states import Actor, State
from requests_queue.domain.texts import checked_text
from requests_queue.policies import parts_of
from requests_queue.services.letters import decline_numbers, send_letter
from requests_queue.services.messages import write_message
from requests_queue.services.moving import Move, check_move
from requests_queue.services.settling import end_request, locked_with_books
from requests_queue.services.traces import trace_answered
from requests_queue.services.waiting import await_closing

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.models import DataRequest

MOST_REASON = 500


@transaction.atomic
def decline_request(
    *, actor: Any, request: DataRequest, reason: str, alternative: str, version: int | None = None, at: datetime
) -> DataRequest:
    """Say no with a reason and an alternative, as a public letter; ends every promise.

    Raises `DomainError` (`requests.letter_incomplete`) when one of the two is missing.
    """
    standing, shelf = locked_with_books(actor=actor, request=request, version=version, at=at)
    check_move(actor=actor, request=standing, target=State.DECLINED, at=at)
    for field, text in (("reason", reason), ("alternative", alternative)):
        if not text.strip():
            raise DomainError("requests.letter_incomplete", "A decline needs a reason and an alternative.", field)
    reason_text = checked_text(reason, "reason", required=True)
    numbers = decline_numbers(standing, reason_text, checked_text(alternative, "alternative", required=True), at)
    send_letter(actor=actor, request=standing, decision="DECLINE", numbers=numbers, at=at)
    step = Move(State.DECLINED, "requests.declined", reason=reason_text[:MOST_REASON], line="Declined")
    return end_request(actor=actor, request=standing, shelf=shelf, step=step, at=at)


@transaction.atomic
def answer_request(
    *, actor: Any, request: DataRequest, body: str, version: int | None = None, at: datetime
) -> DataRequest:
    """Answer a request that needs no work; stops all clocks. The desk does, or its partner for a question."""
    standing, shelf = locked_with_books(actor=actor, request=request, version=version, at=at)
    part = Actor.PARTNER if Actor.PARTNER in parts_of(actor, standing, at) else Actor.TRIAGER
    check_move(actor=actor, request=standing, target=State.ANSWERED, part=part, at=at)
    write_message(actor=actor, request=standing, body=body, is_last=True, at=at)
    step = Move(State.ANSWERED, "requests.answered", line="Answered", columns={"resolved_at": at})
    end_request(actor=actor, request=standing, shelf=shelf, step=step, part=part, at=at)
    await_closing(request=standing, at=at)
    trace_answered(actor=actor, request=standing, at=at)
    return standing


@transaction.atomic
def mark_solved(*, actor: Any, request: DataRequest, version: int | None = None, at: datetime) -> DataRequest:
    """The requester found the answer: the promises are taken back, they are neither kept nor broken."""
    standing, shelf = locked_with_books(actor=actor, request=request, version=version, at=at)
    step = Move(
        State.ANSWERED, "requests.solved", line="Solved by the requester", data={"cancels": True},
        columns={"resolved_at": at},
    )  # fmt: skip
    end_request(actor=actor, request=standing, shelf=shelf, step=step, part=Actor.REQUESTER, at=at)
    await_closing(request=standing, at=at)
    return standing
