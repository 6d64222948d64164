"""The conversation on a request (spec requests 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import DomainError
from portal.core.policies import require
from requests_queue.domain.states import State
from requests_queue.models import DataRequest, RequestMessage, Watcher
from requests_queue.policies import can_file, can_note
from requests_queue.services.mentioning import call_people
from requests_queue.services.messages import watch, write_message
from requests_queue.services.moving import audit, locked
from requests_queue.services.telling import tell_people, tell_watchers
from requests_queue.services.waiting import ASKED_NOTICE, await_answer
from requests_queue.services.working import resume_work

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person


@dataclass(frozen=True)
class Said:
    """A message, and the names of those who were called in it and cannot see the request."""

    message: RequestMessage
    unseen: tuple[str, ...] = ()


@transaction.atomic
def post_message(
    *, actor: Any, request: DataRequest, body: str, is_public: bool = True, asked_of: Person | None = None, at: datetime
) -> Said:
    """Say something. A reply of the requester who was asked resumes the work at its instant.

    `asked_of` puts it into that person's "Needs you"; the requester is asked by `ask_requester`, which pauses. Internal
    notes are the owning team's and stop no clock. Raises `NotVisible`, `NotAllowed`, `DomainError`.
    """
    standing = locked(actor=actor, request=request)
    require(can_file(actor))
    if not is_public:
        require(can_note(actor, standing, at))
    message = write_message(actor=actor, request=standing, body=body, is_public=is_public, at=at)
    watch(request=standing, person=actor, at=at)
    verb = "requests.replied" if is_public else "requests.noted"
    audit(actor=actor, verb=verb, request=standing, after={"message": message.pk}, at=at)
    if asked_of is not None:
        _ask(actor, standing, message, asked_of, at)
    if is_public:
        tell_watchers(actor=actor, request=standing, line=f"{actor.name} wrote", key=f"message:{message.pk}", at=at)
    unseen = call_people(actor=actor, request=standing, message=message, at=at)
    if is_public and standing.state == State.WAITING_ON_REQUESTER and standing.requester_id == actor.pk:
        resume_work(actor=actor, request=standing, at=at)
    return Said(message, tuple(unseen))


def _ask(actor: Any, request: DataRequest, message: RequestMessage, person: Person, at: datetime) -> None:
    """Somebody who may see the request is asked by name; it waits in their "Needs you"."""
    outside = request.is_private and not request.members.filter(person=person, removed_at=None).exists()
    if outside or not person.is_active or person.pk == actor.pk:
        raise DomainError("requests.unknown_person", f"{person.name} cannot be asked here.", "asked_of")
    message.asked_of = person
    message.save(update_fields=["asked_of"])
    watch(request=request, person=person, at=at)
    key = f"{ASKED_NOTICE}:{message.pk}"
    tell_people(
        request=request, people={person.pk}, kind=ASKED_NOTICE, key=key, line=f"{actor.name} asks you something", at=at
    )
    await_answer(message=message, at=at)


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
