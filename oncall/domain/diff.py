"""What a change of the rules would move: whose shift, when, and who must say yes (spec oncall 5)."""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from oncall.domain.rules import rules_sha256

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Piece:
    """One person's stretch of a slot; `person` "" is nobody."""

    role: str
    slot: int
    person: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Moved:
    """A stretch that goes from one person to another; "" is nobody."""

    role: str
    slot: int
    start: datetime
    end: datetime
    before: str
    after: str


@dataclass(frozen=True)
class Diff:
    """`consent` are those whose shift before `near`, the end of the notice, changes; `sha256` marks this list."""

    moved: tuple[Moved, ...]
    consent: tuple[str, ...]
    warnings: tuple[str, ...]
    sha256: str
    near: datetime

    @property
    def people(self) -> list[str]:
        """Everybody whose shifts change, by handle."""
        return sorted({person for row in self.moved for person in (row.before, row.after) if person})


def compare(
    before: Iterable[Piece], after: Iterable[Piece], *, at: datetime, notice_days: int, warnings: Sequence[str] = ()
) -> Diff:
    """The stretches whose holder differs. Consent is asked of both sides of a move that starts within the notice."""
    old, new = _by_slot(before), _by_slot(after)
    moved = [
        row for slot in sorted(old.keys() | new.keys()) for row in _moves(slot, old.get(slot, []), new.get(slot, []))
    ]
    moved.sort(key=lambda row: (row.start, row.role, row.slot))
    near = at + timedelta(days=notice_days)
    consent = sorted({person for row in moved if row.start < near for person in (row.before, row.after) if person})
    facts = [asdict(row) for row in moved]
    return Diff(tuple(moved), tuple(consent), tuple(warnings), rules_sha256([facts, consent, list(warnings)]), near)


def _by_slot(pieces: Iterable[Piece]) -> dict[tuple[str, int], list[Piece]]:
    found: dict[tuple[str, int], list[Piece]] = {}
    for piece in sorted(pieces, key=lambda piece: piece.start):
        found.setdefault((piece.role, piece.slot), []).append(piece)
    return found


def _moves(slot: tuple[str, int], old: list[Piece], new: list[Piece]) -> list[Moved]:
    edges = sorted({edge for piece in [*old, *new] for edge in (piece.start, piece.end)})
    rows: list[Moved] = []
    for start, end in itertools.pairwise(edges):
        before, after = _holder(old, start), _holder(new, start)
        if before == after:
            continue
        last = rows[-1] if rows else None
        if last is not None and (last.end, last.before, last.after) == (start, before, after):
            rows[-1] = Moved(*slot, last.start, end, before, after)
        else:
            rows.append(Moved(*slot, start, end, before, after))
    return rows


def _holder(pieces: list[Piece], at: datetime) -> str:
    return next((piece.person for piece in pieces if piece.start <= at < piece.end), "")
