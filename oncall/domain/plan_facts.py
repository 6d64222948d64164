"""What a planner knows, and what it writes (spec oncall 4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from oncall.domain.rotation import Block  # noqa: TC001 (as above)

if TYPE_CHECKING:
    from collections.abc import Sequence

FULL_WEIGHT = 100


@dataclass(frozen=True)
class Member:
    """Somebody who can be planned; `opening` in thousandths, `weight` in hundredths, `free_dows` are opt-out weekdays.

    `active` is [first, past the last) in local days of the rota; `absent` holds the spans nobody may plan over.
    """

    handle: str
    zone: str
    holidays: frozenset[date] = frozenset()
    absent: tuple[tuple[datetime, datetime], ...] = ()
    opening: int = 0
    weight: int = FULL_WEIGHT
    active: tuple[date, date | None] = (date(1970, 1, 1), None)
    free_dows: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Major:
    """Dates of the rota's zone, both included, and who held them the year before."""

    name: str
    first: date
    last: date
    last_held_by: str = ""


@dataclass(frozen=True)
class Rules:
    """What fairness asks for; a rule switched off costs nothing, which is how `explain_target` prices it."""

    tolerance_percent: int = 10
    major_cap: int = 2
    use_majors: bool = True
    use_absences: bool = True
    use_rest: bool = True
    use_holidays: bool = True
    factor_quarters: int = 1  # a secondary's points in quarters of a primary's


@dataclass(frozen=True)
class Problem:
    """One role's planning: blocks in order, members by handle, who held the last block before, what is fixed."""

    zone: str
    blocks: Sequence[Block]
    members: Sequence[Member]
    majors: Sequence[Major] = ()
    protected: frozenset[tuple[str, datetime]] = frozenset()
    fixed: dict[int, str] = field(default_factory=dict)
    before: str = ""
    before_weekend: str = ""
    rules: Rules = Rules()


@dataclass(frozen=True)
class Chosen:
    """Who holds a block and why: the candidates with their keys, and the first component that decided."""

    holder: str | None
    why: dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """The holders in block order with the cost vector and how it was found."""

    holders: tuple[str | None, ...]
    cost: tuple[int, ...]
    moves: int
    sweeps: int
    why: tuple[dict[str, Any], ...] = ()
