"""A line after the lock, until it ships or moves on; and whether the questions stopped (spec additions, budget 6)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, transaction

from portal.core.errors import Conflict, DomainError, NotAllowed
from portal.engine.models import Deadline, Notice
from portal.engine.services.firing import fire_batch
from requests_queue.domain.states import State
from requests_queue.models import (
    ClusterMember,
    DataRequest,
    ModelOutcome,
    PlanCandidate,
    PlanChange,
    PlanItem,
    QuarterPlan,
    RequestCluster,
)
from requests_queue.services.candidates import gather_deferred, nominate_candidate
from requests_queue.services.clusters import (
    cluster_by_hand,
    merge_clusters,
    propose_model,
    refresh_clusters,
    reject_cluster,
    split_cluster,
)
from requests_queue.services.filing import Filing, file_request
from requests_queue.services.model_outcomes import REVIEW_KIND, look_at_outcome
from requests_queue.services.moving import Move, move
from requests_queue.services.plan_life import (
    NewLine,
    add_line,
    close_plan,
    drop_line,
    move_month,
    resize_line,
    set_remaining,
    ship_line,
    start_line,
)
from requests_queue.services.plan_opening import ensure_plan, open_plan
from requests_queue.services.plan_ranking import LineFacts, edit_line
from requests_queue.services.privacy import make_private
from tests.app.requests_queue.desk import TUESDAY, filed
from tests.app.requests_queue.planning import APRIL, FEBRUARY, LINE_2, Q1, line, locked, opened, order, wished

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
REASON = "a customer left and the figures changed"


def deferred(world: World, title: str = "Rebuild the funnel by region") -> DataRequest:
    """A request that waits for the plan with an estimate of fifteen hours."""
    request = filed(world, title=title, kind="metric")
    request.estimate_minutes = 900
    request.save(update_fields=["estimate_minutes"])
    step = Move(State.DEFERRED, "requests.deferred", line="Put off to the plan")
    move(actor=None, request=request, step=step, at=TUESDAY)
    nominate_candidate(actor=world.alice, request=request, at=TUESDAY)
    return request


def promised(world: World, title: str = "Funnel", minutes: int = 600) -> PlanItem:
    """A line of a locked plan."""
    plan = opened(world)
    item = line(world, title, minutes)
    locked(world, plan)
    return PlanItem.objects.get(pk=item.pk)


def test_shipping_resolves_the_deferred_requests_behind_it(world: World) -> None:
    plan = opened(world)
    request = deferred(world)
    locked(world, plan)
    item = PlanItem.objects.get(candidate__requests=request)
    start_line(actor=world.alice, item=item, at=FEBRUARY)
    ship_line(actor=world.alice, item=item, result="mart_funnel_region answers it.", at=FEBRUARY)
    request.refresh_from_db()
    item.refresh_from_db()
    assert (request.state, request.resolved_at, item.state) == (State.RESOLVED, FEBRUARY, "done")
    assert list(request.messages.values_list("body", flat=True)) == ["mart_funnel_region answers it."]


def test_the_owner_of_a_line_says_what_is_left_and_others_do_not(world: World) -> None:
    plan = opened(world)
    item = line(world, "Funnel")
    edit_line(actor=world.alice, item=item, facts=LineFacts("Funnel", 600, owner=world.carol), at=TUESDAY)
    locked(world, plan)
    item.refresh_from_db()
    set_remaining(actor=world.carol, item=item, minutes=200, at=FEBRUARY)
    with pytest.raises(NotAllowed):
        set_remaining(actor=world.bob, item=item, minutes=1, at=FEBRUARY)
    item.refresh_from_db()
    assert item.remaining_minutes == 200


def test_another_size_is_a_change_with_its_reason_and_the_snapshot_stays(world: World) -> None:
    item = promised(world)
    change = resize_line(actor=world.alice, item=item, minutes=900, reason=REASON, at=FEBRUARY)
    assert (change.kind, change.minutes_before, change.minutes_after, change.approver) == (
        "resize", 600, 900, world.alice,
    )  # fmt: skip
    assert QuarterPlan.objects.get(pk=item.plan_id).snapshot["lines"][0]["minutes"] == 600


def test_a_change_that_the_quarter_cannot_hold_is_refused_and_writes_nothing(world: World) -> None:
    item = promised(world)
    with pytest.raises(DomainError) as refused:
        resize_line(actor=world.alice, item=item, minutes=LINE_2 + 1, reason=REASON, at=FEBRUARY)
    assert (refused.value.code, refused.value.extra) == ("plan.over_capacity", {"over": 1})
    assert (PlanItem.objects.get(pk=item.pk).minutes, PlanChange.objects.count()) == (600, 0)


def test_a_line_can_come_in_later_with_a_reason(world: World) -> None:
    item = promised(world)
    add_line(actor=world.alice, plan=item.plan, line=NewLine("Urgent export", 300), reason=REASON, at=FEBRUARY)
    assert order(item.plan) == ["Funnel", "Urgent export"]
    with pytest.raises(DomainError, match="at least 10"):
        add_line(actor=world.alice, plan=item.plan, line=NewLine("Another", 300), reason="so", at=FEBRUARY)


def test_a_dropped_line_waits_in_the_next_plan_and_its_requester_hears_why(world: World) -> None:
    plan = opened(world)
    deferred(world)
    locked(world, plan)
    item = PlanItem.objects.get(plan=plan, rank=1)
    drop_line(actor=world.alice, item=item, reason=REASON, at=FEBRUARY)
    moved = PlanCandidate.objects.get(plan__quarter_start=date(2027, 4, 1))
    assert (moved.title, moved.status) == ("Rebuild the funnel by region", "open")
    told = Notice.objects.filter(recipient=world.bob, kind="requests.plan").order_by("created_at").last()
    assert told is not None
    assert told.context["line"] == f"“Rebuild the funnel by region” moves to a later quarter: {REASON}"


def test_only_a_line_that_was_promised_so_gives_way(world: World) -> None:
    item = promised(world)
    with pytest.raises(Conflict) as refused:
        drop_line(actor=world.alice, item=item, reason=REASON, is_bumped=True, at=FEBRUARY)
    assert (refused.value.code, PlanChange.objects.count()) == ("plan.not_bumpable", 0)


def test_another_month_is_told_once_to_who_waits(world: World) -> None:
    item = promised(world)
    move_month(actor=world.alice, item=item, month=date(2027, 3, 1), reason=REASON, at=FEBRUARY)
    with pytest.raises(DomainError, match="A month of Q1 2027"):
        move_month(actor=world.alice, item=item, month=date(2027, 4, 1), reason=REASON, at=FEBRUARY)
    assert PlanItem.objects.get(pk=item.pk).expected_month == date(2027, 3, 1)


def test_changes_are_never_rewritten(world: World) -> None:
    change = resize_line(actor=world.alice, item=promised(world), minutes=700, reason=REASON, at=FEBRUARY)
    with pytest.raises(DatabaseError), transaction.atomic():
        PlanChange.objects.filter(pk=change.pk).update(reason="nothing happened")


def test_what_is_not_finished_opens_the_next_draft_with_what_is_left(world: World) -> None:
    item = promised(world)
    set_remaining(actor=world.alice, item=item, minutes=250, at=FEBRUARY)
    following = ensure_plan(actor=None, team=world.data_platform, quarter=Q1.following(), at=FEBRUARY)
    open_plan(actor=None, plan=following, at=FEBRUARY)
    carried = PlanItem.objects.get(plan=following, carried_from=item)
    assert (carried.title, carried.minutes, carried.rank) == ("Funnel", 250, 1)
    ship_line(actor=world.alice, item=item, result="Done after all.", at=FEBRUARY)
    assert PlanItem.objects.filter(plan=following, rank__isnull=False).count() == 0


def test_the_end_of_the_quarter_carries_what_is_left_once(world: World) -> None:
    item = promised(world)
    assert close_plan(plan=item.plan, at=APRIL) is True
    assert close_plan(plan=item.plan, at=APRIL) is False
    item.refresh_from_db()
    assert (item.state, item.plan.state) == ("carried", "closed")
    assert PlanItem.objects.get(carried_from=item).plan.quarter_start == date(2027, 4, 1)


def test_shipping_what_was_carried_over_resolves_the_requests_of_the_first_quarter(world: World) -> None:
    plan = opened(world)
    request = deferred(world)
    locked(world, plan)
    close_plan(plan=plan, at=APRIL)
    carried = PlanItem.objects.get(carried_from__candidate__requests=request)
    locked(world, carried.plan, at=APRIL)
    start_line(actor=world.alice, item=carried, at=APRIL)
    ship_line(actor=world.alice, item=carried, result="mart_funnel_region answers it.", at=APRIL)
    request.refresh_from_db()
    assert (request.state, request.resolved_at) == (State.RESOLVED, APRIL)


def test_a_request_whose_line_was_carried_over_is_no_second_wish(world: World) -> None:
    plan = opened(world)
    request = deferred(world)
    locked(world, plan)
    close_plan(plan=plan, at=APRIL)
    assert gather_deferred(actor=None, team=world.data_platform, at=APRIL) == 0
    assert request.candidates.count() == 1


def test_a_plan_that_nobody_locked_passes_its_wishes_on(world: World) -> None:
    plan = opened(world)
    wished(world, "Funnel")
    close_plan(plan=plan, at=APRIL)
    answers = PlanCandidate.objects.order_by("pk").values_list("status", "plan__quarter_start")
    assert list(answers) == [("moved", date(2027, 1, 1)), ("open", date(2027, 4, 1))]


def test_a_request_that_two_plans_did_not_take_is_read_again(world: World) -> None:
    plan = opened(world)
    request = deferred(world)
    PlanItem.objects.filter(rank=1).delete()
    locked(world, plan)
    following = PlanCandidate.objects.get(status="open").plan
    PlanItem.objects.filter(plan=following, rank__isnull=False).delete()
    locked(world, following, at=FEBRUARY)
    request.refresh_from_db()
    assert request.state == State.TRIAGE
    assert request.clocks.get(kind="decision", cycle=2).start_at == FEBRUARY


def questions(world: World, count: int = 5, *, days_ago: int = 10) -> list[DataRequest]:
    """The same question over and over, by bob and carol in turn."""
    made = []
    for n in range(count):
        asker = (world.bob, world.carol)[n % 2]
        at = TUESDAY - timedelta(days=days_ago + n)
        made.append(_asked(world, asker, f"Seller cohorts by signup month {n}", at))
    return made


def _asked(world: World, asker: Person, title: str, at: datetime) -> DataRequest:
    filing = Filing(kind="question", title=title, team=world.data_platform)
    return file_request(actor=asker, filing=filing, at=at)


def test_the_night_finds_what_is_asked_again_and_again_and_the_next_night_changes_nothing(world: World) -> None:
    questions(world)
    filed(world, title="Refund rate by carrier")
    assert refresh_clusters(team=world.data_platform, at=TUESDAY) == 1
    before = list(ClusterMember.objects.order_by("request_id").values_list("cluster_id", "request_id"))
    refresh_clusters(team=world.data_platform, at=TUESDAY)
    assert list(ClusterMember.objects.order_by("request_id").values_list("cluster_id", "request_id")) == before
    assert (RequestCluster.objects.get().name, len(before)) == ("Seller cohorts by signup month 4", 5)


def test_a_private_question_is_in_no_theme_and_leaves_none_of_its_words(world: World) -> None:
    first = questions(world)[0]
    refresh_clusters(team=world.data_platform, at=TUESDAY)
    RequestCluster.objects.update(name=first.title)
    make_private(actor=world.bob, request=first, people=[world.alice], reason="a legal matter", at=TUESDAY)
    assert ClusterMember.objects.filter(request=first).count() == 0
    assert RequestCluster.objects.get().name != first.title
    refresh_clusters(team=world.data_platform, at=TUESDAY)
    assert ClusterMember.objects.count() == 4


def test_a_theme_becomes_a_candidate_and_the_asking_teams_are_invited(world: World) -> None:
    questions(world)
    refresh_clusters(team=world.data_platform, at=TUESDAY)
    candidate = propose_model(
        actor=world.bob, cluster=RequestCluster.objects.get(), title="Seller cohort model", minutes=8_640, at=TUESDAY
    )
    assert (candidate.title, candidate.item.kind, candidate.requests.count()) == (
        "Seller cohort model", "model_from_requests", 5,
    )  # fmt: skip
    assert set(candidate.invited.all()) == {world.analytics, world.checkout}
    with pytest.raises(Conflict, match="has been decided"):
        propose_model(actor=world.bob, cluster=RequestCluster.objects.get(), at=TUESDAY)


def test_a_rejected_theme_stays_away_for_ninety_days(world: World) -> None:
    questions(world)
    refresh_clusters(team=world.data_platform, at=TUESDAY)
    reject_cluster(actor=world.alice, cluster=RequestCluster.objects.get(), reason=REASON, at=TUESDAY)
    assert refresh_clusters(team=world.data_platform, at=TUESDAY + timedelta(days=89)) == 0
    assert refresh_clusters(team=world.data_platform, at=TUESDAY + timedelta(days=91)) == 1


def test_what_people_split_and_put_together_is_kept_by_later_nights(world: World) -> None:
    asked = questions(world, 6)
    refresh_clusters(team=world.data_platform, at=TUESDAY)
    whole = RequestCluster.objects.get()
    part = split_cluster(actor=world.alice, cluster=whole, requests=asked[:2], at=TUESDAY)
    refresh_clusters(team=world.data_platform, at=TUESDAY)
    assert (whole.members.count(), part.members.count()) == (4, 2)
    merge_clusters(actor=world.alice, cluster=whole, other=part, at=TUESDAY)
    refresh_clusters(team=world.data_platform, at=TUESDAY)
    assert (whole.members.count(), RequestCluster.objects.exclude(state="gone").count()) == (6, 1)


def test_questions_of_two_teams_are_not_one_theme(world: World) -> None:
    first, second = filed(world), filed(world, team=world.checkout)
    with pytest.raises(DomainError, match="one team"):
        cluster_by_hand(actor=world.bob, requests=[first, second], name="", at=TUESDAY)
    assert RequestCluster.objects.count() == 0


def shipped(world: World, asks: int) -> PlanItem:
    """A model out of so many questions, locked at once and shipped in February."""
    plan = opened(world)
    questions(world, asks, days_ago=1)
    refresh_clusters(team=world.data_platform, at=TUESDAY)
    candidate = propose_model(actor=world.bob, cluster=RequestCluster.objects.get(), minutes=600, at=TUESDAY)
    locked(world, plan)
    return ship_line(actor=world.alice, item=candidate.item, result="fct_seller_cohorts is there.", at=FEBRUARY)


def test_fewer_questions_than_chance_would_do_is_said_to_have_fallen(world: World) -> None:
    item = shipped(world, 18)
    settled = FEBRUARY + timedelta(days=14)
    for n in range(4):
        _asked(world, world.carol, f"Seller cohorts by signup month {n}", settled + timedelta(days=1 + n))
    at = settled + timedelta(days=76)
    refresh_clusters(team=world.data_platform, at=at)
    seen = look_at_outcome(item=item, at=at)
    assert seen is not None
    assert (seen.before, seen.before_days, seen.after, seen.after_days, seen.verdict) == (18, 90, 4, 76, "fell")
    assert (round(seen.probability, 3), seen.minutes_saved) == (0.007, 336)


def test_the_engine_looks_every_month_for_a_year(world: World, clock: MovableClock) -> None:
    item = shipped(world, 6)
    assert Deadline.objects.filter(kind=REVIEW_KIND, state="armed", subject_id=item.pk).count() == 12
    clock.set(FEBRUARY + timedelta(days=44, seconds=1))
    fire_batch(by="test")
    assert ModelOutcome.objects.get().verdict == "not_shown"


def test_a_line_that_came_from_no_questions_is_not_watched(world: World) -> None:
    item = promised(world)
    ship_line(actor=world.alice, item=item, result="Done.", at=FEBRUARY)
    assert look_at_outcome(item=item, at=APRIL) is None
