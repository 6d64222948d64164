"""What the planner reads: rules in force, members with zones, holidays, absences and balances (spec oncall 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, Q, Subquery

from oncall.domain.instants import local_date
from oncall.domain.plan_facts import Major, Member, Rules
from oncall.domain.rotation import Special
from oncall.domain.words import LedgerKind
from oncall.models import DraftPick, DutyLedgerEntry, MajorHoliday, RotaMember, RotaVersion, SpecialPeriod
from oncall.models.spans import ends
from oncall.queries.people import public_holidays
from portal.accounts.models import Absence, Person
from portal.core.models import CalendarVersion

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from oncall.models import Rota

QUARTERS = 4
HUNDRED = 100


def version_at(rota: Rota, at: datetime) -> RotaVersion | None:
    """The rules in force at the instant, else the next to come."""
    rows = RotaVersion.objects.filter(rota=rota, valid__isempty=False)
    current = rows.filter(valid__contains=at).first()
    return current or rows.filter(valid__startswith__gt=at).order_by("valid").first()


def newest_version(rota: Rota) -> RotaVersion | None:
    """The version that holds last."""
    return RotaVersion.objects.filter(rota=rota, valid__isempty=False).order_by("-valid").first()


def holidays_of(person_ids: Collection[int]) -> dict[int, frozenset[date]]:
    """Public holidays of each person's own calendar; one query."""
    newest = CalendarVersion.objects.filter(calendar=OuterRef("calendar")).order_by("-n").values("exceptions")[:1]
    rows = Person.objects.filter(pk__in=list(person_ids), calendar__isnull=False).annotate(days=Subquery(newest))
    return {pk: public_holidays(days or {}) for pk, days in rows.values_list("pk", "days")}


@dataclass(frozen=True)
class Cast:
    """Who plans with whom: members by handle with their ids."""

    members: tuple[Member, ...]
    ids: dict[str, int]
    handles: dict[int, str]


def cast_of(places: Iterable[RotaMember], role: str, start: datetime, end: datetime, openings: dict[int, int]) -> Cast:
    """The members of a role as the planner sees them, in their order; three queries."""
    rows = in_order(places, role)
    ids = [row.person_id for row in rows]
    return cast_from(rows, holidays_of(ids), absences_of(ids, start, end), openings)


def in_order(places: Iterable[RotaMember], role: str) -> list[RotaMember]:
    """The members of a role in their order."""
    return sorted((row for row in places if row.role in ("", role)), key=lambda row: (row.position, row.person.handle))


def cast_from(
    rows: Sequence[RotaMember], holidays: Mapping[int, frozenset[date]],
    away: Mapping[int, Sequence[tuple[datetime, datetime]]], openings: Mapping[int, int],
) -> Cast:  # fmt: skip
    """The same from what is known of them; reads nothing."""
    members = [_member(row, holidays, away, openings) for row in rows]
    handles = {row.person_id: row.person.handle for row in rows}
    return Cast(tuple(members), {handle: pk for pk, handle in handles.items()}, handles)


def _member(
    row: RotaMember,
    holidays: Mapping[int, frozenset[date]],
    away: Mapping[int, Sequence[tuple[datetime, datetime]]],
    openings: Mapping[int, int],
) -> Member:
    return Member(
        handle=row.person.handle,
        zone=row.person.zone,
        holidays=holidays.get(row.person_id, frozenset()),
        absent=tuple(away.get(row.person_id, ())),
        opening=openings.get(row.person_id, 0),
        weight=int(row.weight * HUNDRED),
        active=(row.active.lower or date.min, row.active.upper),
    )


def absences_of(
    person_ids: Collection[int], start: datetime, end: datetime
) -> dict[int, list[tuple[datetime, datetime]]]:
    """Live absences that touch the span, by person; one query."""
    rows = Absence.objects.filter(
        person_id__in=list(person_ids), cancelled_at=None, during__overlap=(start, end)
    ).order_by("during")
    found: dict[int, list[tuple[datetime, datetime]]] = {}
    for person_id, during in rows.values_list("person_id", "during"):
        found.setdefault(person_id, []).append(ends(during))
    return found


def openings_at(rota: Rota, on: date) -> dict[int, int]:
    """What members brought with them: opening and adjusting entries dated before the day, in thousandths."""
    rows = DutyLedgerEntry.objects.filter(
        rota=rota, kind__in=[LedgerKind.OPENING, LedgerKind.ADJUST], local_date__lte=on
    ).values_list("person_id", "milli_points")
    found: dict[int, int] = {}
    for person_id, milli in rows:
        found[person_id] = found.get(person_id, 0) + milli
    return found


def specials_of(rota: Rota, start: datetime, end: datetime) -> list[Special]:
    """The special periods that touch the span."""
    rows = SpecialPeriod.objects.filter(rota=rota, during__overlap=(start, end)).order_by("during")
    return [Special(*ends(row.during), row.rotation, row.slots_override) for row in rows]


def majors_of(rota: Rota, start: datetime, end: datetime) -> list[Major]:
    """The team's major holidays in the span."""
    first, last = local_date(start, rota.zone), local_date(end, rota.zone)
    rows = MajorHoliday.objects.filter(team=rota.team, dates__overlap=(first, last)).select_related("last_held_by")
    return [
        Major(row.name, row.dates.lower, row.dates.upper - timedelta(days=1),
              row.last_held_by.handle if row.last_held_by else "")
        for row in rows.order_by("dates")
        if row.dates.lower and row.dates.upper
    ]  # fmt: skip


def picks_of(rota: Rota) -> list[tuple[str, datetime, str]]:
    """Granted protections and volunteers, as (handle, start of the block, kind)."""
    rows = DraftPick.objects.filter(Q(kind="volunteer") | Q(round__isnull=False), period__rota=rota)
    return list(rows.values_list("person__handle", "block_start", "kind"))


def rules_of(version: RotaVersion) -> Rules:
    """The fairness rules of a version as the planner takes them."""
    asked = version.fairness
    second: dict[str, Any] = next((row for row in version.roles if row["role"] == "secondary"), {})
    return Rules(
        tolerance_percent=asked.get("tolerance_percent", 10),
        major_cap=asked.get("major_cap", 2),
        factor_quarters=int(float(second.get("factor", 0.25)) * QUARTERS),
    )
