"""A ticket as text for somebody else's tracker, and the token of its page for somebody without an account."""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

MAC_BYTES = 16
ID_BYTES = 8


def make_token(ticket_id: int, key: bytes) -> str:
    """base64url(id + first 16 bytes of HMAC-SHA256(key, "ticket" + id)); nothing is stored."""
    raw = ticket_id.to_bytes(ID_BYTES, "big")
    return base64.urlsafe_b64encode(raw + _mac(raw, key)).rstrip(b"=").decode()


def read_token(token: str, key: bytes) -> int | None:
    """The ticket a token was made for, or None; compares in constant time."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return None
    if len(raw) != ID_BYTES + MAC_BYTES or not hmac.compare_digest(raw[ID_BYTES:], _mac(raw[:ID_BYTES], key)):
        return None
    return int.from_bytes(raw[:ID_BYTES], "big")


def as_markdown(
    *, number: str, title: str, url: str, dues: tuple[datetime, datetime], evidence: Mapping[str, object]
) -> str:
    """What is pasted into Jira or GitHub: the matter, both dates, the evidence, the way back."""
    unblock, fix = dues
    lines = [
        f"### {title}", "", f"Headwater {number}: {url}", "",
        f"- Unblock us by {unblock:%Y-%m-%d %H:%M} UTC", f"- Fix it for good by {fix:%Y-%m-%d %H:%M} UTC", "",
    ]  # fmt: skip
    facts = [f"- {name.replace('_', ' ')}: {_plain(value)}" for name, value in evidence.items() if value]
    return "\n".join([*lines, *(["**Evidence**", "", *facts] if facts else [])])


def _plain(value: object) -> str:
    text = ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)
    return " ".join(text.split())


def _mac(raw: bytes, key: bytes) -> bytes:
    return hmac.digest(key, b"ticket" + raw, "sha256")[:MAC_BYTES]
