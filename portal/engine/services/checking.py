"""Bounds of what rooms may hand to the engine; a refusal writes nothing (spec engine 14)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Mapping

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
PAYLOAD_BYTES = 8 * 1024
CONTEXT_BYTES = 16 * 1024


def checked_instant(instant: datetime, field: str) -> datetime:
    """Aware and between 2000 and 2100, or `DomainError`."""
    if instant.tzinfo is None or not EARLIEST <= instant <= LATEST:
        raise DomainError("engine.bad_instant", "The time needs a zone and lies between 2000 and 2100.", field)
    return instant


def checked_json(value: Mapping[str, Any], limit: int, field: str) -> dict[str, Any]:
    """A plain JSON object within `limit` bytes, without NUL and lone surrogates, or `DomainError`."""
    json_text(value, limit, field)
    return dict(value)


def json_text(value: Mapping[str, Any], limit: int, field: str) -> str:
    """What `checked_json` lets pass, as the text that is stored."""
    try:
        text = ENCODER.encode(value)
        size = len(text.encode())
    except (TypeError, ValueError) as error:
        raise DomainError("engine.bad_json", f"This is not plain JSON: {error}", field) from error
    if size > limit:
        raise DomainError("engine.too_large", f"At most {limit} bytes fit here; this has {size}.", field)
    if "\\u0000" in text:
        raise DomainError("engine.bad_json", "NUL characters are not stored.", field)
    return text
