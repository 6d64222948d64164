"""One rota read whole, each fact once: what its page, its fairness, its gaps and its target are worked out from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from django.db.models import Q

from oncall.domain.balance import Credit, Place, balances, long_absences
from oncall.domain.instants import local_date
from oncall.domain.points import day_points
from oncall.domain.words import DutyRole, LedgerKind
from oncall.models import DutyLedgerEntry, Rota, RotaMember
from oncall.queries.standing_by import leads_between
from oncall.queries.working_out import Wide, cut, work_out

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from oncall.domain.effective import Effective
    from oncall.models import RotaVersion
    from oncall.queries.people import DutyPerson
    from oncall.queries.working_out import Facts, Worked

ROLLING = timedelta(days=365)
BROUGHT = (LedgerKind.OPENING, LedgerKind.ADJUST)


@dataclass(frozen=True)
class Roster:
    """A version with its members in their order."""

    version: RotaVersion
    members: tuple[RotaMember, ...]


@dataclass(frozen=True)
class RotaBook:
    """Rules, plan, changes, people and ledger of a rota: what is laid out lies in `[start, end)`, the plan goes on.

    `rosters` are its versions by time, `lent` those of the rota it borrows from, `behind` the names of the rotas that
    the rules name behind the members.
    """

    rota: Rota
    start: datetime
    end: datetime
    rosters: tuple[Roster, ...]
    lent: tuple[Roster, ...]
    worked: Worked
    ledger: Sequence[Credit]
    behind: Mapping[str, str]

    @property
    def lent_zone(self) -> str:
        """The zone of the rota it borrows from, in which that one's days are counted."""
        return self.lent[0].version.rota.zone if self.lent else self.rota.zone

    @property
    def people(self) -> Mapping[int, DutyPerson]:
        return self.worked.people

    def facts(self, start: datetime, end: datetime) -> Facts:
        """Who holds what in a part of the span, cut to it, with everybody whom that names."""
        named = self.named_in(start, end)
        return cut(self.worked.rows, start, end), {pk: one for pk, one in self.people.items() if pk in named}

    def roster_at(self, at: datetime) -> Roster | None:
        """The rules in force at the instant, else the next to come."""
        return roster_in(self.rosters, at)

    def opens_after(self, at: datetime) -> datetime | None:
        """When the next planned shift begins; None beyond the horizon."""
        return min((row.start for row in self.worked.planned if row.start > at), default=None)

    def named_in(self, start: datetime, end: datetime) -> set[int]:
        """Everybody whom plan, changes and what was served name in a part of the span."""
        planned = [row for row in self.worked.planned if row.start < end and start < row.end]
        laid = [row for row in self.worked.laid if row.start < end and start < row.end]
        found = {pk for row in planned for pk in (row.person, *row.order) if pk is not None}
        served = {row.person for row in self.worked.rows if row.start < end and start < row.end and row.person}
        return found | {row.person for row in laid} | served


def open_book(rota: Rota, start: datetime, end: datetime) -> RotaBook:
    """The rota with what is laid out in `[start, end)` and since the last posting; 6 reads at most.

    Plan, ledger and absences are read since a year before. Whoever stands behind the members costs up to 3 more.
    """
    since = start - ROLLING
    start = min(start, rota.posted_until or since)
    rosters = _rosters(rota)
    own = tuple(each for each in rosters if each.version.rota_id == rota.pk)
    lent = tuple(each for each in rosters if each.version.rota_id != rota.pk)
    steps = [step for each in own for step in each.version.cascade]
    slugs = {step["rota"] for step in steps if step["kind"] == "rota"}
    named = list(Rota.objects.filter(slug__in=slugs).order_by("slug")) if slugs else []
    leads = leads_between([rota.team], start, end) if any(step["kind"] == "lead" for step in steps) else {}
    behind = [other for other in named if not other.is_archived and other.pk != rota.pk]
    wide = Wide(since, [row.person_id for each in rosters for row in each.members], behind, leads)
    worked = work_out([rota], (start, end), wide=wide)[rota.pk]
    kept = Q(kind__in=BROUGHT) | Q(local_date__gte=local_date(since, rota.zone))
    lines = DutyLedgerEntry.objects.filter(kept, rota=rota)
    ledger = [Credit(*row) for row in lines.values_list("person_id", "role", "local_date", "kind", "milli_points")]
    return RotaBook(rota, start, end, own, lent, worked, ledger, {other.slug: other.name for other in named})


def _rosters(rota: Rota) -> list[Roster]:
    """Every version of the rota and of the one it borrows from, by time; one read. A version has members."""
    rows = RotaMember.objects.filter(
        version__rota__in=[pk for pk in (rota.pk, rota.borrowed_from_id) if pk], version__valid__isempty=False
    ).select_related("version__rota", "person")
    found: dict[int, list[RotaMember]] = {}
    for row in rows.order_by("version__valid", "position", "person__handle"):
        found.setdefault(row.version_id, []).append(row)
    return [Roster(members[0].version, tuple(members)) for members in found.values()]


def roster_in(rosters: Sequence[Roster], at: datetime) -> Roster | None:
    """The one in force at the instant, else the next to come."""
    return next((each for each in rosters if each.version.valid.upper is None or at < each.version.valid.upper), None)


def factors_of(roster: Roster | None) -> dict[str, Fraction]:
    """How much each role counts."""
    roles = roster.version.roles if roster is not None else []
    return {row["role"]: Fraction(str(row.get("factor", 1))) for row in roles}


def openings_in(book: RotaBook, on: date) -> dict[int, int]:
    """What members brought with them: opening and adjusting entries dated before the day, in thousandths."""
    found: dict[int, int] = {}
    for line in book.ledger:
        if line.kind in BROUGHT and line.day <= on:
            found[line.person] = found.get(line.person, 0) + line.milli
    return found


def places_in(book: RotaBook) -> list[Place]:
    """Everybody who was ever a member, with their days and long absences."""
    found: dict[int, Place] = {}
    for row in sorted((row for each in book.rosters for row in each.members), key=lambda row: row.version.number):
        if row.role == DutyRole.PARTNER or row.active.lower is None:
            continue
        zone = row.person.zone
        away = [(local_date(a, zone), local_date(b, zone)) for a, b in book.people[row.person_id].absences]
        before = found.get(row.person_id)
        first = row.active.lower if before is None else min(row.active.lower, before.first)
        weight = int(row.weight * 100)
        found[row.person_id] = Place(row.person_id, first, row.active.upper, weight, long_absences(away))
    return list(found.values())


def credits_in(rows: Sequence[Effective], people: Mapping[int, DutyPerson]) -> list[Credit]:
    """The points of stretches, a day of each holder at a time."""
    return [
        Credit(row.person, row.role, day.day, LedgerKind.SHIFT, day.milli)
        for row in rows
        if row.person is not None and row.role != DutyRole.SHADOW
        for day in day_points([(row.start, row.end)], people[row.person].zone, people[row.person].free_days)
    ]


def balances_in(book: RotaBook, at: datetime) -> dict[int, Fraction]:
    """Opening + credit - share with the factors of the roles, up to the instant: what is posted, and what runs.

    The stretches since the last posting are counted to the instant, so that a cascade asks who carries least now.
    """
    since = local_date(at, book.rota.zone) - ROLLING
    posted = [line for line in book.ledger if line.day >= since]
    fresh = cut(book.worked.rows, book.rota.posted_until or book.start, at)
    return balances([*posted, *credits_in(fresh, book.people)], places_in(book), factors_of(book.roster_at(at)))
