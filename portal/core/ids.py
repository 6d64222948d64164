"""Identifiers in the order of their making, so that a table's indexes grow at one end."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from datetime import datetime

VERSION, VARIANT = 7 << 76, 2 << 62
RANDOM = ~(0xFFFF << 76 | 3 << 62) & ((1 << 80) - 1)  # what is left to chance: 74 bits


def new_id(at: datetime) -> UUID:
    """A UUID of version 7 (RFC 9562): 48 bits of milliseconds, then chance."""
    milliseconds = int(at.timestamp() * 1000) & 0xFFFFFFFFFFFF
    return UUID(int=milliseconds << 80 | int.from_bytes(os.urandom(10), "big") & RANDOM | VERSION | VARIANT)
