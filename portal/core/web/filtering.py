"""The filters of a list's address."""

from __future__ import annotations

from typing import Any

from portal.core.errors import BadRequest


def ensure_valid(chosen: Any) -> None:
    """400 for a value that fits no filter of the page: nothing typed is passed over in silence."""
    if not chosen.is_valid():
        raise BadRequest("core.bad_filter", "One of these filters is none of this page. Start without filters.")
