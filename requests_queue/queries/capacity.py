"""The capacity of a team in a quarter, from the memberships, calendars and absences of this moment (spec budget 2)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from portal.accounts.domain.vocabulary import AbsenceKind
from portal.accounts.models import Membership, Person
from portal.accounts.queries.people import absences_during
from portal.accounts.queries.teams import organization
from portal.core.context import once
from portal.core.domain.quarter import quarter_of
from portal.core.models import CalendarVersion
from portal.core.queries.calendars import load_calendar
from requests_queue.domain.capacity import (
    NOMINAL_DAY_MINUTES,
    PersonTime,
    Place,
    capacity_of_person,
    leave_days,
    open_days,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from portal.accounts.models import Team
    from portal.core.domain.quarter import Quarter
    from requests_queue.domain.capacity import PersonCapacity, Span

MARGIN = timedelta(days=1)


@dataclass(frozen=True)
class Line:
    """One person of the team and what they give in the quarter."""

    person: Person
    capacity: PersonCapacity


@dataclass(frozen=True)
class MemberTime:
    """One person of the team and the days they can give."""

    person: Person
    time: PersonTime


@dataclass(frozen=True)
class Times:
    """Everybody's time in a quarter, and the days on which the team's own calendar opens."""

    members: tuple[MemberTime, ...]
    team_days: tuple[date, ...]


def team_quarter(team: Team, at: datetime) -> Quarter:
    """The quarter of the team's own day."""
    return quarter_of(at.astimezone(ZoneInfo(team.zone)).date())


def capacity_lines(team: Team, quarter: Quarter) -> list[Line]:
    """What each member gives, by handle; at most five queries whatever the size of the team.

    Open days are those of the person's own calendar, else of the team's; one that never closes has no working days,
    so the organization's stands in. Half a day away or more is a day of leave; granted rest is on-call load instead.
    """
    return [Line(one.person, capacity_of_person(one.time, quarter)) for one in team_times(team, quarter).members]


def team_times(team: Team, quarter: Quarter) -> Times:
    """The days and places of each member, by handle, and the open days of the team; as many queries as its lines."""
    places = _places(team, quarter)
    if not places:
        return Times((), tuple(working_days_of(team, quarter)))
    people = {row.person_id: row.person for rows in places.values() for row in rows}
    versions, general = _versions(people.values(), team)
    away = _absences(people, quarter)
    hours_of = {
        pk: open_days(load_calendar(pk), quarter) for pk in {general.pk, *(one.pk for one in versions.values())}
    }
    members = []
    for pk, rows in places.items():
        version = versions[pk]
        hours = hours_of[version.pk]
        own = people[pk].calendar_id is not None and not version.always_open
        nominal = version.nominal_day_seconds // 60 if own else NOMINAL_DAY_MINUTES
        time = PersonTime(hours, leave_days(hours, away[pk]), [_place(row) for row in rows], nominal)
        members.append(MemberTime(people[pk], time))
    days = tuple(sorted(hours_of[general.pk]))
    return Times(tuple(sorted(members, key=lambda one: one.person.handle)), days)


def capacity_of(team: Team, quarter: Quarter) -> int:
    """C of the team, in minutes."""
    return sum(line.capacity.minutes for line in capacity_lines(team, quarter))


def working_days_of(team: Team, quarter: Quarter) -> list[date]:
    """The days on which the team's calendar opens, in order."""
    return sorted(open_days(load_calendar(_weekdays_of(team).pk), quarter))


def _places(team: Team, quarter: Quarter) -> dict[int, list[Membership]]:
    rows = Membership.objects.filter(team=team, during__overlap=(quarter.starts_on, quarter.ends_on))
    found: dict[int, list[Membership]] = defaultdict(list)
    for row in rows.select_related("person").order_by("during"):
        found[row.person_id].append(row)
    return found


def _place(row: Membership) -> Place:
    return Place((row.first_on, row.during.upper), row.fte_percent)


def _versions(people: Collection[Person], team: Team) -> tuple[dict[int, CalendarVersion], CalendarVersion]:
    """The hours of each person, and those that count for the team as a whole."""
    wanted = {team.calendar_id} | {person.calendar_id or team.calendar_id for person in people}
    newest = _newest(wanted)
    fallback = _weekdays_of(team, newest.get(team.calendar_id))
    found = {}
    for person in people:
        version = newest[person.calendar_id or team.calendar_id]
        found[person.pk] = fallback if version.always_open else version
    return found, fallback


def _weekdays_of(team: Team, version: CalendarVersion | None = None) -> CalendarVersion:
    own = version or _newest({team.calendar_id})[team.calendar_id]
    if not own.always_open:
        return own
    general = once("calendar of the organization", lambda: organization().calendar_id)
    return _newest({general})[general]


def _newest(calendar_ids: Collection[int]) -> dict[int, CalendarVersion]:
    rows = CalendarVersion.objects.filter(calendar_id__in=calendar_ids).order_by("calendar_id", "n")
    return once(f"newest calendars {sorted(calendar_ids)}", lambda: {row.calendar_id: row for row in rows})


def _absences(people: Collection[int], quarter: Quarter) -> dict[int, Sequence[Span]]:
    start = datetime(quarter.starts_on.year, quarter.starts_on.month, 1, tzinfo=UTC) - MARGIN
    end = datetime(quarter.ends_on.year, quarter.ends_on.month, 1, tzinfo=UTC) + MARGIN
    found: dict[int, list[Span]] = defaultdict(list)
    for row in absences_during(people, start, end):
        if row.kind != AbsenceKind.REST and row.during.upper is not None and row.during.lower is not None:
            found[row.person_id].append((row.during.lower, row.during.upper))
    return defaultdict(list, found)
