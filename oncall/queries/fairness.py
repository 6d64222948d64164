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
from oncall.queries.facts import majors_of
from oncall.queries.rota_book import credits_in, factors_of, open_book, openings_in, places_in
from oncall.queries.shifts import DAY, candidates_in
from oncall.queries.working_out import facts_between

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from oncall.domain.effective import Effective
    from oncall.domain.plan_facts import Major
    from oncall.models import Rota
    from oncall.queries.people import DutyPerson
    from oncall.queries.rota_book import RotaBook
    from oncall.queries.shifts import Candidate
    from oncall.queries.working_out import Facts


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
    return fairness_in(open_book(rota, start, end), majors_of(rota, start, end), start, end)


def fairness_in(book: RotaBook, majors: Iterable[Major], start: datetime, end: datetime) -> list[Carried]:
    """The same from a book of a span with these days in it; reads nothing."""
    rota, (rows, people) = book.rota, book.facts(start, end)
    openings = openings_in(book, local_date(start, rota.zone))
    found = {pk: Carried(pk, p.name, p.handle, opening=openings.get(pk, 0)) for pk, p in people.items()}
    for row in rows:
        if row.person is None or row.role == DutyRole.SHADOW:
            continue
        _count(found[row.person], row, people[row.person])
        if row.role == DutyRole.PRIMARY:
            days = {local_date(row.start, rota.zone), local_date(row.end - timedelta(seconds=1), rota.zone)}
            for major in majors:
                if min(days) <= major.last and major.first <= max(days) and major.name not in found[row.person].majors:
                    found[row.person].majors.append(major.name)
    _balance(book, rows, found, end)
    return sorted((each for each in found.values() if each.blocks or each.secondary), key=lambda each: each.handle)


def _count(mine: Carried, row: Effective, person: DutyPerson) -> None:
    for day in day_points([(row.start, row.end)], person.zone, person.free_days):
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


def _balance(book: RotaBook, rows: Sequence[Effective], found: dict[int, Carried], end: datetime) -> None:
    roster = book.roster_at(end) or book.roster_at(min((row.start for row in book.worked.planned), default=end))
    lines = credits_in(rows, book.people)
    lines += [Credit(pk, "", date.min, LedgerKind.OPENING, each.opening) for pk, each in found.items() if each.opening]
    places = places_in(book)
    alone, together = balances(lines, places), balances(lines, places, factors_of(roster))
    for pk, each in found.items():
        each.balance, each.combined = alone.get(pk, Fraction(0)), together.get(pk, Fraction(0))


def gaps(rota: Rota, start: datetime, end: datetime, at: datetime, *, named: bool = True) -> list[Gap]:
    """Where the firm holder is missing: nobody at all, or the cascade provisionally; each with a named candidate."""
    if not named:
        return gaps_in(facts_between(rota, start, end), at)
    return named_gaps(open_book(rota, min(start, at) - DAY, end + DAY), start, end, at)


def gaps_in(facts: Facts, at: datetime) -> list[Gap]:
    """The same without candidates, from what is known of the span."""
    return [_gap(row, facts[1], None) for row in _open(facts[0], at)]


def named_gaps(book: RotaBook, start: datetime, end: datetime, at: datetime, most: int | None = None) -> list[Gap]:
    """The first `most` in a part of the book's span, with who could take each; the book goes a day beyond the part."""
    rows, people = book.facts(start, end)
    found = _open(rows, at)[:most]
    asked = [(row.role, max(row.start, at), row.end) for row in found]
    best = (next(iter(free), None) for free in candidates_in(book, asked, at))
    return [_gap(row, people, candidate) for row, candidate in zip(found, best, strict=True)]


def _open(rows: Sequence[Effective], at: datetime) -> list[Effective]:
    return [
        row for row in rows
        if row.end > at and (row.provisional or row.source == Source.GAP) and row.reason_code != "next_member"
    ]  # fmt: skip


def _gap(row: Effective, people: Mapping[int, DutyPerson], candidate: Candidate | None) -> Gap:
    is_empty = row.source == Source.GAP
    return Gap(row.role, row.slot, row.start, row.end, is_empty, _away(people.values(), row), candidate)


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
