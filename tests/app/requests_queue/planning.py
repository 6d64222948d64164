"""A plan with wishes, made through the services. Data Platform is alice alone: 64 days, 30,720 minutes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from portal.core.domain.quarter import quarter_called
from requests_queue.services.candidates import Wish, add_candidate
from requests_queue.services.plan_locking import LockChoices, lock_plan
from requests_queue.services.plan_opening import draft_plan, open_plan
from requests_queue.services.plan_ranking import set_upkeep
from tests.app.requests_queue.desk import TUESDAY

if TYPE_CHECKING:
    from requests_queue.models import PlanCandidate, PlanItem, QuarterPlan
    from tests.world import World

Q1 = quarter_called("2027q1")
# In the quarter, a Tuesday; and the day after it ended.
FEBRUARY = datetime(2027, 2, 2, 10, tzinfo=UTC)
APRIL = datetime(2027, 4, 2, 10, tzinfo=UTC)
CAPACITY = 30_720
# C - M - O - K and C - M - O - F with M 1,000 and O 2,000.
LINE_1, LINE_2 = CAPACITY - 3_000 - 3_072, CAPACITY - 3_000 - 1_536


def opened(world: World, *, at: datetime = TUESDAY) -> QuarterPlan:
    """The first quarter of 2027 of Data Platform, open for input, with known upkeep."""
    plan = draft_plan(actor=world.alice, team=world.data_platform, quarter=Q1, at=at)
    reason = "known figures for a test"
    set_upkeep(actor=world.alice, plan=plan, kind="maintenance", minutes=1_000, reason=reason, at=at)
    set_upkeep(actor=world.alice, plan=plan, kind="oncall", minutes=2_000, reason=reason, at=at)
    return open_plan(actor=world.alice, plan=plan, at=at)


def wished(world: World, title: str, minutes: int | None = 600, *, at: datetime = TUESDAY) -> PlanCandidate:
    """Bob wants something of Data Platform."""
    return add_candidate(actor=world.bob, team=world.data_platform, wish=Wish(title, "", minutes), at=at)


def line(world: World, title: str, minutes: int = 600, *, at: datetime = TUESDAY) -> PlanItem:
    """The line of a wish."""
    item: PlanItem = wished(world, title, minutes, at=at).item
    return item


def locked(world: World, plan: QuarterPlan, *, at: datetime = TUESDAY) -> QuarterPlan:
    """Alice promises it; what is at risk gives way, what is below goes aside."""
    return lock_plan(actor=world.alice, plan=plan, choices=LockChoices(set_below_aside=True, mark_at_risk=True), at=at)


def order(plan: QuarterPlan) -> list[str]:
    return list(plan.items.filter(rank__isnull=False).order_by("rank").values_list("title", flat=True))
