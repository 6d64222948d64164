"""Who holds an asset: plain values that pages, API and other rooms share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ownership.domain.states import PRIMARY, Duty

if TYPE_CHECKING:
    from datetime import datetime

# The class of the colour and the word for each discipline.
CRAFTS = {
    "SE": ("se", "SE"),
    "DE": ("de", "DE"),
    "AE": ("ae", "AE"),
    "DA": ("an", "Analyst"),
    "DS": ("an", "Scientist"),
}


@dataclass(frozen=True)
class Party:
    """One person or one team; `slug` is the handle of a person."""

    name: str
    slug: str
    discipline: str = ""
    person_id: int | None = None
    team_id: int | None = None

    @property
    def key(self) -> int:
        """As in the table: a person's id, or minus a team's."""
        return self.person_id if self.person_id is not None else -(self.team_id or 0)

    @property
    def craft(self) -> str:
        """The class of its colour, "" for no known craft."""
        return CRAFTS.get(self.discipline, ("", ""))[0]

    @property
    def craft_word(self) -> str:
        return CRAFTS.get(self.discipline, ("", ""))[1]


@dataclass(frozen=True)
class Holder:
    """One row of ownership as others need it."""

    id: int
    party: Party
    duty: int
    rank: int
    state: str
    origin: str
    since: datetime | None
    until: datetime | None = None
    is_confirmed: bool = True
    is_acting: bool = False
    source_name: str = ""

    @property
    def role(self) -> str:
        """The role as a word: "primary", "backup", "business owner", "steward"."""
        if self.duty == Duty.TECHNICAL:
            return "primary" if self.rank == PRIMARY else "backup"
        return "business owner" if self.duty == Duty.BUSINESS else "steward"


@dataclass(frozen=True)
class Owners:
    """The holders of one asset at one instant; `inherited` is its domain's default team when nobody holds it."""

    holders: tuple[Holder, ...] = ()
    inherited: Party | None = None

    @property
    def primary(self) -> Holder | None:
        """Who is accountable: rank 1, technical."""
        return next((held for held in self.holders if held.duty == Duty.TECHNICAL and held.rank == PRIMARY), None)

    @property
    def backups(self) -> tuple[Holder, ...]:
        return tuple(held for held in self.holders if held.duty == Duty.TECHNICAL and held.rank > PRIMARY)

    @property
    def others(self) -> tuple[Holder, ...]:
        """Business owners and stewards."""
        return tuple(held for held in self.holders if held.duty != Duty.TECHNICAL)

    @property
    def basis(self) -> str:
        """Declared, inferred or inherited; "" when nobody is known (spec ownership 19)."""
        if self.primary is not None:
            return "declared"
        return "inherited" if self.inherited else ""
