"""The quarterly plan as arithmetic on plain values: dates, lines, order, lock (spec budget 4, 5).

Unit everywhere: whole minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from portal.core.domain.quarter import Quarter

PLAN_STATES = ("draft", "open_for_input", "locked", "closed")
CANDIDATE_STATES = ("open", "taken", "not_taken", "moved")
ITEM_KINDS = ("project", "model_from_requests", "maintenance", "oncall")
SYSTEM_KINDS = ("maintenance", "oncall")
ITEM_STATES = ("planned", "started", "done", "dropped", "carried")
NEED_STATES = ("asked", "accepted", "declined")
CHANGE_KINDS = ("add", "drop", "resize", "bump", "month")
SOURCES = (
    "member", "request", "cluster", "boundary", "migration", "incident", "precheck", "shortcut", "runbook_loan",
)  # fmt: skip
POINTS = 10
HIGHEST_DELAY = 5
OPENS, VOTES_CLOSE, LOCK_DUE = 35, 14, 5


@dataclass(frozen=True)
class PlanDates:
    """When a plan opens, when votes close and when it should be locked."""

    opens_at: datetime
    input_closes_at: datetime
    lock_due_at: datetime


def dates_of(quarter: Quarter, zone: str) -> PlanDates:
    """The dates of a plan in the team's zone: 35, 14 and 5 days before the quarter, at 09:00, 18:00 and 18:00."""
    return PlanDates(
        _before(quarter, zone, OPENS, 9), _before(quarter, zone, VOTES_CLOSE, 18), _before(quarter, zone, LOCK_DUE, 18)
    )


def _before(quarter: Quarter, zone: str, days: int, hour: int) -> datetime:
    return datetime.combine(quarter.starts_on - timedelta(days=days), time(hour), ZoneInfo(zone))
