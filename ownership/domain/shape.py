"""One central team or engineers inside other teams: the same few figures for both (spec ownership 8)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

HORIZON_DAYS = 60


@dataclass(frozen=True)
class Seat:
    """A person's main place: team and discipline."""

    person: int
    team: int
    discipline: str


@dataclass(frozen=True)
class HeldAsset:
    """An asset with its accountable party (a person, or minus a team) and what is known of its cover.

    `uncovered` are the days ahead on which neither that person nor a real backup is there.
    """

    party: int
    has_real_backup: bool
    uncovered: frozenset[date] = frozenset()
    crossings: int = 0


@dataclass(frozen=True)
class Shape:
    """The figures of one team."""

    people: int
    primaries: int
    backed: int
    islands: int
    uncovered_days: int
    crossings: int

    @property
    def primaries_a_person(self) -> float | None:
        return self.primaries / self.people if self.people else None

    @property
    def backed_share(self) -> float | None:
        return self.backed / self.primaries if self.primaries else None


def shape_of(team: int, seats: Collection[Seat], assets: Iterable[HeldAsset]) -> Shape:
    """A team's own assets and those of its members. An island is a member without a colleague of the discipline."""
    here = [seat for seat in seats if seat.team == team]
    parties = {seat.person for seat in here} | {-team}
    held = [asset for asset in assets if asset.party in parties]
    crafts = [seat.discipline for seat in here]
    return Shape(
        people=len(here),
        primaries=len(held),
        backed=sum(asset.has_real_backup for asset in held),
        islands=sum(crafts.count(seat.discipline) == 1 for seat in here),
        uncovered_days=len({day for asset in held for day in asset.uncovered}),
        crossings=sum(asset.crossings for asset in held),
    )


def embed(seats: Sequence[Seat], person: int, team: int) -> list[Seat]:
    """What if this person sat in that team: what they answer for goes with them, nothing is saved."""
    return [replace(seat, team=team) if seat.person == person else seat for seat in seats]
