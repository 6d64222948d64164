"""A call to another program: the body is what the room wrote, signed like any webhook, with a header it asks for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from portal.engine.channels.webhook import MAX_BODY, WebhookChannel
from portal.engine.domain.messages import Message, Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.engine.domain.drafts import NoticeFacts


def call_address(url: str, secrets: Sequence[str], authorization: str) -> str:
    """As `webhook_address`, and the value of the header Authorization ("" for none)."""
    return json.dumps({"url": url, "secrets": list(secrets), "authorization": authorization}, sort_keys=True)


class CallChannel(WebhookChannel):
    slug = "call"

    def render(self, words: Sequence[Words], notice: NoticeFacts, *, address: str, key: str) -> Message:
        """The context's `body` as it is; without one, what a webhook would say."""
        body: Any = notice.context.get("body")
        if not isinstance(body, dict):
            return super().render(words, notice, address=address, key=key)
        return Message(address, words[0].title, json.dumps(body, sort_keys=True).encode()[:MAX_BODY])

    def more_headers(self, address: str) -> dict[str, str]:
        value = json.loads(address).get("authorization", "") if address.startswith("{") else ""
        return {"Authorization": value} if value else {}
