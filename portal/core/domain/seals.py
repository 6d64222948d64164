"""Sealing rows that are never rewritten: each seal stands on the one before, so that no past day changes alone.

A seal keeps eight bytes a row beside the day's digest: the digest proves a change, the eight bytes name the row.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FIRST = "0" * 64
MARK = struct.Struct(">q8s")


@dataclass
class Sealing:
    """Takes the rows of a day in id order; `sha256` and `marks` are what the seal keeps."""

    previous: str
    rows: int = 0
    last_id: int = 0
    _marks: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._digest = hashlib.sha256(bytes.fromhex(self.previous))

    def take(self, row_id: int, digest: bytes) -> None:
        """`digest` is the SHA-256 of the row's own content."""
        self._digest.update(struct.pack(">q", row_id) + digest)
        self._marks.append(MARK.pack(row_id, digest[:8]))
        self.rows, self.last_id = self.rows + 1, row_id

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    @property
    def marks(self) -> bytes:
        return b"".join(self._marks)


def first_difference(sealed: bytes, found: bytes) -> tuple[int, str] | None:
    """The first row that differs between two `marks`, and how: changed, missing or added; None when they agree."""
    ours, theirs = _marks(sealed), _marks(found)
    while True:
        was, now = next(ours, None), next(theirs, None)
        if was == now:
            if was is None:
                return None
            continue
        if was is None or (now is not None and now[0] < was[0]):
            return (now or (0, b""))[0], "added"
        if now is None or was[0] < now[0]:
            return was[0], "missing"
        return was[0], "changed"


def sealed(previous: str, rows: Iterable[tuple[int, bytes]]) -> Sealing:
    """The seal of these rows (id, digest) after the seal `previous`."""
    sealing = Sealing(previous)
    for row_id, digest in rows:
        sealing.take(row_id, digest)
    return sealing


def _marks(packed: bytes) -> Iterator[tuple[int, bytes]]:
    return ((row_id, mark) for row_id, mark in MARK.iter_unpack(packed))
