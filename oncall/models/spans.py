"""Ranges of instants as a pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


def ends(during: Any) -> tuple[datetime, datetime]:
    """Beginning and end of a bounded range of instants; every shift has both."""
    if during is None or during.lower is None or during.upper is None:
        message = "a shift has a beginning and an end"
        raise ValueError(message)
    return during.lower, during.upper
