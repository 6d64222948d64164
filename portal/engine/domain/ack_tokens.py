"""The token of an acknowledge link: nothing is stored, and every retry carries the same one (spec engine 6)."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Sequence

MAC_BYTES = 16
UUID_BYTES = 16


def make_token(delivery_id: UUID, key: bytes) -> str:
    """base64url(delivery id + first 16 bytes of HMAC-SHA256(key, "ack" + delivery id))."""
    return base64.urlsafe_b64encode(delivery_id.bytes + _mac(delivery_id, key)).rstrip(b"=").decode()


def read_token(token: str, keys: Sequence[bytes]) -> UUID | None:
    """The delivery a token was made for under any of the keys, or None; compares in constant time."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != UUID_BYTES + MAC_BYTES:
        return None
    delivery_id = UUID(bytes=raw[:UUID_BYTES])
    matches = [hmac.compare_digest(raw[UUID_BYTES:], _mac(delivery_id, key)) for key in keys]
    return delivery_id if any(matches) else None


def _mac(delivery_id: UUID, key: bytes) -> bytes:
    return hmac.digest(key, b"ack" + delivery_id.bytes, "sha256")[:MAC_BYTES]
