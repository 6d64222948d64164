"""A plan from its draft to its lock: lines, votes, commitments, the promise (spec budget 5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ownership.models import Asset
from portal.core.errors import Conflict, DomainError, NotAllowed, Stale
from portal.core.models import AuditEntry
from portal.engine.models import Deadline, Notice
from portal.engine.services.firing import fire_batch
from requests_queue.domain.scenarios import evaluate
from requests_queue.models import BudgetPeriod, PlanCandidate, PlanItem, PlanNeed, PlanScenario, PlanVote
from requests_queue.queries.plan_facts import facts_of
from requests_queue.services.candidates import Wish, add_candidate, estimate_candidate, say_delay
from requests_queue.services.plan_locking import LockChoices, lock_plan
from requests_queue.services.plan_needs import answer_need, ask_need
from requests_queue.services.plan_opening import STEP_KIND, reopen_plan
from requests_queue.services.plan_ranking import LineFacts, edit_line, rank_items, set_aside, set_upkeep
from requests_queue.services.plan_scenarios import keep_scenario
from requests_queue.services.plan_votes import cast_vote, name_voter
from tests.app.requests_queue.desk import TUESDAY, filed
from tests.app.requests_queue.planning import (
    CAPACITY,
    LINE_1,
    LINE_2,
    line,
    locked,
    opened,
    order,
    wished,
)
from tests.world import make_person, make_team

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def elif_(world: World) -> Person:
    """The lead of Analytics, who votes for it; the team has a request to Data Platform."""
    filed(world)
    return make_person("elif", team=world.analytics, role="lead")


def test_a_draft_knows_the_time_of_the_team_and_what_it_carries(world: World) -> None:
    uses = evaluate(facts_of(opened(world), TUESDAY)).uses
    assert (uses.capacity, uses.maintenance, uses.oncall) == (CAPACITY, 1_000, 2_000)
    assert (uses.line_1, uses.line_2) == (LINE_1, LINE_2)


def test_lines_stand_in_the_order_of_the_lead(world: World) -> None:
    plan = opened(world)
    first, second = line(world, "Funnel"), line(world, "Cohorts")
    rank_items(actor=world.alice, plan=plan, ordered_ids=[second.pk, first.pk], at=TUESDAY)
    assert order(plan) == ["Cohorts", "Funnel"]


def test_a_ranking_of_an_older_version_is_refused_and_changes_nothing(world: World) -> None:
    plan = opened(world)
    first, second = line(world, "Funnel"), line(world, "Cohorts")
    with pytest.raises(Stale):
        rank_items(
            actor=world.alice, plan=plan, ordered_ids=[second.pk, first.pk], plan_version=plan.version, at=TUESDAY
        )
    assert order(plan) == ["Funnel", "Cohorts"]


@pytest.mark.parametrize("handle", ["bob", "carol", "dave"])
def test_only_the_lead_ranks(world: World, handle: str) -> None:
    plan = opened(world)
    only = line(world, "Funnel")
    with pytest.raises(NotAllowed):
        rank_items(actor=getattr(world, handle), plan=plan, ordered_ids=[only.pk], at=TUESDAY)
    assert AuditEntry.objects.filter(verb="requests.plan_ranked").count() == 0


def test_a_wish_without_an_estimate_becomes_a_line_when_it_gets_one(world: World) -> None:
    plan = opened(world)
    candidate = wished(world, "Attribution", None)
    assert order(plan) == []
    estimate_candidate(actor=world.alice, candidate=candidate, minutes=900, spread_minutes=200, at=TUESDAY)
    assert list(plan.items.filter(rank=1).values_list("title", "minutes", "spread_minutes")) == [
        ("Attribution", 900, 200)
    ]


def test_a_line_set_aside_leaves_no_gap_and_the_wish_stays(world: World) -> None:
    plan = opened(world)
    first, second = line(world, "Funnel"), line(world, "Cohorts")
    set_aside(actor=world.alice, items=[first], plan=plan, at=TUESDAY)
    second.refresh_from_db()
    assert (second.rank, PlanCandidate.objects.filter(status="open").count()) == (1, 2)


def test_upkeep_set_by_hand_keeps_the_suggestion_beside_it(world: World) -> None:
    plan = opened(world)
    item = set_upkeep(
        actor=world.alice, plan=plan, kind="oncall", minutes=900, reason="we share it with another team", at=TUESDAY
    )
    assert (item.minutes, item.suggested_minutes) == (900, 6_240)


def test_a_team_gives_at_most_ten_points(world: World, elif_: Person) -> None:
    opened(world)
    first, second = wished(world, "Funnel"), wished(world, "Cohorts")
    assert cast_vote(actor=elif_, candidate=first, team=world.analytics, points=7, at=TUESDAY) == 3
    with pytest.raises(Conflict) as refused:
        cast_vote(actor=elif_, candidate=second, team=world.analytics, points=4, at=TUESDAY)
    assert refused.value.code == "plan.vote_quota"
    assert list(PlanVote.objects.values_list("points", flat=True)) == [7]


def test_points_can_be_moved_until_input_closes(world: World, elif_: Person) -> None:
    plan = opened(world)
    first, second = wished(world, "Funnel"), wished(world, "Cohorts")
    cast_vote(actor=elif_, candidate=first, team=world.analytics, points=10, at=TUESDAY)
    cast_vote(actor=elif_, candidate=first, team=world.analytics, points=0, at=TUESDAY)
    assert cast_vote(actor=elif_, candidate=second, team=world.analytics, points=10, at=TUESDAY) == 0
    with pytest.raises(Conflict, match="has closed"):
        cast_vote(actor=elif_, candidate=second, team=world.analytics, points=1, at=plan.input_closes_at)


def test_a_team_that_does_not_depend_on_the_plan_does_not_vote(world: World) -> None:
    opened(world)
    gina = make_person("gina", team=make_team("legal"), role="lead")
    candidate = add_candidate(actor=world.alice, team=world.data_platform, wish=Wish("Funnel", "", 600), at=TUESDAY)
    with pytest.raises(Conflict) as refused:
        cast_vote(actor=gina, candidate=candidate, team=gina.memberships.get().team, points=1, at=TUESDAY)
    assert (refused.value.code, PlanVote.objects.count()) == ("plan.not_invited", 0)


def test_a_named_voter_votes_and_a_member_does_not(world: World, elif_: Person) -> None:
    opened(world)
    candidate = wished(world, "Funnel")
    with pytest.raises(NotAllowed):
        cast_vote(actor=world.bob, candidate=candidate, team=world.analytics, points=1, at=TUESDAY)
    name_voter(actor=elif_, team=world.analytics, person=world.bob, at=TUESDAY)
    assert cast_vote(actor=world.bob, candidate=candidate, team=world.analytics, points=1, at=TUESDAY) == 9


def test_what_waiting_costs_is_said_by_whoever_wants_it(world: World) -> None:
    opened(world)
    candidate = wished(world, "Funnel")
    say_delay(actor=world.bob, candidate=candidate, cost=4, why="Each week we guess the budget.", at=TUESDAY)
    candidate.refresh_from_db()
    assert (candidate.cost_of_delay, candidate.why) == (4, "Each week we guess the budget.")
    with pytest.raises(NotAllowed):
        say_delay(actor=world.dave, candidate=candidate, cost=1, why="It can wait.", at=TUESDAY)


def test_another_team_accepts_or_declines_what_a_line_needs(world: World) -> None:
    opened(world)
    carla = make_person("carla", team=world.checkout, role="lead")
    need = ask_need(
        actor=world.alice, item=line(world, "Funnel"), team=world.checkout, what="The new event by 1 Feb", at=TUESDAY
    )
    assert Notice.objects.get(recipient=carla).context["line"] == (
        "“Funnel” needs from Checkout: The new event by 1 Feb"
    )
    with pytest.raises(DomainError, match="Say why not"):
        answer_need(actor=carla, need=need, is_accepted=False, at=TUESDAY)
    answer_need(actor=carla, need=need, is_accepted=True, at=TUESDAY)
    assert PlanNeed.objects.get().state == "accepted"
    with pytest.raises(Conflict, match="has said accepted"):
        answer_need(actor=carla, need=need, is_accepted=True, at=TUESDAY)


def test_one_minute_over_the_second_line_is_refused_with_the_minutes(world: World) -> None:
    plan = opened(world)
    item = line(world, "Everything", LINE_2 + 1)
    with pytest.raises(DomainError) as refused:
        lock_plan(actor=world.alice, plan=plan, choices=LockChoices(mark_at_risk=True), at=TUESDAY)
    assert (refused.value.code, refused.value.extra) == ("plan.over_capacity", {"over": 1})
    plan.refresh_from_db()
    assert (plan.state, BudgetPeriod.objects.filter(quarter_start=plan.quarter_start).count()) == ("open_for_input", 0)
    edit_line(actor=world.alice, item=item, facts=LineFacts("Everything", LINE_2, is_bumpable=True), at=TUESDAY)
    done = lock_plan(actor=world.alice, plan=plan, at=TUESDAY)
    assert AuditEntry.objects.get(verb="requests.plan_locked").after["at_risk"] == LINE_2 - LINE_1
    assert done.snapshot["lines"] == [{"item": item.pk, "rank": 1, "minutes": LINE_2, "side": "at_risk"}]


def test_a_line_between_the_cuts_must_be_able_to_give_way(world: World) -> None:
    plan = opened(world)
    line(world, "Everything", LINE_1 + 1)
    with pytest.raises(DomainError) as refused:
        lock_plan(actor=world.alice, plan=plan, at=TUESDAY)
    assert refused.value.code == "plan.not_bumpable"
    assert lock_plan(actor=world.alice, plan=plan, choices=LockChoices(mark_at_risk=True), at=TUESDAY).state == "locked"


def test_locking_opens_the_books_with_the_capacity_of_the_moment(world: World) -> None:
    plan = opened(world)
    line(world, "Funnel")
    locked(world, plan)
    period = BudgetPeriod.objects.get(quarter_start=plan.quarter_start)
    assert (period.opening_capacity_minutes, period.locked_by, period.locked_at) == (CAPACITY, world.alice, TUESDAY)
    assert [(row.person, row.minutes) for row in period.lines.all()] == [(world.alice, CAPACITY)]


def test_locking_answers_every_wish_and_tells_each_sponsor_once(world: World) -> None:
    plan = opened(world)
    wished(world, "Funnel", LINE_1)
    wished(world, "Cohorts", LINE_2)
    refused = wished(world, "A chart", None)
    choices = LockChoices(
        set_below_aside=True, mark_at_risk=True, refusals={refused.pk: "Nobody decides anything with it."}
    )
    lock_plan(actor=world.alice, plan=plan, choices=choices, at=TUESDAY)
    answers = PlanCandidate.objects.filter(plan=plan).order_by("pk").values_list("status", "decision_reason")
    assert list(answers) == [
        ("taken", "Line 1 of Q1 2027."),
        ("moved", "Below the line: not this quarter."),
        ("not_taken", "Nobody decides anything with it."),
    ]
    assert Notice.objects.get(recipient=world.bob, kind="requests.plan").context["line"] == (
        "“Funnel” is planned for Q1 2027. “Cohorts” waits for Q2 2027. "
        "“A chart” is not taken: Nobody decides anything with it."
    )
    moved = PlanCandidate.objects.get(plan__quarter_start=datetime(2027, 4, 1, tzinfo=UTC).date())
    assert (moved.title, moved.moved_from_id is not None, moved.passed_over, moved.item.rank) == ("Cohorts", True, 1, 1)


def test_a_locked_plan_takes_no_wish_vote_or_order(world: World, elif_: Person) -> None:
    plan = opened(world)
    candidate = wished(world, "Funnel")
    locked(world, plan)
    with pytest.raises(Conflict, match="locked"):
        cast_vote(actor=elif_, candidate=candidate, team=world.analytics, points=1, at=TUESDAY)
    with pytest.raises(Conflict, match="locked"):
        rank_items(actor=world.alice, plan=plan, ordered_ids=[candidate.item.pk], at=TUESDAY)
    assert wished(world, "Later").plan.quarter_start.isoformat() == "2027-04-01"


def test_an_admin_takes_a_lock_back_before_the_quarter(world: World, admin: Person) -> None:
    plan = opened(world)
    line(world, "Funnel")
    locked(world, plan)
    with pytest.raises(NotAllowed):
        reopen_plan(actor=world.alice, plan=plan, reason="we forgot a holiday", at=TUESDAY)
    assert reopen_plan(actor=admin, plan=plan, reason="we forgot a holiday", at=TUESDAY).state == "open_for_input"
    assert AuditEntry.objects.get(verb="requests.plan_reopened").before["snapshot"]["capacity"] == CAPACITY
    locked(world, plan)
    with pytest.raises(Conflict, match="has begun"):
        reopen_plan(actor=admin, plan=plan, reason="we forgot a holiday", at=datetime(2027, 1, 1, tzinfo=UTC))


def test_a_scenario_writes_nothing_but_itself(world: World) -> None:
    plan = opened(world)
    line(world, "Funnel")
    before = list(PlanItem.objects.order_by("pk").values())
    changes = [{"kind": "leave", "person": "alice", "from": "2027-01-04", "to": "2027-01-15"}]
    keep_scenario(actor=world.alice, plan=plan, name="Alice away", changes=changes, at=TUESDAY)
    assert list(PlanItem.objects.order_by("pk").values()) == before
    assert list(PlanScenario.objects.values_list("name", "changes")) == [("Alice away", changes)]
    with pytest.raises(DomainError):
        keep_scenario(actor=world.alice, plan=plan, name="Nonsense", changes=[{"kind": "magic"}], at=TUESDAY)


def test_the_engine_opens_the_plan_and_reminds_the_voters(world: World, elif_: Person, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    wished(world, "Funnel")
    plan = PlanCandidate.objects.get().plan
    assert plan.state == "draft"
    clock.set(plan.opens_at + timedelta(seconds=1))
    fire_batch(by="test")
    plan.refresh_from_db()
    assert plan.state == "open_for_input"
    clock.set(plan.input_closes_at - timedelta(days=3) + timedelta(seconds=1))
    fire_batch(by="test")
    lines = [row.context["line"] for row in Notice.objects.filter(kind="requests.plan", recipient=elif_)]
    assert sorted(lines) == [
        "The plan is open: your team has ten points to give.", "Three days left to give your team's points.",
    ]  # fmt: skip


def test_a_team_that_voted_is_not_reminded(world: World, elif_: Person, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    plan = opened(world)
    cast_vote(actor=elif_, candidate=wished(world, "Funnel"), team=world.analytics, points=1, at=TUESDAY)
    clock.set(plan.input_closes_at - timedelta(days=10) + timedelta(seconds=1))
    fire_batch(by="test")
    assert Notice.objects.filter(kind="requests.plan", recipient=elif_).count() == 0


def test_a_lock_ends_the_reminders_and_leaves_the_end_of_the_quarter(world: World) -> None:
    plan = opened(world)
    line(world, "Funnel")
    locked(world, plan)
    armed = Deadline.objects.filter(kind=STEP_KIND, state="armed", subject_id=plan.pk)
    assert list(armed.values_list("step", flat=True)) == [7]


def test_no_asset_is_needed_to_wish(world: World) -> None:
    assert (wished(world, "Funnel").assets.count(), Asset.objects.count()) == (0, 0)
