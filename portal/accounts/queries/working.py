"""Who is within their working hours at an instant."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import BigIntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from portal.accounts.models import Membership, Organization, Person
from portal.core.domain.working_time import counted
from portal.core.models import CalendarVersion
from portal.core.queries.calendars import load_calendar

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

MOMENT = timedelta(seconds=1)


def working_persons(persons: Collection[Person], at: datetime) -> set[int]:
    """Ids of those whose own calendar, else their main team's, else the organization's, is open at the instant.

    One query, and one a calendar version that this process has not read yet.
    """
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
    return {pk for pk, version in found if counted(load_calendar(version), at, at + MOMENT) > 0}
