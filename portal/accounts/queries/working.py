"""Who is within their working hours at an instant."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import BigIntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from portal.accounts.models import Membership, Organization, Person
from portal.accounts.queries.people import absences_during
from portal.core.domain.working_time import counted
from portal.core.models import CalendarVersion
from portal.core.queries.calendars import load_calendar

if TYPE_CHECKING:
    from collections.abc import Collection

    from portal.core.domain.working_time import Calendar

MOMENT = timedelta(seconds=1)
LOOK_AHEAD = 43


def working_persons(persons: Collection[Person], at: datetime) -> set[int]:
    """Ids of those whose own calendar, else their main team's, else the organization's, is open at the instant.

    One query, and one a calendar version that this process has not read yet.
    """
    return {pk for pk, calendar in _calendars(persons, at).items() if counted(calendar, at, at + MOMENT) > 0}


def next_working_days(person: Person, at: datetime, count: int) -> list[date]:
    """The next days after today on which the person's calendar opens and no absence takes the whole of them.

    At most `count`, looked for in the coming six weeks; three queries at most.
    """
    zone = ZoneInfo(person.zone)
    today = at.astimezone(zone).date()
    days = [today + timedelta(days=n) for n in range(1, LOOK_AHEAD)]
    begins = {day: datetime.combine(day, time(), zone) for day in [*days, days[-1] + timedelta(days=1)]}
    calendar = _calendars([person], at).get(person.pk)
    away = absences_during([person.pk], begins[days[0]], begins[days[-1]])
    found = []
    for day in days:
        begin, end = begins[day], datetime.combine(day + timedelta(days=1), time(), zone)
        gone = any((row.during.lower or begin) <= begin and end <= (row.during.upper or end) for row in away)
        if calendar is not None and not gone and counted(calendar, begin, end) > 0:
            found.append(day)
    return found[:count]


def _calendars(persons: Collection[Person], at: datetime) -> dict[int, Calendar]:
    main = Membership.objects.filter(person=OuterRef("pk"), is_main=True, during__contains=at.date())
    rows = Person.objects.filter(pk__in=[person.pk for person in persons]).annotate(
        hours=Coalesce(
            "calendar_id",
            Subquery(main.values("team__calendar_id")[:1]),
            Subquery(Organization.objects.values("calendar_id")[:1]),
            output_field=BigIntegerField(),
        )
    )
    newest = CalendarVersion.objects.filter(calendar=OuterRef("hours")).order_by("-n").values("pk")[:1]
    found = rows.annotate(newest=Subquery(newest)).values_list("pk", "newest")
    return {pk: load_calendar(version) for pk, version in found if version is not None}
