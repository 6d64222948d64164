"""A file of JSON lines: what would have left the house, for development and tests."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from django.conf import settings

from portal.engine.domain.messages import Message, Words
from portal.engine.domain.outcomes import Outcome, Permanent, Sent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.engine.domain.drafts import NoticeFacts


class FileChannel:
    """Counts as page-class in development; off where `HEADWATER_FILE_CHANNEL` is empty."""

    slug = "file"
    severities = frozenset({"page", "warn", "info", "digest"})
    honours_key = False
    bundles = False
    is_local = True
    max_ambiguous = 12

    def validate(self, raw: str) -> str:
        return raw.strip()

    def host(self, address: str) -> str:
        del address
        return self.slug

    def render(self, words: Sequence[Words], notice: NoticeFacts, *, address: str, key: str) -> Message:
        line = {
            "key": key, "to": address, "severity": notice.severity, "kind": notice.kind, "title": words[0].title,
            "text": words[0].text, "url": words[0].url, "acknowledge_url": words[0].acknowledge_url,
            "dedup_key": notice.dedup_key,
        }  # fmt: skip
        return Message(address, words[0].title, (json.dumps(line, sort_keys=True) + "\n").encode())

    def send(self, message: Message, *, key: str, stop_at: float) -> Outcome:
        del stop_at
        if not settings.ENV.file_channel:
            return Permanent("the file channel is off")
        handle = os.open(settings.ENV.file_channel, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, message.body)
        finally:
            os.close(handle)
        return Sent(key)
