"""Exempt work, quarters that close, capacity that changes, and the outlook."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db.models import Sum

from portal.accounts.domain.vocabulary import GrantName
from portal.accounts.services.absences import Away, enter_absence
from portal.accounts.services.grants import give_grant
from portal.core.errors import NotAllowed
from portal.engine.models import Deadline, Notice
from portal.engine.services.firing import fire_batch
from requests_queue.handlers import run_budget_forecast
from requests_queue.models import (
    BudgetEntry,
    BudgetPeriod,
    DataRequest,
    ExemptKind,
)
from requests_queue.queries.budget import budget_of, outlook_of
from requests_queue.services.deciding import Estimate, decide_request
from requests_queue.services.exempting import confirm_exemption, lapse_exemption
from requests_queue.services.quarters import close_quarter
from requests_queue.services.time_log import log_time
from requests_queue.services.working import ask_requester, start_work
from tests.app.requests_queue.books import decided, period_of, worked
from tests.app.requests_queue.desk import TUESDAY, filed
from tests.world import make_admin, make_person

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


def exempt(world: World, *, at: datetime = TUESDAY) -> DataRequest:
    request = filed(world, at=at, exemption=ExemptKind.objects.create(slug="audit", name="Audit", is_private=False))
    return decide_request(actor=world.alice, request=request, estimate=Estimate("exempt", 600), at=at)


def test_exempt_work_is_counted_apart(world: World) -> None:
    request = exempt(world)
    worked(request, world.alice, 660)
    period = BudgetPeriod.objects.get()
    assert (request.state, period.exempt, period.spent, period.reserved) == ("accepted", 660, 0, 0)


def test_an_exemption_that_nobody_confirms_lapses_at_the_ninth_counted_hour(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    request = exempt(world)
    worked(request, world.alice, 660)
    assert Deadline.objects.get(kind="requests.exemption").due_at == TUESDAY + timedelta(days=1)
    clock.set(TUESDAY + timedelta(days=1, seconds=1))
    fire_batch(by="test")
    request.refresh_from_db()
    period = BudgetPeriod.objects.get()
    sums = BudgetEntry.objects.aggregate(exempt=Sum("d_exempt"), spent=Sum("d_spent"))
    assert (request.state, request.exemption, period.exempt, period.spent) == ("triage", None, 0, 660)
    assert sums == {"exempt": 0, "spent": 660}


def test_what_waited_when_its_exemption_lapsed_runs_on_at_the_desk(world: World) -> None:
    request = start_work(actor=world.alice, request=exempt(world), at=TUESDAY)
    ask_requester(actor=world.alice, request=request, question="Which days?", at=TUESDAY)
    assert request.clocks.get(kind="resolution").state == "paused"
    lapse_exemption(request=request, at=TUESDAY + timedelta(days=1))
    assert (DataRequest.objects.get().state, request.clocks.get(kind="resolution").state) == ("triage", "running")


def test_a_confirmed_exemption_stays(world: World) -> None:
    request = exempt(world)
    legal, root = make_person("lena"), make_admin()
    with pytest.raises(NotAllowed):
        confirm_exemption(actor=legal, request=request, at=TUESDAY)
    give_grant(actor=root, person=legal, team=None, name=GrantName.EXEMPT, reason="legal officer",
               days=(date(2026, 1, 1), None), at=datetime(2026, 1, 1, 9, tzinfo=UTC))  # fmt: skip
    confirm_exemption(actor=legal, request=request, at=TUESDAY)
    assert lapse_exemption(request=request, at=TUESDAY + timedelta(days=2)) is False
    assert DataRequest.objects.get().exemption_confirmed_by == legal


def test_a_quarter_that_closes_rolls_reservations_and_carries_its_overdraft(world: World, clock: MovableClock) -> None:
    period = period_of(world.data_platform, 10_000)
    request = decided(world, 100)
    worked(decided(world, 480), world.alice, 1200)
    late = datetime(2027, 1, 8, 9, 0, tzinfo=UTC)
    assert Deadline.objects.filter(kind="requests.quarter_close").count() == 0  # made by hand above
    assert close_quarter(period=period, at=late) is True
    old, new = BudgetPeriod.objects.order_by("quarter_start")
    rolled = list(BudgetEntry.objects.filter(kind__startswith="ROLL").values_list("kind", "request", "d_reserved"))
    assert rolled == [("ROLL_OUT", request.pk, -100), ("ROLL_IN", request.pk, 100)]
    assert (old.reserved, new.reserved, new.spent, new.overdraft_minutes, old.closed_at) == (0, 100, 0, 200, late)
    assert close_quarter(period=period, at=late) is False


def test_time_entered_late_lands_in_the_old_books_until_they_close_and_in_the_new_ones_afterwards(world: World) -> None:
    period = period_of(world.data_platform)
    request = decided(world, 100)
    early, late = datetime(2027, 1, 5, 9, tzinfo=UTC), datetime(2027, 1, 11, 9, tzinfo=UTC)
    for minutes, at in ((10, early), (20, late)):
        if at == late:
            close_quarter(period=period, at=late)
        log_time(actor=world.alice, request=request, minutes=minutes, work_date=date(2026, 12, 30),
                 idem_key=uuid.uuid4(), at=at)  # fmt: skip
    found = BudgetEntry.objects.filter(kind="SPEND").order_by("pk")
    facts = [(one.period.quarter_start, one.is_late, one.work_date) for one in found]
    assert facts == [(date(2026, 10, 1), False, date(2026, 12, 30)), (date(2027, 1, 1), True, date(2026, 12, 30))]


def test_absence_lowers_the_live_capacity_of_a_provisional_quarter(world: World) -> None:
    before = budget_of(world.data_platform, TUESDAY).balance.capacity
    away = Away(first_on=date(2026, 12, 1), last_on=date(2026, 12, 4))
    enter_absence(actor=world.alice, person=world.alice, away=away, at=TUESDAY)
    assert before - budget_of(world.data_platform, TUESDAY).balance.capacity == 4 * 480


def test_crossing_into_amber_is_told_to_the_lead_once(world: World) -> None:
    period_of(world.data_platform, 4_000)
    decided(world, 110), decided(world, 100), decided(world, 20)
    notices = Notice.objects.filter(kind="requests.budget_band")
    assert [(one.recipient, one.context["state"]) for one in notices] == [(world.alice, "amber")]


def test_a_cap_that_is_reached_within_ten_working_days_at_this_pace_is_told_once(
    world: World, clock: MovableClock
) -> None:
    clock.set(TUESDAY)
    period_of(world.data_platform, 12_000)  # K is 1,200
    request = decided(world, 480)
    worked(request, world.alice, 400, TUESDAY.date() - timedelta(days=4))
    assert run_budget_forecast({}, None) == {"teams": 0}  # type: ignore[arg-type]  # the job tells no progress
    worked(decided(world, 480), world.alice, 420)  # 41 a day: the tenth day passes what is left
    notices = Notice.objects.filter(kind="requests.budget_band", context__state__icontains="reaches its cap")
    for _ in range(2):
        assert run_budget_forecast({}, None) == {"teams": 1}  # type: ignore[arg-type]  # as above
    told = [(one.recipient, one.context["state"], one.context["cap"]) for one in notices]
    assert told == [(world.alice, "amber and reaches its cap about 8 December", "10.0 %")]


def test_the_outlook_counts_the_pace_of_the_last_twenty_working_days(world: World) -> None:
    period_of(world.data_platform, 100_000)
    request = decided(world, 480)
    worked(request, world.alice, 400)
    told = outlook_of(budget_of(world.data_platform, TUESDAY), TUESDAY)
    assert told.forecast.minutes == 400 + max(80, 400 * 27 // 20)
