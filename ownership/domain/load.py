"""How much a person owns, when that is too much, and what would stop without them (spec ownership 8)."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from ownership.domain.kinds import kind_of
from ownership.domain.scores import LOWEST_TIER
from ownership.domain.states import PRIMARY
from ownership.domain.timelines import Span, without

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

POINTS = {1: 4.0, 2: 2.0, 3: 1.0, 4: 0.5}
BACKUP_SHARE = 0.25
TWICE, MUCH, MANY_BOXES = 2.0, 1.5, 3
LEAST_PEOPLE, ALONE_POINTS = 4, 60.0
HAVE_LESS = "holds at least twice what is usual"
THREE_BOXES = "one person holds three boxes"


@dataclass(frozen=True)
class Owned:
    """A technical row of one person: tier and kind of its asset, and the rank."""

    tier: int | None
    kind: int
    rank: int


@dataclass(frozen=True)
class Load:
    """`points` against the `usual` of the discipline; `reason` is "" where it is not too much."""

    points: float
    usual: float
    boxes: frozenset[str]
    reason: str

    @property
    def ratio(self) -> float:
        return self.points / self.usual if self.usual else 0.0


def points_of(rows: Iterable[Owned]) -> float:
    """Tier points, 4 / 2 / 1 / 0.5, whole for the primary and a quarter for a backup."""
    return sum(POINTS[row.tier or LOWEST_TIER] * (1 if row.rank == PRIMARY else BACKUP_SHARE) for row in rows)


def boxes_of(rows: Iterable[Owned]) -> frozenset[str]:
    """The boxes in which the person is primary."""
    return frozenset(kind_of(row.kind).box for row in rows if row.rank == PRIMARY)


def judge(rows: Sequence[Owned], others: Sequence[float]) -> Load:
    """Too much: twice the median of the discipline (of at least 4 people, else 60 points), or 1.5 times in 3 boxes.

    `others` are the points of all active people of the discipline, this one included.
    """
    points, boxes = points_of(rows), boxes_of(rows)
    usual = median(others) if len(others) >= LEAST_PEOPLE else ALONE_POINTS / TWICE
    reason = ""
    if usual and points >= TWICE * usual:
        reason = HAVE_LESS
    elif usual and points >= MUCH * usual and len(boxes) >= MANY_BOXES:
        reason = THREE_BOXES
    return Load(points, usual, boxes, reason)


def uncovered(away: Span, backups_away: Sequence[Sequence[Span]]) -> list[Span]:
    """When the primary is away and no real backup is there; each backup is the list of its own absences."""
    spans = [away]
    for absences in backups_away:
        spans = [
            (max(span[0], gone[0]), min(span[1], gone[1]))
            for span in spans
            for gone in absences
            if max(span[0], gone[0]) < min(span[1], gone[1])
        ]
    return without(away, without(away, spans)) if spans else []


def is_island(acts: Mapping[int, int], *, has_real_backup: bool) -> bool:
    """All that was done in 90 days was done by one person, and nobody could step in."""
    return len([party for party, count in acts.items() if count]) == 1 and not has_real_backup
