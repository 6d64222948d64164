"""Writing a message, and what a public one by the team does to the promises (spec requests 7, sla 4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from requests_queue.domain.states import Actor
from requests_queue.domain.texts import checked_text
from requests_queue.models import DataRequest, RequestMessage, Watcher
from requests_queue.policies import parts_of
from requests_queue.services.clocks import restart_clock, stop_clocks

if TYPE_CHECKING:
    from datetime import datetime


def write_message(
    *, actor: Any, request: DataRequest, body: str, is_public: bool = True, is_question: bool = False,
    is_last: bool = False, field: str = "body", at: datetime,
) -> RequestMessage:  # fmt: skip
    """Store a message of the locked request. A public one by the team is a first response and an update.

    One that ends the request (`is_last`) promises no next word. A message of the system (actor None) is automatic
    and stops nothing. Raises `DomainError` or `TooLarge`.
    """
    text = checked_text(body, field, required=True)
    message = RequestMessage.objects.create(
        request=request, author=actor, is_public=is_public, is_automatic=actor is None, is_question=is_question,
        body=text, created_at=at,
    )  # fmt: skip
    if actor is not None and is_public and _speaks_for_team(actor, request, at):
        stop_clocks(actor=actor, request=request, kinds=["first_response", "next_update"], reason="public reply", at=at)
        if request.is_open and not is_last:
            restart_clock(actor=actor, request=request, kind="next_update", at=at)
    return message


def watch(*, request: DataRequest, person: Any, at: datetime) -> None:
    """Idempotent."""
    Watcher.objects.get_or_create(request=request, person=person, defaults={"at": at})


def _speaks_for_team(actor: Any, request: DataRequest, at: datetime) -> bool:
    """The requester's own words answer nobody, even if they are in the team."""
    parts = parts_of(actor, request, at)
    return (
        bool(parts & {Actor.MEMBER, Actor.ASSIGNEE, Actor.TRIAGER, Actor.PARTNER}) and request.requester_id != actor.pk
    )
