"""When somebody who was awake at night may rest until noon (spec additions, "rest")."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from oncall.domain.wall import instant_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

NOON = time(12)
LEAST_AWAKE = timedelta(minutes=60)
ONE_DAY = timedelta(days=1)


def rest_until(
    work: Sequence[tuple[datetime, datetime]], woken: Sequence[date], at: datetime, zone: str, night_from: time
) -> datetime | None:
    """Noon of the person's day if the night before it was long enough; None in the afternoon and after calm nights.

    Long enough: an hour or more on incidents since the night began, or broken like the night before it. `woken` are
    the dates on which broken nights began.
    """
    today = at.astimezone(ZoneInfo(zone)).date()
    noon = instant_of(today, NOON, zone)
    if at >= noon:
        return None
    last = today - ONE_DAY
    begins = instant_of(last, night_from, zone) if night_from >= NOON else instant_of(today, night_from, zone)
    awake = sum((min(end, at) - max(start, begins) for start, end in work if end > begins and start < at), timedelta())
    is_second = {last, last - ONE_DAY} <= set(woken)
    return noon.astimezone(UTC) if awake >= LEAST_AWAKE or is_second else None
