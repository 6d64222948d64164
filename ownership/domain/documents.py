"""When a page about an asset wants to be read again, as its front matter says (spec additions, "documents")."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "markdown"


def review_day(attrs: Mapping[str, Any]) -> date | None:
    """The day of `review_on`; None where the page names none, or nothing that is a day."""
    told = attrs.get(KEY)
    try:
        return date.fromisoformat(str(told.get("review_on", ""))) if isinstance(told, dict) else None
    except ValueError:
        return None
