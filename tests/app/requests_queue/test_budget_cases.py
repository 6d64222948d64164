"""The case file of the budget, played through the services on PostgreSQL."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from requests_queue.domain.budget import floor_of, state_of
from requests_queue.models import (
    BudgetEntry,
    BudgetPeriod,
    DataRequest,
    ExemptKind,
)
from requests_queue.queries.budget import balance_of, budget_of, terms_of
from requests_queue.services.deciding import Estimate, approve_request, decide_request
from requests_queue.services.quarters import adjust_capacity
from requests_queue.services.time_log import reverse_entry
from requests_queue.services.working import withdraw_request
from tests.app.requests_queue.books import budget_holder, period_of, worked
from tests.app.requests_queue.desk import TUESDAY, filed

if TYPE_CHECKING:
    from tests.world import World

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
TODAY = TUESDAY.date()
CASES = json.loads((Path(__file__).parents[2] / "cases" / "budget_cases.json").read_text())
# Logged time of exempt work is always EXEMPT_SPEND here; a few generated cases post SPEND on it, in memory alone.
THROUGH_SERVICES = [one for one in CASES["scenarios"] if len(one["steps"]) < 20]
WHY = "the board meets on Thursday and asks"


class Play:
    """Plays a scenario of the case file through the services; a queued request goes away, since cases know no queue."""

    def __init__(self, world: World, scenario: dict[str, Any]) -> None:
        names = ("floor_bp", "cap_bp", "small_max", "medium_max")
        terms = {name: scenario[name] for name in names}
        self.world = world
        self.period = period_of(world.data_platform, scenario["opening_capacity_minutes"], **terms)
        self.requests: dict[str, DataRequest] = {}
        self.holder = budget_holder(world.data_platform)
        self.day = TUESDAY.date()

    def file(self, step: dict[str, Any]) -> str:
        request = filed(self.world, kind="extract", title=step["request"])
        if step.get("exempt"):
            request.exemption, request.exemption_confirmed_at = ExemptKind.objects.all()[0], TUESDAY
            request.save(update_fields=["exemption", "exemption_confirmed_at"])
        lane = "exempt" if step.get("exempt") else "complex"
        estimate = Estimate(lane, step["estimate"], is_structural=bool(step.get("structural")))
        self.requests[step["request"]] = request = decide_request(
            actor=self.world.alice, request=request, estimate=estimate, at=TUESDAY
        )
        if request.state == "awaiting_approval" and step.get("approved"):
            approve_request(actor=self.world.alice, request=request, at=TUESDAY)
        if request.state == "queued":
            withdraw_request(actor=self.world.bob, request=request, at=TUESDAY)
        return request.size

    def spend(self, step: dict[str, Any]) -> None:
        self.day -= timedelta(days=1)
        worked(self.requests[step["request"]], self.world.alice, step["minutes"], self.day)

    exempt_spend = spend

    def close(self, step: dict[str, Any]) -> None:
        withdraw_request(actor=self.world.bob, request=self.requests[step["request"]], at=TUESDAY)

    def capacity(self, step: dict[str, Any]) -> None:
        team = self.world.data_platform
        adjust_capacity(actor=self.world.alice, team=team, minutes=step["minutes"], reason=step["reason"], at=TUESDAY)

    def reverse(self, step: dict[str, Any]) -> None:
        entry = BudgetEntry.objects.get(period=self.period, seq=step["entry"])
        reverse_entry(actor=self.world.alice, entry=entry, reason=step["reason"], at=TUESDAY)

    def after(self) -> dict[str, Any]:
        period = BudgetPeriod.objects.get(pk=self.period.pk)
        view = budget_of(self.world.data_platform, TUESDAY)
        balance = balance_of(period)
        return {
            "C": balance.capacity, "F": floor_of(balance.capacity, terms_of(period)), "K": view.cap,
            "spent": balance.spent, "reserved": balance.reserved, "exempt": balance.exempt, "used": balance.used,
            "state": state_of(balance, terms_of(period)),
        }  # fmt: skip


@pytest.mark.parametrize("scenario", THROUGH_SERVICES, ids=[one["name"] for one in THROUGH_SERVICES])
def test_the_services_post_what_the_cases_expect(world: World, scenario: dict[str, Any]) -> None:
    play = Play(world, scenario)
    for number, step in enumerate(scenario["steps"], start=1):
        size = getattr(play, step["op"])(step)
        assert play.after() == step["expected_after"], f"step {number} {step}"
        if step["op"] == "file":
            assert size == step["expected_size"]
    names = ("kind", "d_spent", "d_reserved", "d_exempt", "d_capacity")
    posted = list(BudgetEntry.objects.order_by("seq").values_list(*names))
    assert posted == [tuple(entry[name] for name in names) for entry in scenario["final_ledger"]]
