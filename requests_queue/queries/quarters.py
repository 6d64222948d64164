"""When the quarter of a team ends, closes and takes what is entered late (spec budget 3)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from requests_queue.queries.capacity import working_days_of

if TYPE_CHECKING:
    from datetime import date

    from portal.accounts.models import Team
    from portal.core.domain.quarter import Quarter

CLOSING_DAYS = 5


def closing_day(team: Team, quarter: Quarter) -> date:
    """The first day on which entries of the quarter are late: after the fifth working day of the next one."""
    days = working_days_of(team, quarter.following())
    return days[CLOSING_DAYS] if len(days) > CLOSING_DAYS else quarter.following().ends_on


def closing_instant(team: Team, quarter: Quarter) -> datetime:
    """The beginning of that day in the team's zone."""
    day = closing_day(team, quarter)
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(team.zone))
