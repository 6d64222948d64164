"""What each person of a rota has carried, with the arithmetic shown (spec oncall 4)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from oncall.domain.balance import Credit, balances
from oncall.domain.instants import local_date
from oncall.domain.points import HOLIDAY, WEEKEND, day_points
from oncall.domain.sleeping import full_nights
from oncall.domain.words import DutyRole, LedgerKind, Source
from oncall.queries.facts import holidays_of, majors_of, openings_at, version_at
from oncall.queries.resolving import facts_between
from oncall.queries.shifts import candidates_for, first_planned, places_of_rota

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from oncall.domain.effective import Effective
    from oncall.models import Rota
    from oncall.queries.people import DutyPerson
    from oncall.queries.resolving import Facts
    from oncall.queries.shifts import Candidate


@dataclass
class Carried:
    """One person over a window; points in thousandths."""

    person_id: int
    name: str
    handle: str
    workday: int = 0
    weekend: int = 0
    holiday: int = 0
    secondary: int = 0
    opening: int = 0
    balance: Fraction = Fraction(0)
    combined: Fraction = Fraction(0)
    nights: int = 0
    blocks: Counter[str] = field(default_factory=Counter)
    own_holidays: list[date] = field(default_factory=list)
    majors: list[str] = field(default_factory=list)
    quarters: Counter[tuple[int, int]] = field(default_factory=Counter)

    @property
    def primary(self) -> int:
        return self.workday + self.weekend + self.holiday


@dataclass(frozen=True)
class Gap:
    """Covered time without a firm holder, with who could take it."""

    role: str
    slot: int
    start: datetime
    end: datetime
    is_empty: bool
    away: str
    candidate: Candidate | None


def fairness(rota: Rota, start: datetime, end: datetime) -> list[Carried]:
    """Each person's primary and secondary points, own holidays, majors, full nights and balances, by handle.

    What was served counts as served, what is planned as planned. The balance is opening + primary - share; the
    combined one counts the other roles by their factors.
    """
    rows, people = facts_between(rota, start, end)
    openings = openings_at(rota, local_date(start, rota.zone))
    found = {pk: Carried(pk, p.name, p.handle, opening=openings.get(pk, 0)) for pk, p in people.items()}
    holidays = holidays_of(list(people))
    majors = majors_of(rota, start, end)
    for row in rows:
        if row.person is None or row.role == DutyRole.SHADOW:
            continue
        _count(found[row.person], row, people[row.person], holidays.get(row.person, frozenset()))
        if row.role == DutyRole.PRIMARY:
            days = {local_date(row.start, rota.zone), local_date(row.end - timedelta(seconds=1), rota.zone)}
            for major in majors:
                if min(days) <= major.last and major.first <= max(days) and major.name not in found[row.person].majors:
                    found[row.person].majors.append(major.name)
    _balance(rota, rows, people, found, holidays, end)
    return sorted((each for each in found.values() if each.blocks or each.secondary), key=lambda each: each.handle)


def _count(mine: Carried, row: Effective, person: DutyPerson, holidays: frozenset[date]) -> None:
    for day in day_points([(row.start, row.end)], person.zone, holidays):
        if row.role != DutyRole.PRIMARY:
            mine.secondary += day.milli
            continue
        mine.quarters[day.day.year, (day.day.month + 2) // 3] += day.milli
        if day.tenths == HOLIDAY:
            mine.holiday += day.milli
            if day.day not in mine.own_holidays:
                mine.own_holidays.append(day.day)
        elif day.tenths == WEEKEND:
            mine.weekend += day.milli
        else:
            mine.workday += day.milli
    if row.role == DutyRole.PRIMARY:
        mine.blocks[row.kind] += 1
        mine.nights += full_nights(row.start, row.end, person.zone)


def _balance(
    rota: Rota, rows: Sequence[Effective], people: dict[int, DutyPerson], found: dict[int, Carried],
    holidays: dict[int, frozenset[date]], end: datetime,
) -> None:  # fmt: skip
    version = version_at(rota, end) or version_at(rota, first_planned(rota) or end)
    roles = version.roles if version is not None else []
    factors = {row["role"]: Fraction(str(row.get("factor", 1))) for row in roles}
    credits_ = [
        Credit(row.person, row.role, day.day, LedgerKind.SHIFT, day.milli)
        for row in rows
        if row.person is not None and row.role != DutyRole.SHADOW
        for day in day_points([(row.start, row.end)], people[row.person].zone, holidays.get(row.person, frozenset()))
    ]
    credits_ += [
        Credit(pk, "", date.min, LedgerKind.OPENING, each.opening) for pk, each in found.items() if each.opening
    ]
    places = places_of_rota(rota, end)
    alone = balances(credits_, places)
    together = balances(credits_, places, factors)
    for pk, each in found.items():
        each.balance, each.combined = alone.get(pk, Fraction(0)), together.get(pk, Fraction(0))


def gaps(rota: Rota, start: datetime, end: datetime, at: datetime, *, named: bool = True) -> list[Gap]:
    """Where the firm holder is missing: nobody at all, or the cascade provisionally; each with a named candidate."""
    return gaps_in(rota, facts_between(rota, start, end), at, named=named)


def gaps_in(rota: Rota, facts: Facts, at: datetime, *, named: bool, most: int | None = None) -> list[Gap]:
    """The same from what is known of the span, the first `most`."""
    rows, people = facts
    open_rows = [
        row for row in rows
        if row.end > at and (row.provisional or row.source == Source.GAP) and row.reason_code != "next_member"
    ][:most]  # fmt: skip
    asked = [(row.role, max(row.start, at), row.end) for row in open_rows] if named else []
    best = [next(iter(free), None) for free in candidates_for(rota, asked, at)] if named else [None] * len(open_rows)
    return [
        Gap(row.role, row.slot, row.start, row.end, row.source == Source.GAP, _away(people.values(), row), candidate)
        for row, candidate in zip(open_rows, best, strict=True)
    ]


def joined_gaps(found: Sequence[Gap]) -> list[Gap]:
    """Gaps of one place that touch are one gap; the first names who could take it."""
    whole: list[Gap] = []
    for gap in found:
        last = next((n for n, each in enumerate(whole) if _touch(each, gap)), None)
        if last is None:
            whole.append(gap)
        else:
            whole[last] = replace(whole[last], end=gap.end)
    return whole


def _touch(one: Gap, other: Gap) -> bool:
    same = (one.role, one.slot, one.is_empty, one.away) == (other.role, other.slot, other.is_empty, other.away)
    return same and one.end == other.start


def _away(people: Iterable[DutyPerson], row: Effective) -> str:
    return ", ".join(sorted(p.name for p in people if any(a < row.end and row.start < b for a, b in p.away)))
