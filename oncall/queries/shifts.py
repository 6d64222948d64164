"""Shifts as services and pages need them: who holds what when, and who could take it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from django.db.models import Prefetch, Q

from oncall.domain.balance import Credit, Place, balances, long_absences
from oncall.domain.instants import local_date
from oncall.domain.points import day_points
from oncall.domain.words import DutyRole, LedgerKind, Source
from oncall.models import DutyLedgerEntry, Rota, RotaMember, RotaVersion
from oncall.queries.facts import absences_of, holidays_of, version_at
from oncall.queries.people import DutyPerson, duty_people
from oncall.queries.resolving import facts_between
from portal.accounts.models import Person

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from oncall.domain.effective import Effective

ROLLING = timedelta(days=365)
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
    """Opening + credit - share with the factors of the roles, up to the instant: what is posted, and what runs.

    The stretches since the last posting are counted to the instant, so that a cascade asks who carries least now.
    """
    version = version_at(rota, at)
    roles = version.roles if version is not None else []
    factors = {row["role"]: Fraction(str(row.get("factor", 1))) for row in roles}
    places = places_of_rota(rota, at)
    rows = ledger_rows(rota, local_date(at, rota.zone) - ROLLING)
    posted = [Credit(*row) for row in rows]
    return balances([*posted, *unposted(rota, at)], places, factors)


def ledger_rows(rota: Rota, since: date) -> list[tuple[int, str, date, str, int]]:
    """Lines of the ledger from a day on, as (person, role, day, kind, thousandths)."""
    rows = DutyLedgerEntry.objects.filter(rota=rota, local_date__gte=since)
    return list(rows.values_list("person_id", "role", "local_date", "kind", "milli_points"))


def places_of_rota(rota: Rota, at: datetime) -> list[Place]:
    """Everybody who was a member in the last twelve months, with their days and long absences; three queries."""
    rows = RotaMember.objects.filter(version__rota=rota, version__valid__isempty=False).exclude(role=DutyRole.PARTNER)
    found: dict[int, Place] = {}
    spans = absences_of([row.person_id for row in rows], at - ROLLING, at + ROLLING)
    for row in rows.select_related("person", "version").order_by("version__number"):
        zone = row.person.zone
        away = [(local_date(a, zone), local_date(b, zone)) for a, b in spans.get(row.person_id, [])]
        first = row.active.lower
        before = found.get(row.person_id)
        if before is not None and first is not None:
            first = min(first, before.first)
        if first is not None:
            weight = int(row.weight * 100)
            found[row.person_id] = Place(row.person_id, first, row.active.upper, weight, long_absences(away))
    return list(found.values())


def unposted(rota: Rota, at: datetime) -> list[Credit]:
    """What was served since the ledger's last line, up to the instant."""
    start = rota.posted_until or first_planned(rota)
    if start is None or start >= at:
        return []
    rows, people = facts_between(rota, start, at)
    return credits_of(rows, people)


def first_planned(rota: Rota) -> datetime | None:
    """Where the plan of the rota begins."""
    return rota.planned_shifts.order_by("during").values_list("during__startswith", flat=True).first()


def credits_of(rows: Sequence[Effective], people: dict[int, DutyPerson]) -> list[Credit]:
    """The points of stretches, a day of each holder at a time."""
    holidays = holidays_of([row.person for row in rows if row.person is not None])
    found = []
    for row in rows:
        if row.person is None or row.role == DutyRole.SHADOW:
            continue
        days = day_points([(row.start, row.end)], people[row.person].zone, holidays.get(row.person, frozenset()))
        found += [Credit(row.person, row.role, day.day, LedgerKind.SHIFT, day.milli) for day in days]
    return found


def candidates(rota: Rota, role: str, start: datetime, end: datetime, at: datetime) -> list[Candidate]:
    """Who could take the stretch, best first: free and rested, then the least combined balance, then handle."""
    return candidates_for(rota, [(role, start, end)], at)[0]


def candidates_for(
    rota: Rota, stretches: Sequence[tuple[str, datetime, datetime]], at: datetime
) -> list[list[Candidate]]:
    """`candidates` of each stretch, in the same reads however many there are."""
    if not stretches:
        return []
    low, high = min(start for _, start, _ in stretches) - DAY, max(end for _, _, end in stretches) + DAY
    asked = _asked(rota, stretches, at)
    people = duty_people({pk for ids in asked for pk in ids}, low, high)
    rows, _ = facts_between(rota, low, high)
    spoken = combined_balances(rota, at)
    return [
        _ranked([people[pk] for pk in ids], rows, start, end, spoken)
        for ids, (_, start, end) in zip(asked, stretches, strict=True)
    ]


def _asked(rota: Rota, stretches: Sequence[tuple[str, datetime, datetime]], at: datetime) -> list[list[int]]:
    """`askable` of each stretch in two queries a rota, however many there are."""
    rosters = [_roster(each, at) for each in (rota, rota.borrowed_from) if each is not None]
    found = []
    for role, start, _ in stretches:
        own = _serving(rosters[0], rota, role, max(start, at))
        lent = _serving(rosters[1], rota.borrowed_from, "", max(start, at)) if rota.borrowed_from is not None else []
        found.append(list(dict.fromkeys([*own, *lent])))
    return found


def _roster(rota: Rota, at: datetime) -> list[RotaVersion]:
    """The versions that hold now or later, the earliest first, with their members in order."""
    rows = RotaVersion.objects.filter(rota=rota, valid__isempty=False, valid__endswith__gt=at)
    rows |= RotaVersion.objects.filter(rota=rota, valid__isempty=False, valid__upper_inf=True)
    members = RotaMember.objects.select_related("person").order_by("position", "person__handle")
    return list(rows.order_by("valid").prefetch_related(Prefetch("members", queryset=members)))


def _serving(versions: Sequence[RotaVersion], rota: Rota, role: str, at: datetime) -> list[int]:
    """Who serves the role under the rules of the instant, else under the next to come; as `members_at` from memory."""
    later = (row for row in versions if row.valid.upper is None or row.valid.upper > at)
    version = next(later, None)
    if version is None:
        return []
    day = local_date(max(at, version.valid.lower or at), rota.zone)
    return [
        row.person_id for row in version.members.all()
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
