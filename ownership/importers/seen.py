"""Which texts came by before: eight bytes each, where a set of strings would hold two hundred."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

FIRST_SLOTS = 1024


class Seen:
    """Keeps the hash of each value, not the value, in a table that is at most half full.

    Python's hashes of texts are 64 bits wide and keyed anew in each process, so that no file can be written to make
    two of them alike; by chance it happens in one of some ten million files with a million names each.
    """

    def __init__(self) -> None:
        self._slots = array("q", bytes(8 * FIRST_SLOTS))
        self._count = 0

    def add(self, value: Hashable) -> bool:
        """Remember it; whether it was new."""
        mark = hash(value) or 1
        slot = self._slot_of(mark)
        if self._slots[slot]:
            return False
        self._slots[slot] = mark
        self._count += 1
        if 2 * self._count > len(self._slots):
            self._grow()
        return True

    def __contains__(self, value: Hashable) -> bool:
        return bool(self._slots[self._slot_of(hash(value) or 1)])

    def _slot_of(self, mark: int) -> int:
        """Where the mark stands, or the free slot where it belongs."""
        slots, last = self._slots, len(self._slots) - 1
        slot = mark & last
        while (held := slots[slot]) and held != mark:
            slot = (slot + 1) & last
        return slot

    def _grow(self) -> None:
        old, self._slots = self._slots, array("q", bytes(16 * len(self._slots)))
        for mark in old:
            if mark:
                self._slots[self._slot_of(mark)] = mark
