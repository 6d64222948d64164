"""Push to a phone by ntfy or Gotify: a topic's address, or a Gotify address with its token. It wakes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from portal.core import egress
from portal.core.errors import DomainError
from portal.engine.channels.posting import post_json
from portal.engine.domain.messages import Message, Words, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.engine.domain.drafts import NoticeFacts
    from portal.engine.domain.outcomes import Outcome

GOTIFY_PATH = "/message"
MAX_TITLE, MAX_TEXT = 200, 3000
# ntfy counts 1 to 5, Gotify 0 to 10; only what is urgent rings through a silent phone.
PRIORITIES = {"page": (5, 10), "warn": (4, 7)}
CALM = (3, 4)


class PushChannel:
    """`https://ntfy.example.com/my-topic`, or `https://gotify.example.com/message?token=A1b2`."""

    slug = "push"
    severities = frozenset({"page", "warn", "info"})
    honours_key = False
    bundles = True
    is_local = False
    max_ambiguous = 2

    def validate(self, raw: str) -> str:
        address = raw.strip()
        egress.check_url(address)
        parts = urlsplit(address)
        is_gotify = parts.path.endswith(GOTIFY_PATH)
        if is_gotify and not parse_qs(parts.query).get("token"):
            raise DomainError("engine.bad_address", "A Gotify address ends in /message?token=…", "address")
        if not is_gotify and (not parts.path.strip("/") or parts.query):
            raise DomainError("engine.bad_address", "An ntfy address is its server and topic.", "address")
        return address

    def host(self, address: str) -> str:
        return urlsplit(address).netloc

    def render(self, words: Sequence[Words], notice: NoticeFacts, *, address: str, key: str) -> Message:
        first = words[0]
        more = f" and {len(words) - 1} more" if len(words) > 1 else ""
        title = plain(first.title)[:MAX_TITLE] + more
        text = "\n".join(plain(each.text) for each in words)[:MAX_TEXT] or title
        ntfy, gotify = PRIORITIES.get(notice.severity, CALM)
        link = first.acknowledge_url or first.url
        if urlsplit(address).path.endswith(GOTIFY_PATH):
            click = {"client::notification": {"click": {"url": link}}}
            body = {"title": title, "message": f"{text}\n{link}", "priority": gotify, "extras": click}
        else:
            topic = urlsplit(address).path.rstrip("/").rpartition("/")[2]
            body = {"topic": topic, "title": title, "message": text, "priority": ntfy, "click": link,
                    "tags": [key[:8]]}  # fmt: skip
        return Message(address, title, json.dumps(body, sort_keys=True).encode())

    def send(self, message: Message, *, key: str, stop_at: float) -> Outcome:
        parts = urlsplit(message.address)
        if parts.path.endswith(GOTIFY_PATH):
            token = parse_qs(parts.query)["token"][0]
            url = f"{parts.scheme}://{parts.netloc}{parts.path}"
            return post_json(url, message.body, {"X-Gotify-Key": token}, key=key, stop_at=stop_at)
        server = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/').rpartition('/')[0]}/"
        return post_json(server, message.body, {}, key=key, stop_at=stop_at)
