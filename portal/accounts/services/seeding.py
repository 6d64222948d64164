"""The rows every installation starts with: business hours, the organization, the team of people without one."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import transaction

from portal.accounts.models import Organization, Team
from portal.core import clock
from portal.core.models import BusinessCalendar, CalendarVersion

NO_TEAM = "no-team"
DEFAULT_CALENDAR = "Office hours"
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
NINE_HOURS = 9 * 3600


@transaction.atomic
def seed_accounts() -> None:
    """Safe to repeat; never changes a row that people may have edited."""
    calendar, _ = BusinessCalendar.objects.get_or_create(name=DEFAULT_CALENDAR)
    if not calendar.versions.exists():
        _first_version(calendar)
    Organization.objects.get_or_create(pk=1, defaults={"calendar": calendar})
    Team.objects.get_or_create(slug=NO_TEAM, defaults={"name": "No team yet", "is_system": True, "calendar": calendar})


def _first_version(calendar: BusinessCalendar) -> None:
    weekly: dict[str, Any] = {day: [["09:00", "18:00"]] for day in WORKDAYS}
    facts = {"zone": "UTC", "weekly": weekly, "exceptions": {}, "always_open": False}
    CalendarVersion.objects.create(
        calendar=calendar,
        n=1,
        nominal_day_seconds=NINE_HOURS,
        sha256=hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest(),
        created_at=clock.now(),
        **facts,
    )
