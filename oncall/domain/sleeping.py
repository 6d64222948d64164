"""Until when one may go back to sleep, and what counts as one's own night (spec oncall 1, 6)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from oncall.domain.decision import Hours, closing_of, working_start
from oncall.domain.instants import day_bounds, local_date
from oncall.domain.wall import instant_of

if TYPE_CHECKING:
    from collections.abc import Mapping

MOMENT = timedelta(seconds=1)
MORNING = time(9)
NIGHT_FROM, NIGHT_TO = 22, 7


def next_start(hours: Hours, at: datetime) -> datetime:
    """When the owner's next working day begins; during one, that of the day after.

    Hours that never end have no beginning: the next morning counts.
    """
    if hours.calendar.always_open:
        here = at.astimezone(ZoneInfo(hours.zone))
        day = here.date() if here.time() < MORNING else here.date() + timedelta(days=1)
        return instant_of(day, MORNING, hours.zone)
    start = working_start(hours, at)
    if start > at:
        return start
    day = at.astimezone(ZoneInfo(hours.zone)).date()
    return working_start(hours, max(closing_of(hours, day), at + MOMENT))


def sleep_until(decision: Mapping[str, Any], hours: Hours, at: datetime) -> datetime:
    """What "back to sleep" means: the earliest hour a signed agreement still gives, else the next working start."""
    latest = next_start(hours, at)
    given = [
        datetime.fromisoformat(each["act_at"])
        for each in decision.get("verdicts", [])
        if each["is_agreed"] and datetime.fromisoformat(each["act_at"]) > at
    ]
    return min([*given, latest])


def is_night(at: datetime, zone: str, night_from: time, night_to: time) -> bool:
    """Whether the instant lies in somebody's own night, which may cross midnight."""
    here = at.astimezone(ZoneInfo(zone)).time()
    if night_from <= night_to:
        return night_from <= here < night_to
    return here >= night_from or here < night_to


def night_of(at: datetime, zone: str, night_to: time) -> Any:
    """The date on which the night of an instant began."""
    local = at.astimezone(ZoneInfo(zone))
    return local.date() - timedelta(days=1) if local.time() < night_to else local.date()


def full_nights(start: datetime, end: datetime, zone: str) -> int:
    """Nights 22:00-07:00 of the person's zone that lie wholly inside."""
    count, day = 0, local_date(start, zone) - timedelta(days=1)
    while day <= local_date(end, zone):
        begins = day_bounds(day, zone)[0] + timedelta(hours=NIGHT_FROM)
        ends = day_bounds(day + timedelta(days=1), zone)[0] + timedelta(hours=NIGHT_TO)
        count += start <= begins and ends <= end
        day += timedelta(days=1)
    return count
