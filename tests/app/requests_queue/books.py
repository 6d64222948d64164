"""Books with a fixed capacity, decisions and time, made through the services."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from portal.accounts.domain.vocabulary import GrantName
from portal.accounts.services.grants import give_grant
from requests_queue.models import BudgetPeriod, PlanItem, QuarterPlan
from requests_queue.services.deciding import Estimate, decide_request
from requests_queue.services.time_log import log_time
from tests.app.requests_queue.desk import TUESDAY, filed
from tests.world import make_admin, make_person

if TYPE_CHECKING:
    from portal.accounts.models import Person, Team
    from requests_queue.models import BudgetEntry, DataRequest
    from tests.world import World

HOUR = timedelta(hours=1)
TODAY = TUESDAY.date()
WHY = "the board meets on Thursday and asks"


def period_of(team: Team, capacity: int = 31_200, **terms: Any) -> BudgetPeriod:
    """Books of the quarter with a fixed capacity, as a locked plan leaves them: F 1,560 and K 3,120."""
    return BudgetPeriod.objects.create(
        team=team, quarter_start=date(2026, 10, 1), opening_capacity_minutes=capacity, locked_at=TUESDAY, **terms
    )


def decided(
    world: World, minutes: int, *, at: datetime = TUESDAY, lane: str = "quick_win", **facts: Any
) -> DataRequest:
    request = filed(world, at=at, kind=facts.pop("kind", "extract"))
    return decide_request(actor=world.alice, request=request, estimate=Estimate(lane, minutes, **facts), at=at)


def worked(request: DataRequest, person: Person, minutes: int, on: date = TODAY) -> BudgetEntry:
    return log_time(actor=person, request=request, minutes=minutes, work_date=on, idem_key=uuid.uuid4(), at=TUESDAY)


def budget_holder(team: Team) -> Person:
    person = make_person("hedy", team=team)
    give_grant(
        actor=make_admin(), person=person, team=team, name=GrantName.APPROVE_BUDGET, reason="head of data",
        days=(date(2026, 1, 1), None), at=datetime(2026, 1, 1, 9, tzinfo=UTC),
    )  # fmt: skip
    return person


def bumpable(world: World) -> PlanItem:
    """A line of today's locked plan that may give way."""
    plan = QuarterPlan.objects.create(
        team=world.data_platform, quarter_start=date(2026, 10, 1), state="locked", locked_at=TUESDAY, opens_at=TUESDAY,
        input_closes_at=TUESDAY, lock_due_at=TUESDAY,
    )  # fmt: skip
    return PlanItem.objects.create(plan=plan, rank=1, title="Nicer tiles", minutes=4800, is_bumpable=True)
