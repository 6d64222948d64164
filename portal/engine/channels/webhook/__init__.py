"""Standard Webhooks: `webhook-id` is the delivery's id in every retry, so that a receiver can drop a repeat."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portal.core import egress
from portal.core.domain.signatures import sign
from portal.core.errors import DomainError
from portal.engine.domain.messages import Message, Words
from portal.engine.domain.outcomes import Ambiguous, Outcome, Permanent, Sent, Temporary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.engine.domain.drafts import NoticeFacts

AGAIN = frozenset({408, 425, 429})
MAX_BODY = 20_000
MAX_TEXT = 4_000


def webhook_address(url: str, secrets: Sequence[str]) -> str:
    """What a delivery to an endpoint carries: the URL and one signing secret, or two while it is being rotated."""
    return json.dumps({"url": url, "secrets": list(secrets)}, sort_keys=True)


def read_address(address: str) -> tuple[str, list[str]]:
    """(url, secrets); a bare URL has no secrets and is not signed."""
    if not address.startswith("{"):
        return address, []
    facts = json.loads(address)
    return facts["url"], facts["secrets"]


def outcome_of(status: int, headers: dict[str, str]) -> Outcome:
    """2xx took it; 3xx and other refusals are final, 410 closes the endpoint; 408, 425, 429 and 5xx: try again."""
    success, redirect, server_fault, gone = 200, 300, 500, 410
    if success <= status < redirect:
        return Sent(headers.get("webhook-id", ""), status)
    if status in AGAIN or status >= server_fault:
        wait = headers.get("retry-after", "")
        return Temporary(f"HTTP {status}", float(wait) if wait.isdecimal() else None, status)
    return Permanent(f"HTTP {status}", status, disable=status == gone)


class WebhookChannel:
    slug = "webhook"
    severities = frozenset({"page", "warn", "info", "digest"})
    honours_key = True
    bundles = False
    is_local = False
    max_ambiguous = 12
    own_url = ""

    def validate(self, raw: str) -> str:
        egress.check_url(read_address(raw)[0], exact=self.own_url)
        return raw

    def host(self, address: str) -> str:
        return urlsplit(read_address(address)[0]).netloc

    def render(self, words: Sequence[Words], notice: NoticeFacts, *, address: str, key: str) -> Message:
        first = words[0]
        if "event" in notice.context:  # a subscriber reads the event, not our sentence about it
            return Message(address, first.title, json.dumps(notice.context["event"], sort_keys=True).encode())
        body = {
            "type": notice.kind, "id": key, "dedup_key": notice.dedup_key, "severity": notice.severity,
            "title": first.title, "text": first.text[:MAX_TEXT], "url": first.url,
            "acknowledge_url": first.acknowledge_url, "created_at": notice.created_at.isoformat(),
        }  # fmt: skip
        return Message(address, first.title, json.dumps(body, sort_keys=True).encode()[:MAX_BODY])

    def more_headers(self, address: str) -> dict[str, str]:
        """What a channel built on this one adds."""
        del address
        return {}

    def send(self, message: Message, *, key: str, stop_at: float) -> Outcome:
        url, secrets = read_address(message.address)
        stamp = int(time.time())
        headers = {
            "Content-Type": "application/json", "webhook-id": key, "webhook-timestamp": str(stamp),
            "webhook-signature": " ".join(sign(secret, key, stamp, message.body) for secret in secrets),
            **self.more_headers(message.address),
        }  # fmt: skip
        try:
            answer = egress.post(url, body=message.body, headers=headers, stop_at=stop_at, exact=self.own_url)
        except DomainError as error:
            return Permanent(error.message)
        except egress.AnswerLost as error:
            return Ambiguous(str(error))
        except egress.EgressError as error:
            return Temporary(str(error))
        return outcome_of(answer.status, dict(answer.headers))
