"""Days and instants in the query of the API."""

from __future__ import annotations

from datetime import UTC, date, datetime

from portal.core.errors import BadRequest
from portal.core.instants import OUT_OF_RANGE, as_utc


def day_of(given: str) -> date:
    """A day such as 2026-03-12; raises `BadRequest`."""
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise BadRequest("core.bad_filter", "at is a day or an instant, such as 2026-03-12.", "at") from None


def instant_of(given: str) -> datetime:
    """An instant; without a zone it is UTC, and a plus sign that became a space is one again."""
    try:
        found = datetime.fromisoformat(given.replace(" ", "+"))
    except ValueError:
        raise BadRequest("core.bad_filter", "at is a day or an instant with its zone.", "at") from None
    utc = as_utc(found.replace(tzinfo=found.tzinfo or UTC))
    if utc is None:
        raise BadRequest("core.bad_filter", OUT_OF_RANGE, "at")
    return utc
