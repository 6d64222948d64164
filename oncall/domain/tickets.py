"""The two clocks of an upstream ticket, both in the upstream team's calendar (spec oncall 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from oncall.domain.decision import closing_of, nth_working_day_after
from portal.core.domain.working_time import add

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.domain.decision import Hours

HOUR = 3600
MOVES = {
    "open": frozenset({"unblocked", "fixed", "declined"}),
    "unblocked": frozenset({"fixed", "open"}),
    "fixed": frozenset({"open"}),
    "declined": frozenset({"open"}),
}


def unblock_due(hours: Hours, at: datetime, working_hours: int) -> datetime:
    """So many working hours after it was opened."""
    return add(hours.calendar, at, working_hours * HOUR) or at


def fix_due(hours: Hours, at: datetime, working_days: int) -> datetime:
    """The end of the n-th working day after the day it was opened."""
    day = nth_working_day_after(hours.calendar, at.astimezone(ZoneInfo(hours.zone)).date(), working_days)
    return closing_of(hours, day)


def may_move(source: str, target: str) -> bool:
    """Whether a ticket may go from one state to another."""
    return target in MOVES[source]
