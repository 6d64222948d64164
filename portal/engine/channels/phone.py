"""SMS and calls through any provider with an HTTP API: an address, a field map and a header, all by setting."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from portal.core.errors import DomainError
from portal.engine.channels.posting import JSON, post_json
from portal.engine.domain.messages import Message, Words, plain
from portal.engine.domain.outcomes import Outcome, Permanent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.engine.domain.drafts import NoticeFacts

E164 = re.compile(r"\+[1-9]\d{6,14}")
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Provider:
    """`fields` maps ours (to, text) to theirs; an entry such as `=From:+4930123` is sent as it stands."""

    url: str
    fields: Sequence[str]
    auth: str
    is_form: bool

    def body(self, to: str, text: str) -> bytes:
        """The body in the provider's own names."""
        given = {"to": to, "text": text}
        sent = {}
        for entry in self.fields:
            ours, _, theirs = entry.partition("=")
            if ours:
                sent[theirs] = given.get(ours, "")
            else:
                name, _, value = theirs.partition(":")
                sent[name] = value
        return urlencode(sent).encode() if self.is_form else json.dumps(sent, sort_keys=True).encode()


class PhoneChannel:
    """What SMS and calls share; neither knows an idempotency key for sure, so few repeats are risked."""

    slug = ""
    severities = frozenset({"page", "warn"})
    honours_key = False
    bundles = True
    is_local = False
    max_ambiguous = 1
    most_characters = 450

    def provider(self) -> Provider:
        """The provider of the settings; one without address is switched off."""
        raise NotImplementedError

    @property
    def is_ready(self) -> bool:
        """Whether the operator has set a provider."""
        return bool(self.provider().url)

    def validate(self, raw: str) -> str:
        number = re.sub(r"[\s().-]", "", raw)
        if not E164.fullmatch(number):
            raise DomainError("engine.bad_address", "A number with its country, such as +34 600 123 456.", "address")
        return number

    def host(self, address: str) -> str:
        del address
        return urlsplit(self.provider().url).netloc or self.slug

    def render(self, words: Sequence[Words], notice: NoticeFacts, *, address: str, key: str) -> Message:
        del notice, key
        first = words[0]
        more = f" and {len(words) - 1} more" if len(words) > 1 else ""
        link = first.acknowledge_url or first.url
        text = self.spoken(f"{_one_line(first.title)}{more}", _one_line(first.text), link)
        return Message(address, _one_line(first.title), text.encode())

    def spoken(self, title: str, text: str, link: str) -> str:
        """What is written or said, short enough to be paid for once or twice."""
        room = self.most_characters - len(link) - 1
        return f"{title}. {text}"[:room].rstrip() + f" {link}"

    def send(self, message: Message, *, key: str, stop_at: float) -> Outcome:
        provider = self.provider()
        if not provider.url:
            return Permanent(f"no provider is set for {self.slug}")
        headers = {"Authorization": provider.auth} if provider.auth else {}
        body = provider.body(message.address, message.body.decode())
        kind = FORM if provider.is_form else JSON
        return post_json(provider.url, body, headers, key=key, stop_at=stop_at, content_type=kind)


def _one_line(text: str) -> str:
    return " ".join(plain(text).split())


def provider_of(slug: str) -> Provider:
    """The provider of `sms` or `voice` from the settings."""
    env = settings.ENV
    if slug == "sms":
        return Provider(env.sms_url, env.sms_fields, env.sms_auth, env.sms_format == "form")
    return Provider(env.voice_url, env.voice_fields, env.voice_auth, env.voice_format == "form")
