"""The conversation on a request (spec requests 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.policies import require
from requests_queue.domain.states import State
from requests_queue.models import DataRequest, RequestMessage, Watcher
from requests_queue.policies import can_file, can_note
from requests_queue.services.messages import watch, write_message
from requests_queue.services.moving import audit, locked
from requests_queue.services.telling import tell_watchers
from requests_queue.services.working import resume_work

if TYPE_CHECKING:
    from datetime import datetime


@transaction.atomic
def post_message(
    *, actor: Any, request: DataRequest, body: str, is_public: bool = True, at: datetime
) -> RequestMessage:
    """Say something. A reply of the requester who was asked resumes the work at its instant.

    Internal notes are the owning team's and stop no clock. Raises `NotVisible`, `NotAllowed`, `DomainError`.
    """
    standing = locked(actor=actor, request=request)
    require(can_file(actor))
    if not is_public:
        require(can_note(actor, standing, at))
    message = write_message(actor=actor, request=standing, body=body, is_public=is_public, at=at)
    watch(request=standing, person=actor, at=at)
    verb = "requests.replied" if is_public else "requests.noted"
    audit(actor=actor, verb=verb, request=standing, after={"message": message.pk}, at=at)
    if is_public:
        tell_watchers(actor=actor, request=standing, line=f"{actor.name} wrote", key=f"message:{message.pk}", at=at)
    if is_public and standing.state == State.WAITING_ON_REQUESTER and standing.requester_id == actor.pk:
        resume_work(actor=actor, request=standing, at=at)
    return message


@transaction.atomic
def watch_request(*, actor: Any, request: DataRequest, is_muted: bool = False, at: datetime) -> None:
    """Follow a request, or keep it quiet. Idempotent."""
    standing = locked(actor=actor, request=request)
    require(can_file(actor))
    Watcher.objects.update_or_create(
        request=standing,
        person=actor,
        defaults={"is_muted": is_muted},
        create_defaults={"is_muted": is_muted, "at": at},
    )
    audit(actor=actor, verb="requests.watched", request=standing, after={"is_muted": is_muted}, at=at)
