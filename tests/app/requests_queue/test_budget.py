"""The ledger through the services: what the numbers do to requests."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import Error, connection, transaction

from portal.core.errors import Conflict, DomainError, NotAllowed
from portal.engine.models import Deadline, Notice
from portal.engine.services.firing import fire_batch
from requests_queue.models import (
    BudgetEntry,
    BudgetPeriod,
    DataRequest,
    DecisionLetter,
    OverrideProposal,
    PlanCandidate,
    RequestLink,
    Shortcut,
)
from requests_queue.services.deciding import Estimate, approve_request, decide_request, defer_request
from requests_queue.services.overriding import decide_override, propose_override
from requests_queue.services.privacy import make_private
from requests_queue.services.time_log import log_time, reverse_entry
from requests_queue.services.working import resolve_request, start_work, withdraw_request
from tests.app.requests_queue.books import HOUR, WHY, budget_holder, bumpable, decided, period_of, worked
from tests.app.requests_queue.desk import TUESDAY, accepted, filed
from tests.app.requests_queue.library import shop_assets
from tests.world import make_person

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


def test_small_work_is_reserved_and_shortens_the_promise_to_nine_hours(world: World) -> None:
    request = decided(world, 90)
    entry = BudgetEntry.objects.get()
    assert (request.state, request.size, entry.kind, entry.d_reserved) == ("accepted", "small", "RESERVE", 90)
    assert request.clocks.get(kind="resolution").allowance_seconds == 9 * 3600


def test_medium_work_above_the_floor_waits_for_the_lead_and_reserves_nothing(world: World) -> None:
    period_of(world.data_platform)
    decided(world, 480), decided(world, 480), decided(world, 480)
    request = decided(world, 300)
    assert (request.state, BudgetPeriod.objects.get().reserved) == ("awaiting_approval", 1440)
    approve_request(actor=world.alice, request=request, at=TUESDAY + HOUR)
    assert BudgetPeriod.objects.get().reserved == 1740


def test_an_approval_that_waits_nine_hours_is_told_upwards(world: World, clock: MovableClock) -> None:
    period_of(world.data_platform, 8_000)
    clock.set(TUESDAY)
    request = decided(world, 480)
    assert Deadline.objects.get(kind="requests.approval", state="armed").due_at == TUESDAY + timedelta(days=1)
    clock.set(TUESDAY + timedelta(days=1, seconds=1))
    fire_batch(by="test")
    assert Notice.objects.filter(kind="requests.approval_waits", recipient=world.alice).count() == 1
    assert request.events.filter(kind="approval_waits").exists()


def test_a_complex_request_in_a_green_quarter_is_deferred_with_a_letter_that_names_rule_numbers_and_candidate(
    world: World,
) -> None:
    period_of(world.data_platform)
    request = decided(world, 900, lane="complex", note="mart_funnel_daily answers the country split")
    letter, candidate = DecisionLetter.objects.get(), PlanCandidate.objects.get()
    assert (request.state, letter.rule, candidate.estimate_minutes) == ("deferred", "size_green", 900)
    assert f"candidate C-{candidate.pk} of the plan of Q1 2027" in letter.body
    assert "it is the size that decides and not the budget" in letter.body
    assert "Until then: mart_funnel_daily answers the country split" in letter.body
    assert {clock.kind: clock.state for clock in request.clocks.all()} == dict.fromkeys(
        ("first_response", "decision", "resolution"), "met"
    )
    decided(world, 60)
    assert DecisionLetter.objects.get().numbers["used_minutes"] == "0"


def test_a_small_request_queued_first_comes_in_before_a_smaller_one_queued_later(world: World) -> None:
    period_of(world.data_platform, 4_000)
    running = decided(world, 120)
    second = decided(world, 120)
    more = decided(world, 100)
    first, later = decided(world, 100), decided(world, 70, at=TUESDAY + HOUR)
    assert [one.state for one in (running, second, more, first, later)] == ["accepted"] * 3 + ["queued"] * 2
    start_work(actor=world.alice, request=more, at=TUESDAY)
    resolve_request(actor=world.alice, request=more, result="Done", at=TUESDAY + 2 * HOUR)
    states = [DataRequest.objects.get(pk=one.pk).state for one in (first, later)]
    assert (states, BudgetPeriod.objects.get().reserved) == (["accepted", "queued"], 340)


def test_when_the_oldest_does_not_fit_nobody_is_promoted(world: World) -> None:
    period_of(world.data_platform, 4_000)
    big, small = decided(world, 120), decided(world, 60)
    decided(world, 120), decided(world, 100)
    first, later = decided(world, 110), decided(world, 55, at=TUESDAY + HOUR)
    withdraw_request(actor=world.bob, request=small, at=TUESDAY)
    assert big.state == "accepted"
    assert [DataRequest.objects.get(pk=one.pk).state for one in (first, later)] == ["queued", "queued"]


@pytest.mark.parametrize(
    ("approver", "reason", "code"),
    [("proposer", WHY, "budget.same_person"), ("requester", WHY, "requests.not_lead"),
     ("lead", "19 characters long.", "budget.reason_too_short")],
)  # fmt: skip
def test_an_override_that_breaks_its_rules_is_refused_and_posts_nothing(
    world: World, approver: str, reason: str, code: str
) -> None:
    period_of(world.data_platform)
    frank = make_person("frank", team=world.data_platform, role="lead")
    request = decided(world, 600)
    people = {"proposer": world.alice, "requester": world.bob, "lead": frank}
    with pytest.raises(DomainError) as refusal:
        _proposed_and_approved(request, world.alice, people[approver], reason)
    assert (refusal.value.code, BudgetEntry.objects.count()) == (code, 0)


def _proposed_and_approved(request: DataRequest, proposer: Person, approver: Person, reason: str) -> None:
    propose_override(actor=proposer, request=request, reason=reason, at=TUESDAY)
    decide_override(actor=approver, request=request, is_approved=True, at=TUESDAY)


def test_above_the_cap_a_plan_item_gives_way_and_a_budget_holder_approves(world: World) -> None:
    period_of(world.data_platform, 4_000)
    request = decided(world, 600)
    with pytest.raises(DomainError) as refusal:
        propose_override(actor=world.alice, request=request, reason=WHY, at=TUESDAY)
    assert refusal.value.code == "budget.gives_way_required"
    item = bumpable(world)
    propose_override(
        actor=world.alice, request=request, reason=WHY, gives_way=str(item.pk), left_out="No tests yet", at=TUESDAY
    )
    frank, holder = make_person("frank", team=world.data_platform, role="lead"), budget_holder(world.data_platform)
    with pytest.raises(NotAllowed):
        decide_override(actor=frank, request=request, is_approved=True, at=TUESDAY)
    later = TUESDAY + 3 * HOUR
    decide_override(actor=holder, request=request, is_approved=True, at=later)
    evidence, reserved = BudgetEntry.objects.order_by("seq")
    assert (evidence.kind, evidence.approver, evidence.gives_way) == ("OVERRIDE", holder, item)
    assert reserved.d_reserved == 600
    cycle = DataRequest.objects.get(pk=request.pk).clocks.get(kind="resolution", cycle=2)
    assert (cycle.start_at, Shortcut.objects.get().is_override) == (later, True)
    item.refresh_from_db()
    change = item.changes.get()
    assert (item.state, change.kind, change.approver, change.reason) == ("dropped", "bump", holder, f"Gives way: {WHY}")
    wish = PlanCandidate.objects.get(source_type="shortcut")
    assert (wish.title, wish.source_id) == (f"Make up for {request.number}: No tests yet", Shortcut.objects.get().pk)


def test_what_fits_under_the_cap_displaces_nothing(world: World) -> None:
    period_of(world.data_platform)
    request, item = decided(world, 600), bumpable(world)
    frank = make_person("frank", team=world.data_platform, role="lead")
    propose_override(actor=world.alice, request=request, reason=WHY, gives_way=str(item.pk), at=TUESDAY)
    decide_override(actor=frank, request=request, is_approved=True, at=TUESDAY)
    item.refresh_from_db()
    assert (item.state, item.changes.count()) == ("planned", 0)
    assert BudgetEntry.objects.get(kind="OVERRIDE").gives_way == item


def test_a_change_within_ninety_days_of_a_cut_corner_on_the_same_data_is_linked_as_rework(world: World) -> None:
    asset = shop_assets(world)["fct_orders"]
    first = start_work(actor=world.alice, request=accepted(world, assets=[asset]), at=TUESDAY)
    resolve_request(actor=world.alice, request=first, result="Done", left_out="No tests yet", at=TUESDAY)
    soon = filed(world, kind="data_issue", assets=[asset], at=TUESDAY + timedelta(days=90, seconds=-1))
    late = filed(world, kind="data_issue", assets=[asset], at=TUESDAY + timedelta(days=90))
    asked = filed(world, kind="question", assets=[asset], at=TUESDAY + timedelta(days=1))
    links = RequestLink.objects.filter(source__in=[soon, late, asked]).values_list("source", "target", "kind")
    assert list(links) == [(soon.pk, first.pk, "rework_of")]
    wish = PlanCandidate.objects.get(source_type="shortcut")
    assert list(wish.assets.all()) == [asset]


def test_a_cut_corner_of_what_becomes_private_later_leaves_the_plan(world: World) -> None:
    first = start_work(actor=world.alice, request=accepted(world), at=TUESDAY)
    resolve_request(actor=world.alice, request=first, result="Done", left_out="No tests yet", at=TUESDAY)
    make_private(actor=world.bob, request=first, people=[world.alice], reason="a claim of a customer", at=TUESDAY)
    assert PlanCandidate.objects.count() == 0


def test_a_private_request_leaves_no_candidate_and_no_link_to_rework(world: World) -> None:
    asset = shop_assets(world)["fct_orders"]
    first = start_work(actor=world.alice, request=accepted(world, assets=[asset]), at=TUESDAY)
    make_private(actor=world.bob, request=first, people=[world.alice], reason="a claim of a customer", at=TUESDAY)
    first.refresh_from_db()
    resolve_request(actor=world.alice, request=first, result="Done", left_out="No tests yet", at=TUESDAY)
    filed(world, kind="data_issue", assets=[asset], at=TUESDAY + timedelta(days=1))
    assert (PlanCandidate.objects.filter(source_type="shortcut").count(), RequestLink.objects.count()) == (0, 0)


def test_a_refused_override_leaves_the_request_in_the_plan(world: World) -> None:
    period_of(world.data_platform)
    request = decided(world, 600)
    frank = make_person("frank", team=world.data_platform, role="lead")
    propose_override(actor=frank, request=request, reason=WHY, at=TUESDAY)
    decide_override(actor=world.alice, request=request, is_approved=False, at=TUESDAY)
    assert (DataRequest.objects.get().state, OverrideProposal.objects.get().is_approved) == ("deferred", False)
    assert BudgetEntry.objects.count() == 0


@pytest.mark.parametrize("statement", ["UPDATE requests_queue_budgetentry SET d_spent = 1",
                                       "DELETE FROM requests_queue_budgetentry",
                                       "UPDATE requests_queue_decisionletter SET body = ''",
                                       "DELETE FROM requests_queue_clockevent",
                                       "UPDATE core_auditentry SET reason = ''"])  # fmt: skip
def test_the_database_refuses_to_rewrite_ledger_letters_clocks_and_audit(world: World, statement: str) -> None:
    decided(world, 60)
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert BudgetEntry.objects.get().d_reserved == 60


def test_a_mistake_is_reversed_once_and_a_closed_request_gives_back_what_that_restores(world: World) -> None:
    request = accepted(world)
    entry = worked(request, world.alice, 20)
    start_work(actor=world.alice, request=request, at=TUESDAY)
    resolve_request(actor=world.alice, request=request, result="Done", at=TUESDAY)
    reverse_entry(actor=world.alice, entry=entry, reason="typed 20 for 2", at=TUESDAY)
    kinds = list(BudgetEntry.objects.order_by("seq").values_list("kind", "d_spent", "d_reserved"))
    assert kinds == [("RESERVE", 0, 30), ("SPEND", 20, -20), ("RELEASE", 0, -10), ("REVERSE", -20, 20),
                     ("RELEASE", 0, -20)]  # fmt: skip
    with pytest.raises(Conflict) as refusal:
        reverse_entry(actor=world.alice, entry=entry, reason="again", at=TUESDAY)
    assert refusal.value.code == "budget.already_reversed"


def test_the_same_key_posts_once(world: World) -> None:
    request, key = accepted(world), uuid.uuid4()
    for _ in range(3):
        log_time(actor=world.alice, request=request, minutes=10, work_date=TUESDAY.date(), idem_key=key, at=TUESDAY)
    with pytest.raises(Conflict):
        log_time(actor=world.alice, request=request, minutes=11, work_date=TUESDAY.date(), idem_key=key, at=TUESDAY)
    assert BudgetEntry.objects.filter(kind="SPEND").count() == 1


@pytest.mark.parametrize("minutes", [0, -5, 1441, True, 1.5, "30"])
def test_minutes_that_are_none_are_refused(world: World, minutes: Any) -> None:
    with pytest.raises(DomainError) as refusal:
        worked(accepted(world), world.alice, minutes)
    assert (refusal.value.field, BudgetEntry.objects.filter(kind="SPEND").count()) == ("minutes", 0)


def test_a_day_has_1440_minutes_and_no_day_lies_ahead(world: World) -> None:
    request = accepted(world)
    worked(request, world.alice, 1000)
    with pytest.raises(DomainError, match="1,440"):
        worked(request, world.alice, 441)
    with pytest.raises(DomainError, match="today or earlier"):
        worked(request, world.alice, 10, TUESDAY.date() + timedelta(days=1))
    with pytest.raises(DomainError, match="100 days"):
        worked(request, world.alice, 10, TUESDAY.date() - timedelta(days=101))
    with pytest.raises(NotAllowed):
        worked(request, world.carol, 10)


def test_work_over_150_percent_goes_back_to_the_desk_and_keeps_its_reservation(world: World) -> None:
    request = decided(world, 60)
    worked(request, world.alice, 90)
    assert DataRequest.objects.get().state == "accepted"
    worked(request, world.alice, 1)
    assert DataRequest.objects.get().state == "triage"
    again = decide_request(actor=world.alice, request=request, estimate=Estimate("quick_win", 110), at=TUESDAY)
    assert (again.state, BudgetPeriod.objects.get().reserved) == ("accepted", 19)


def test_work_may_be_put_off_by_the_lead_and_gives_its_minutes_back(world: World) -> None:
    request = decided(world, 60)
    worked(request, world.alice, 100)
    defer_request(actor=world.alice, request=request, meanwhile="", at=TUESDAY)
    period = BudgetPeriod.objects.get()
    assert (DataRequest.objects.get().state, period.spent, period.reserved) == ("deferred", 100, 0)
