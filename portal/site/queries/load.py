"""What people carry, for themselves and their lead alone; for everybody else sums of at least three (spec site 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from portal.accounts.models import Membership, Person
from portal.accounts.queries.people import local_day
from portal.core.domain.quarter import quarter_of
from portal.core.models import AuditEntry
from portal.core.registries import LoadColumn, Window, load_registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portal.accounts.models import Team

SHORT, LONG = timedelta(weeks=4), timedelta(weeks=13)
LEAST_PEOPLE = 3
VIEWED = "site.load_viewed"


@dataclass(frozen=True)
class Cell:
    """One load of a person: four weeks, thirteen weeks, and what four weeks usually are."""

    column: LoadColumn
    short: int
    long: int

    @property
    def usual(self) -> int:
        return round(self.long * (SHORT / LONG))

    @property
    def is_over(self) -> bool:
        return self.column.limit is not None and self.short > self.column.limit


@dataclass(frozen=True)
class PersonLoad:
    """A person and every load; there is no total score."""

    person: Person
    cells: Sequence[Cell]

    @property
    def over(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.is_over]


@dataclass(frozen=True)
class TeamLoad:
    """A sum over a quarter; None when fewer than three people make it up."""

    column: LoadColumn
    total: int | None
    median: int | None


def load_columns() -> list[LoadColumn]:
    """Every column in its order."""
    return sorted(load_registry.values(), key=lambda column: (column.order, column.key))


def people_led_by(viewer: Any, at: datetime) -> list[Person]:
    """Members of the teams the viewer leads today, without the viewer, by name; flags give nobody a look."""
    day = local_day(viewer, at)
    led = Membership.objects.filter(person=viewer, role="lead", during__contains=day).values("team_id")
    members = Membership.objects.filter(team__in=led, during__contains=day).values("person_id")
    return list(Person.objects.filter(pk__in=members, state="active").exclude(pk=viewer.pk).order_by("name"))


def loads_of(people: Sequence[Person], viewer: Any, at: datetime) -> list[PersonLoad]:
    """Each person's loads as the viewer may see them; each source is asked once, whatever the number of people."""
    found = _counted([person.pk for person in people], [(at - SHORT, at), (at - LONG, at)], viewer)
    return [
        PersonLoad(one, [Cell(column, short.get(one.pk, 0), long.get(one.pk, 0)) for column, (short, long) in found])
        for one in people
    ]


def team_loads(team: Team, viewer: Any, at: datetime) -> tuple[str, list[TeamLoad]]:
    """The last full quarter of a team as sums and medians; its label beside it. Fixed quarters only."""
    zone = ZoneInfo(team.zone)
    quarter = quarter_of(at.astimezone(zone).date()).before()
    start, end = (datetime.combine(day, time(), zone) for day in (quarter.starts_on, quarter.ends_on))
    members = Membership.objects.filter(team=team, is_main=True, during__overlap=(quarter.starts_on, quarter.ends_on))
    ids = list(members.values_list("person_id", flat=True).distinct())
    return quarter.name, [_summed(column, sizes) for column, (sizes,) in _counted(ids, [(start, end)], viewer)]


def views_of(person: Person) -> list[AuditEntry]:
    """Who looked at this person's loads, the newest first."""
    rows = AuditEntry.objects.filter(verb=VIEWED, object_type="accounts.person", object_id=str(person.pk))
    return list(rows.select_related("actor").order_by("-id")[:10])


def _counted(
    ids: Sequence[int], windows: Sequence[Window], viewer: Any
) -> list[tuple[LoadColumn, Sequence[Mapping[int, int]]]]:  # fmt: skip
    """Each column with its sizes by person in each window."""
    columns = load_columns()
    sizes: dict[str, Sequence[Mapping[int, int]]] = {}
    for source in dict.fromkeys(column.source for column in columns):
        sizes.update(source(ids, windows, viewer))
    return [(column, sizes[column.key]) for column in columns]


def _summed(column: LoadColumn, sizes: Mapping[int, int]) -> TeamLoad:
    values = sorted(value for value in sizes.values() if value)
    if len(values) < LEAST_PEOPLE:
        return TeamLoad(column, None, None)
    return TeamLoad(column, sum(values), values[(len(values) - 1) // 2])
