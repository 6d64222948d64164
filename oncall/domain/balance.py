"""Balances: what was served against one's share, exact, summing to nothing (spec oncall 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from oncall.domain.words import DutyRole, LedgerKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

LONG_ABSENCE_DAYS = 15
NIGHT_PAGE, WOKEN, NIGHT_CAP = 250, 500, 1000
COMP_DAY_DUE = timedelta(days=90)
ROLLING = timedelta(days=365)
# An opening and an adjustment come with their counterpart; everything else is work that others did not do.
SHARED = frozenset({LedgerKind.SHIFT, LedgerKind.NIGHT_PAGE, LedgerKind.WOKEN})


@dataclass(frozen=True, slots=True)
class Credit:
    """One line of the ledger."""

    person: int
    role: str
    day: date
    kind: str
    milli: int


@dataclass(frozen=True, slots=True)
class Place:
    """A member's days [first, past the last), weight in hundredths, and days they owe nothing: long absences."""

    person: int
    first: date
    past: date | None = None
    weight: int = 100
    spared: tuple[tuple[date, date], ...] = ()

    def counts_on(self, day: date) -> bool:
        """Whether the member owes a share of what is served that day."""
        if day < self.first or (self.past is not None and day >= self.past):
            return False
        return not any(first <= day < past for first, past in self.spared)


def long_absences(spans: Iterable[tuple[date, date]]) -> tuple[tuple[date, date], ...]:
    """Absences [first, past the last) of at least 15 consecutive days; neighbours count as one."""
    merged: list[tuple[date, date]] = []
    for first, past in sorted(spans):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], past))
        else:
            merged.append((first, past))
    return tuple((first, past) for first, past in merged if (past - first).days >= LONG_ABSENCE_DAYS)


def balances(
    credits_: Iterable[Credit], places: Collection[Place], factors: Mapping[str, Fraction] | None = None
) -> dict[int, Fraction]:
    """Opening + credit - share in thousandths for every member, and for whoever else served.

    Each credit times the factor of its role is divided among the members who count that day, by weight; with nobody
    left it stays with the one who served and is owed by nobody, so the sum is always that of openings and adjustments.
    """
    factors = factors if factors is not None else {DutyRole.PRIMARY: Fraction(1)}
    totals: dict[int, Fraction] = {place.person: Fraction(0) for place in places}
    owed: dict[date, Fraction] = {}
    for credit in credits_:
        factor = factors.get(credit.role, Fraction(0)) if credit.role else Fraction(1)
        milli = credit.milli * factor
        totals[credit.person] = totals.get(credit.person, Fraction(0)) + milli
        if credit.kind in SHARED:
            owed[credit.day] = owed.get(credit.day, Fraction(0)) + milli
            if not any(place.counts_on(credit.day) for place in places):
                totals[credit.person] -= milli
                owed[credit.day] -= milli
    for day, milli in owed.items():
        _share(milli, [place for place in places if place.counts_on(day)], totals)
    return totals


def _share(milli: Fraction, present: list[Place], totals: dict[int, Fraction]) -> None:
    weights = sum(place.weight for place in present)
    for place in present:
        totals[place.person] -= milli * place.weight / weights


def points_text(milli: Fraction | int, *, signed: bool = False) -> str:
    """Thousandths as points with three digits, half away from zero: "+0.230"."""
    exact = Fraction(milli)
    whole = (abs(exact) * 2 + 1) // 2
    sign = "-" if exact < 0 and whole else "+" if signed and whole else ""
    return f"{sign}{whole // 1000}.{whole % 1000:03d}"
