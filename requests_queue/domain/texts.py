"""What people type, made safe to store: lengths, and characters that hide or reorder text (spec requests 17)."""

from __future__ import annotations

import re

from portal.core.errors import DomainError, TooLarge

MOST_BYTES = 64 * 1024
MOST_TITLE = 200
# Control characters but tab and line breaks, and the marks that turn the direction of text.
HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069]")


def checked_line(text: str, field: str, *, most: int = MOST_TITLE) -> str:
    """One line that says something, at most `most` characters; raises `DomainError` naming the field."""
    line = " ".join(checked_text(text, field).split())
    if not line:
        raise DomainError("requests.empty", "Write at least a few words here.", field)
    if len(line) > most:
        raise DomainError("requests.too_long", f"At most {most} characters; this has {len(line)}.", field)
    return line


def checked_text(text: str, field: str, *, required: bool = False) -> str:
    """Text of at most 64 KB without hidden characters; raises `TooLarge` or `DomainError` naming the field."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        raise TooLarge("requests.too_long", f"At most 64 KB fit here; this has {size // 1024} KB.", field)
    if HIDDEN.search(text) or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise DomainError(
            "requests.hidden_characters", "This holds control or direction characters. Remove them.", field
        )
    plain = text.replace("\r\n", "\n").strip()
    if required and not plain:
        raise DomainError("requests.empty", "Write at least a sentence here.", field)
    return plain
