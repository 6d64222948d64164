"""What a request asks of a team that is another's job (spec ownership 16)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ownership.domain.parties import Party


@dataclass(frozen=True)
class AssetRef:
    """An asset as a finding names it."""

    id: int
    slug: str
    name: str


@dataclass(frozen=True)
class BoundaryFinding:
    """One asset (None: the question itself) whose kind is not this team's work.

    `rule` is the id of the cell of the pattern; `expected_team` None reads "nobody named".
    """

    rule: int
    label: str
    remedy: str
    level: str
    asset: AssetRef | None
    expected_team: Party | None
    accountable: Party | None

    @property
    def sentence(self) -> str:
        """One line for a form: "web.click_events: too far upstream. Ask the emitting team to take it."."""
        name = f"{self.asset.name}: " if self.asset else ""
        label = self.label if name else self.label[:1].upper() + self.label[1:]
        return f"{name}{label}. {self.remedy}"
