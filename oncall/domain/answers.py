"""The answer to "who is on call": plain values that page, palette, API, iCal and alerts share (spec oncall 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from oncall.domain.words import DutyRole, Source

COVERED, NOT_COVERED = "covered", "not_covered"


@dataclass(frozen=True)
class Held:
    """Who holds one slot of a rota; `person_id` None is a gap. `reachable`: has a verified way that wakes."""

    role: DutyRole
    slot: int
    person_id: int | None
    name: str
    handle: str
    since: datetime
    until: datetime
    source: Source
    reason_code: str = ""
    provisional: bool = False
    reachable: bool = True


@dataclass(frozen=True)
class Fallback:
    """Who comes after the holders: kind cascade, lead or organization."""

    kind: str
    person_id: int
    name: str
    handle: str


@dataclass(frozen=True)
class OnCallAnswer:
    """Who answers for a rota at an instant. Without coverage `entries` is empty; `next_change_at` says until when."""

    at: datetime
    rota_id: int
    coverage: str
    entries: Sequence[Held] = ()
    fallbacks: Sequence[Fallback] = ()
    next_change_at: datetime | None = None

    @property
    def is_covered(self) -> bool:
        return self.coverage == COVERED

    def holder(self, role: DutyRole | str, slot: int = 0) -> Held | None:
        """Who holds the slot; None when the rota has no such slot or nobody holds it."""
        found = (held for held in self.entries if held.role == role and held.slot == slot)
        held = next(found, None)
        return held if held is not None and held.person_id is not None else None


@dataclass(frozen=True)
class Responder:
    """Who answers for an asset: its rota's answer, or a team's working hours and lead when no rota is there.

    `basis` is asset (its own routing), team, ancestor, hours or nobody.
    """

    at: datetime
    asset_id: int
    basis: str
    team_id: int | None = None
    rota_id: int | None = None
    answer: OnCallAnswer | None = None
    fallbacks: Sequence[Fallback] = ()
    working_from: datetime | None = None
