"""Standard Webhooks signatures (github.com/standard-webhooks/standard-webhooks), in our own few lines."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PREFIX = "whsec_"
TOLERANCE_SECONDS = 300


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,<base64 of HMAC-SHA256 over id.timestamp.body>`; `secret` may carry the prefix whsec_."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def verify(secrets: Iterable[str], message_id: str, timestamp: str, signatures: str, body: bytes, now: float) -> bool:
    """Whether any signature of the space-separated list matches, and the time is within five minutes."""
    if not timestamp.isdecimal() or abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    given = [part.encode(errors="replace") for part in signatures.split()]
    try:
        wanted = [sign(secret, message_id, int(timestamp), body).encode() for secret in secrets]
    except (binascii.Error, ValueError, UnicodeEncodeError):
        return False
    return any([hmac.compare_digest(one, other) for one in given for other in wanted])  # noqa: C419 (no early exit)
