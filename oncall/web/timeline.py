"""The timeline of a rota: lanes on a grid of 168 columns, two weeks of hours by the twelfth of a day (ux, oncall)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.urls import reverse

from oncall.domain.instants import day_bounds, local_date
from oncall.domain.words import KIND_WORDS, ROLE_WORDS, DutyRole, RotaKind, Source
from oncall.queries.working_out import cut
from portal.core.web.presentation import Avatar, avatar, hue_of, hues_apart, when

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from oncall.domain.effective import Effective, Laid
    from oncall.models import Rota
    from oncall.queries.people import DutyPerson
    from oncall.queries.working_out import Facts

COLUMNS, DAYS = 168, 14
NARROW, ROOM_FOR_NAME = 8, 32


@dataclass(frozen=True)
class Day:
    dow: str
    label: str
    css: str


@dataclass(frozen=True)
class Bar:
    """One stretch on the grid: `css` has its place, width and colour."""

    css: str
    label: str
    title: str
    face: Avatar | None = None
    icon: str = ""


@dataclass(frozen=True)
class Lane:
    name: str
    line: str
    bars: Sequence[Bar]
    is_final: bool = False
    url: str = ""


@dataclass(frozen=True)
class AgendaRow:
    """The same as a list, for phones and for reading aloud."""

    name: str
    line: str
    face: Avatar | None
    badge: str
    badge_css: str
    is_gap: bool


@dataclass(frozen=True)
class Face:
    pk: int
    name: str


@dataclass(frozen=True)
class Grid:
    """Two weeks from a local Monday or day; turns instants into columns."""

    start: datetime
    end: datetime
    zone: str

    def place(self, start: datetime, end: datetime) -> str:
        """The classes of a stretch: where it begins and how many columns it fills; at least one."""
        low, high = self._column(start), self._column(end)
        return f"s{min(low, COLUMNS - 1)} w{max(1, min(COLUMNS, high) - min(low, COLUMNS - 1))}"

    def _column(self, instant: datetime) -> int:
        inside = min(max(instant, self.start), self.end)
        return round((inside - self.start) / (self.end - self.start) * COLUMNS)

    def percent(self, instant: datetime) -> int:
        return round((instant - self.start) / (self.end - self.start) * 100)


def grid_of(at: datetime, zone: str) -> Grid:
    """Fourteen local days, the first one yesterday."""
    first = local_date(at, zone) - timedelta(days=1)
    start, _ = day_bounds(first, zone)
    return Grid(start, day_bounds(first + timedelta(days=DAYS), zone)[0], zone)


def days_of(grid: Grid, at: datetime) -> list[Day]:
    """The head of the grid."""
    first, today = local_date(grid.start, grid.zone), local_date(at, grid.zone)
    found = []
    for n in range(DAYS):
        day = first + timedelta(days=n)
        css = "today" if day == today else "weekend" if day.weekday() > 4 else ""  # noqa: PLR2004 (Saturday)
        label = f"{day.day} {day:%b}" if day.day == 1 else str(day.day)
        found.append(Day(f"{day:%a}", label, css))
    return found


def lanes_of(
    rows: Sequence[Effective], firm: Sequence[Effective], changes: Sequence[Laid],
    people: Mapping[int, DutyPerson], grid: Grid,
) -> list[Lane]:  # fmt: skip
    """Who answers, what was changed, the plan of each role, and who is away."""
    roles, hues = list(dict.fromkeys((row.role, row.slot) for row in firm)), hues_in(rows)
    final = [_bar(row, people, grid, hues, with_face=True) for row in rows if row.role == DutyRole.PRIMARY]
    lanes = [Lane("On call", "who answers", final, is_final=True)]
    laid = [
        Bar(f"{_hue(change.person, hues)} {grid.place(change.start, change.end)}", _first(people[change.person].name),
            f"{change.kind}: {people[change.person].name}", icon="repeat")
        for change in sorted(changes, key=lambda change: change.start)
        if change.start < grid.end and grid.start < change.end
    ]  # fmt: skip
    lanes.append(Lane("Changes", "swaps and covers", laid))
    for role, slot in roles:
        bars = [_bar(row, people, grid, hues) for row in firm if (row.role, row.slot) == (role, slot)]
        name = ROLE_WORDS[DutyRole(role)].capitalize()
        lanes.append(Lane(f"{name} {slot + 1}" if slot else name, "planned", bars))
    lanes.append(Lane("Away", "from calendars", _away(people, grid, hues)))
    return lanes


def everywhere(rotas: Sequence[Rota], facts: Mapping[int, Facts], grid: Grid) -> list[Lane]:
    """Who answers first in each rota, one lane a rota."""
    found = []
    for rota in rotas:
        rows, people = facts[rota.pk]
        near = cut(rows, grid.start, grid.end)
        hues, firsts = hues_in(near), [row for row in near if row.role == DutyRole.PRIMARY]
        bars = [_bar(row, people, grid, hues, with_face=True) for row in firsts]
        line = f"{rota.team.name}, {KIND_WORDS[RotaKind(rota.kind)]}"
        found.append(Lane(rota.name, line, bars, is_final=True, url=reverse("oncall_rota", args=[rota.slug])))
    return found


def hues_in(rows: Sequence[Effective]) -> dict[int, int]:
    """The hues by which the people of a rota are told apart: whoever holds a stretch, or comes next."""
    return hues_apart(pk for row in rows for pk in (row.person, *row.order) if pk is not None)


def _bar(
    row: Effective, people: Mapping[int, DutyPerson], grid: Grid, hues: Mapping[int, int], *, with_face: bool = False
) -> Bar:
    place = grid.place(row.start, row.end)
    width = int(place.rsplit("w", 1)[1])
    person = people.get(row.person) if row.person is not None else None
    if person is None:
        return Bar(f"hue-1 {place} gap", "Gap", "nobody")
    first = _first(person.name)
    tiny = " tiny" if width < NARROW else ""
    label = (
        avatar(Face(person.id, person.name)).initials if tiny else first if width < ROOM_FOR_NAME * 2 else person.name
    )
    face = avatar(Face(person.id, person.name), hues.get(person.id)) if with_face and not tiny else None
    return Bar(f"{_hue(person.id, hues)} {place}{tiny}", label if not with_face or tiny else first, person.name, face)


def _first(name: str) -> str:
    return name.split(" ", 1)[0]


def _hue(person_id: int, hues: Mapping[int, int]) -> str:
    return f"hue-{hues.get(person_id) or hue_of(person_id)}"


def _away(people: Mapping[int, DutyPerson], grid: Grid, hues: Mapping[int, int]) -> list[Bar]:
    bars = []
    for person in sorted(people.values(), key=lambda person: person.handle):
        for start, end in person.away:
            if start < grid.end and grid.start < end:
                first = _first(person.name)
                css = f"{_hue(person.id, hues)} {grid.place(start, end)} away"
                bars.append(Bar(css, f"{first} away", f"{person.name} away", icon="plane"))
    return bars


def agenda_of(
    rows: Sequence[Effective], people: Mapping[int, DutyPerson], zone: str | ZoneInfo, at: datetime
) -> list[AgendaRow]:
    """The primary of the window as lines, from now on."""
    found, hues = [], hues_in(rows)
    for row in rows:
        if row.role != DutyRole.PRIMARY or row.end <= at:
            continue
        person = people.get(row.person) if row.person is not None else None
        span = f"{when(row.start, zone, at).text} to {when(row.end, zone, at).text}"
        badge, css = _badge(row, at)
        face = avatar(Face(person.id, person.name), hues.get(person.id)) if person else None
        found.append(AgendaRow(person.name if person else "Nobody", span, face, badge, css, person is None))
    return found


def _badge(row: Effective, at: datetime) -> tuple[str, str]:
    if row.start <= at:
        return "now", "ok"
    if row.source == Source.GAP:
        return "gap", "bad"
    if row.provisional:
        return "provisional", "warn"
    return (row.reason_code, "line") if row.source == Source.CHANGE else ("", "")
