"""Shifts as services and pages need them: who holds what when, and who could take it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from django.db.models import Q

from oncall.domain.instants import local_date
from oncall.domain.words import Source
from oncall.models import Rota, RotaMember
from oncall.queries.facts import version_at
from oncall.queries.rota_book import balances_in, open_book, roster_in
from oncall.queries.working_out import facts_between
from portal.accounts.models import Person

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from oncall.domain.effective import Effective
    from oncall.queries.people import DutyPerson
    from oncall.queries.rota_book import Roster, RotaBook

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Candidate:
    """Somebody who could take a stretch; `balance` in thousandths as it would stand now."""

    person_id: int
    name: str
    handle: str
    balance: Fraction
    is_rested: bool


def members_at(rota: Rota, at: datetime, role: str = "") -> list[RotaMember]:
    """Who serves under the rules of the instant, in their order; with `role` only those of that role."""
    version = version_at(rota, at)
    if version is None:
        return []
    day = local_date(max(at, version.valid.lower or at), rota.zone)
    rows = RotaMember.objects.filter(version=version, active__contains=day).select_related("person")
    if role:
        rows = rows.filter(Q(role="") | Q(role=role))
    return list(rows.order_by("position", "person__handle"))


def holder_at(rota: Rota, role: str, slot: int, at: datetime) -> Effective | None:
    """Who holds one slot at the instant, with the whole of the stretch."""
    rows, _ = facts_between(rota, at, at + timedelta(microseconds=1), widen=True)
    return next((row for row in rows if (row.role, row.slot) == (role, slot)), None)


def combined_balances(rota: Rota, at: datetime) -> dict[int, Fraction]:
    """Opening + credit - share with the factors of the roles, up to the instant; by person."""
    return balances_in(open_book(rota, at, at), at)


def first_planned(rota: Rota) -> datetime | None:
    """Where the plan of the rota begins."""
    return rota.planned_shifts.order_by("during").values_list("during__startswith", flat=True).first()


def candidates(rota: Rota, role: str, start: datetime, end: datetime, at: datetime) -> list[Candidate]:
    """Who could take the stretch, best first: free and rested, then the least combined balance, then handle."""
    book = open_book(rota, min(start, at) - DAY, max(end, at) + DAY)
    return candidates_in(book, [(role, start, end)], at)[0]


def candidates_in(
    book: RotaBook, stretches: Sequence[tuple[str, datetime, datetime]], at: datetime
) -> list[list[Candidate]]:
    """`candidates` of each stretch from a book that goes a day beyond each; reads nothing."""
    spoken = balances_in(book, at) if stretches else {}
    return [
        _ranked([book.people[pk] for pk in _asked(book, role, max(start, at))], book.worked.rows, start, end, spoken)
        for role, start, end in stretches
    ]


def _asked(book: RotaBook, role: str, at: datetime) -> list[int]:
    """`askable` from memory: who serves the role under the rules of the instant, then those of the lender."""
    own = _serving(book.rosters, book.rota.zone, role, at)
    return list(dict.fromkeys([*own, *_serving(book.lent, book.lent_zone, "", at)]))


def _serving(rosters: Sequence[Roster], zone: str, role: str, at: datetime) -> list[int]:
    roster = roster_in(rosters, at)
    if roster is None:
        return []
    day = local_date(max(at, roster.version.valid.lower or at), zone)
    return [
        row.person_id for row in roster.members
        if (row.role in ("", role) or not role) and (row.active.lower or day) <= day
        if row.active.upper is None or day < row.active.upper
    ]  # fmt: skip


def _ranked(
    people: Sequence[DutyPerson], rows: Sequence[Effective], start: datetime, end: datetime,
    spoken: Mapping[int, Fraction],
) -> list[Candidate]:  # fmt: skip
    found = []
    for person in people:
        if _is_busy(person.id, rows, start, end) or any(low < end and start < high for low, high in person.away):
            continue
        rested = not any(row.person == person.id and (row.end == start or row.start == end) for row in rows)
        found.append(Candidate(person.id, person.name, person.handle, spoken.get(person.id, Fraction(0)), rested))
    return sorted(found, key=lambda c: (not c.is_rested, c.balance, c.handle))


def _is_busy(person: int, rows: Sequence[Effective], start: datetime, end: datetime) -> bool:
    """Holds a slot by plan or change; what the cascade gives provisionally does not keep anybody from taking it."""
    return any(
        row.person == person and row.source != Source.CASCADE and row.start < end and start < row.end for row in rows
    ) or any(row.person == person and row.reason_code == "promoted" and row.start < end and start < row.end
             for row in rows)  # fmt: skip


def may_serve(rota: Rota, person: Person, role: str, at: datetime) -> bool:
    """A member of the role, or of the rota one borrows from."""
    if any(row.person_id == person.pk for row in members_at(rota, at, role)):
        return True
    lender = rota.borrowed_from
    return lender is not None and any(row.person_id == person.pk for row in members_at(lender, at))


def askable(rota: Rota, role: str, at: datetime) -> list[int]:
    """Whom to ask for cover: members of the role, else those of the rota one borrows from."""
    own = [row.person_id for row in members_at(rota, at, role)]
    if rota.borrowed_from is None:
        return own
    return list(dict.fromkeys([*own, *(row.person_id for row in members_at(rota.borrowed_from, at))]))


def names_of(handles: Iterable[str]) -> dict[str, str]:
    """Names by handle; one query."""
    return dict(
        Person.objects.filter(handle__in={handle for handle in handles if handle}).values_list("handle", "name")
    )


def people_by_id(ids: Collection[int]) -> dict[int, Person]:
    """People by id; one query."""
    return Person.objects.in_bulk(list(ids))
