"""What a swap of shifts can be."""

from __future__ import annotations

SWAP_STATES = [
    ("proposed", "Offered"), ("active", "Agreed"), ("withdrawn", "Taken back or refused"), ("superseded", "Replaced"),
]  # fmt: skip
SWAP_WORDS = dict(SWAP_STATES)
