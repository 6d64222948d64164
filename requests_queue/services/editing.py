"""Words that were meant otherwise: one's own message, for fifteen minutes, with what it said kept (spec requests 7)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import Conflict, NotAllowed
from requests_queue.domain.texts import checked_text
from requests_queue.models import MessageRevision, RequestMessage
from requests_queue.services.mentioning import call_people
from requests_queue.services.moving import audit, locked

if TYPE_CHECKING:
    from datetime import datetime

EDIT_WITHIN = timedelta(minutes=15)


@transaction.atomic
def edit_message(*, actor: Any, message: RequestMessage, body: str, at: datetime) -> RequestMessage:
    """Say it otherwise; what it said is kept as a revision. The promises stand as they were: a reply was a reply.

    Locks request and message. Raises `NotAllowed` for another's message, `Conflict` for a letter, after fifteen
    minutes or when it was deleted, `DomainError` for the text. The same words change nothing.
    """
    standing = _held(actor, message)
    if at - standing.created_at > EDIT_WITHIN:
        raise Conflict("requests.edit_too_late", "A message can be edited for 15 minutes. Write another one.")
    text = checked_text(body, "body", required=True)
    if text == standing.body:
        return standing
    _keep(standing, actor, at)
    standing.body, standing.edited_at = text, at
    standing.save(update_fields=["body", "edited_at"])
    _audit(actor, "requests.message_edited", standing, at)
    call_people(actor=actor, request=standing.request, message=standing, at=at)
    return standing


@transaction.atomic
def delete_message(*, actor: Any, message: RequestMessage, at: datetime) -> RequestMessage:
    """Take it back at any time: a stone stays in its place, what it said is kept as a revision. Idempotent.

    Raises `NotAllowed` for another's message.
    """
    standing = _held(actor, message, may_be_gone=True)
    if standing.deleted_at is not None:
        return standing
    _keep(standing, actor, at)
    standing.body, standing.deleted_at = "", at
    standing.save(update_fields=["body", "deleted_at"])
    _audit(actor, "requests.message_deleted", standing, at)
    return standing


def _held(actor: Any, message: RequestMessage, *, may_be_gone: bool = False) -> RequestMessage:
    locked(actor=actor, request=message.request)
    rows = RequestMessage.objects.select_for_update(of=("self",)).select_related("request", "request__team")
    standing = rows.get(pk=message.pk)
    if standing.author_id is None or standing.author_id != actor.pk:
        raise NotAllowed("requests.not_author", "Only who wrote a message edits or deletes it.")
    if standing.deleted_at is not None and not may_be_gone:
        raise Conflict("requests.message_gone", "This message was deleted.")
    if standing.body and standing.request.letters.filter(body=standing.body).exists():
        raise Conflict("requests.letter_stands", "A decision letter stands as it was sent. Write another message.")
    return standing


def _keep(message: RequestMessage, actor: Any, at: datetime) -> None:
    n = message.revisions.count() + 1
    MessageRevision.objects.create(message=message, n=n, body=message.body, by=actor, at=at)


def _audit(actor: Any, verb: str, message: RequestMessage, at: datetime) -> None:
    audit(actor=actor, verb=verb, request=message.request, after={"message": message.pk}, at=at)
