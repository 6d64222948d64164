"""What no form and no field refuses and the database cannot read: its refusal in our words, for pages and API."""

from __future__ import annotations

from django.db import DataError

from portal.core.errors import BadRequest

NUL = "NUL (0x00)"  # what the database's driver says of a text that it cannot hold
DISPLACED = "22009"


def refusal_of(error: BaseException) -> BadRequest | None:
    """The refusal that this fault means; None for any other fault."""
    if isinstance(error, ValueError) and NUL in str(error):
        return BadRequest("core.unparsable", "A text holds a NUL character. Remove it and send it again.")
    if isinstance(error, DataError) and getattr(error.__cause__, "pgcode", "") == DISPLACED:
        return BadRequest("core.unparsable", "An instant is more than 15:59 hours from UTC, which no zone is.")
    return None
