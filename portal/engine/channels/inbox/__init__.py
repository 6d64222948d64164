"""The inbox: the notice itself is the message, and its delivery has arrived when it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.engine.domain.messages import Message, Words
from portal.engine.domain.outcomes import Outcome, Sent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.engine.domain.drafts import NoticeFacts


class InboxChannel:
    slug = "inbox"
    severities = frozenset({"page", "warn", "info", "digest"})
    honours_key = True
    bundles = False
    is_local = True
    max_ambiguous = 3

    def validate(self, raw: str) -> str:
        return raw

    def host(self, address: str) -> str:
        del address
        return self.slug

    def render(self, words: Sequence[Words], notice: NoticeFacts, *, address: str, key: str) -> Message:
        del notice, key
        return Message(address, words[0].title, words[0].text.encode())

    def send(self, message: Message, *, key: str, stop_at: float) -> Outcome:
        del message, stop_at
        return Sent(key)
