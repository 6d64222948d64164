"""A notice in words, with the links a message carries."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from portal.core.secrets import derived_key
from portal.engine.domain.ack_tokens import make_token, read_token
from portal.engine.domain.messages import Words, fill
from portal.engine.queries.facts import facts_of
from portal.engine.registries import channels, notice_kinds

if TYPE_CHECKING:
    from uuid import UUID

    from portal.engine.domain.drafts import NoticeFacts
    from portal.engine.domain.messages import Message
    from portal.engine.models import Delivery
    from portal.engine.services.claiming import Claim


@lru_cache(maxsize=1)
def ack_keys() -> tuple[bytes, ...]:
    """Keys of acknowledge links, newest first."""
    return tuple(key.encode() for key in settings.ENV.ack_keys) or (derived_key("ack"),)


def delivery_of_token(token: str) -> UUID | None:
    """The delivery an acknowledge link was made for, or None for any other text."""
    return read_token(token, ack_keys())


def acknowledge_url(delivery_id: UUID) -> str:
    """The signed link of a message; the same in every retry."""
    return f"{settings.BASE_URL}/a/{make_token(delivery_id, ack_keys()[0])}"


def words_of(notice: NoticeFacts, delivery: Delivery | None = None) -> Words:
    """Title and text of a notice; a private one gives its number and asks for sign-in."""
    kind = notice_kinds.get(notice.kind)
    title, text = (kind.title, kind.text) if kind else (notice.kind, "")
    if notice.is_private:
        title, text = "Private request {number}", "Sign in to read it."
    path = str(notice.context.get("url", "")) or f"/inbox/#{notice.id}"
    link = acknowledge_url(delivery.pk) if delivery is not None and notice.is_acknowledgeable else ""
    return Words(fill(title, notice.context), fill(text, notice.context), f"{settings.BASE_URL}{path}", link)


def message_of(claim: Claim) -> Message:
    """The message of one send; the same bytes in every retry of the same rows."""
    first = claim.first
    channel = channels.get(first.channel)
    if channel is None:
        message = f"no channel {first.channel}"
        raise LookupError(message)
    rows = [(facts_of(row.notice), row) for row in claim.deliveries]
    words = [words_of(facts, row) for facts, row in rows]
    return channel.render(words, rows[0][0], address=first.address, key=str(claim.key))
