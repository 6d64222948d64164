"""The planning round of the demo, played through the services of the room at past instants."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from portal.accounts.models import Person, Team
from portal.core.domain.quarter import quarter_of
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import settle_notices
from portal.site.demo import planning
from portal.site.services.demo_requests import log_worked
from requests_queue.domain.scenarios import read_changes
from requests_queue.models import PlanCandidate, QuarterPlan
from requests_queue.services.candidates import Wish, add_candidate, say_delay
from requests_queue.services.clusters import cluster_by_hand, propose_model, refresh_clusters
from requests_queue.services.concluding import answer_request
from requests_queue.services.filing import Filing, file_request
from requests_queue.services.model_outcomes import look_at_outcome
from requests_queue.services.plan_finding import gather_found
from requests_queue.services.plan_life import ship_line, start_line
from requests_queue.services.plan_locking import LockChoices, lock_plan
from requests_queue.services.plan_needs import ask_need
from requests_queue.services.plan_opening import open_plan
from requests_queue.services.plan_ranking import LineFacts, edit_line
from requests_queue.services.plan_scenarios import keep_scenario
from requests_queue.services.plan_votes import cast_vote
from requests_queue.services.triage import claim_for_triage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.site.demo.planning import DemoWish
    from requests_queue.models import DataRequest

TEAM = "core-data"
DAY_MINUTES = 480
BEGAN, LOCKED, OPENED = timedelta(days=87), timedelta(days=85), timedelta(days=20)


def play_planning(*, at: datetime) -> None:
    """Last quarter's promise with a model that shipped, and the next plan open for input."""
    team, lead = Team.objects.get(slug=TEAM), Person.objects.get(handle="ruth")
    _past_plan(team, lead, at)
    asked = [_asked(team, lead, entry, planning.WORKED, at) for entry in planning.QUESTIONS]
    for wish in planning.WISHES:
        _wish(team, lead, wish, at - OPENED)
    refresh_clusters(team=team, at=at - timedelta(days=5))
    _model(lead, asked, planning.MODEL, at - timedelta(days=5))
    plan = _open_plan(team, lead, at)
    _vote(plan, at)
    _extras(plan, lead, at)
    gather_found(actor=None, team=team, at=at - timedelta(hours=6))
    for each in QuarterPlan.objects.filter(team=team):
        settle_notices(actor=None, subject=subject_of(each), reason="demo", at=at)


def _past_plan(team: Team, lead: Person, at: datetime) -> None:
    asked = [_asked(team, lead, entry, planning.OLD_WORKED, at) for entry in planning.OLD_QUESTIONS]
    began = at - BEGAN + timedelta(hours=6)
    for wish in planning.PAST_WISHES:
        _wish(team, lead, wish, began)
    model = _model(lead, asked, planning.OLD_MODEL, began)
    plan = model.plan
    if quarter_of(plan.quarter_start).starts_on > at.date():
        return
    lock_plan(
        actor=lead, plan=plan, choices=LockChoices(set_below_aside=True, mark_at_risk=True), at=at - LOCKED
    )  # fmt: skip
    for item in plan.items.filter(candidate__source_type="member").order_by("rank")[:1]:
        start_line(actor=lead, item=item, at=at - timedelta(days=30))
    shipped = at - timedelta(days=planning.SHIPPED_DAYS_AGO)
    done = ship_line(actor=lead, item=model.item, result="fct_refunds_by_carrier is there.", at=shipped)
    look_at_outcome(item=done, at=at - timedelta(days=1))


def _asked(team: Team, lead: Person, entry: tuple[str, str, int], minutes: int, at: datetime) -> DataRequest:
    """A question that somebody answered by hand."""
    handle, words, days_ago = entry
    filed_at = at - timedelta(days=days_ago)
    filing = Filing(kind="question", title=words, team=team)
    request = file_request(actor=Person.objects.get(handle=handle), filing=filing, at=filed_at)
    claim_for_triage(actor=lead, request=request, at=filed_at + timedelta(hours=1))
    request = answer_request(actor=lead, request=request, body=planning.ANSWER, at=filed_at + timedelta(hours=2))
    log_worked(request, lead, minutes, filed_at + timedelta(hours=3))
    settle_notices(actor=None, subject=subject_of(request), reason="demo", at=at)
    return request


def _wish(team: Team, lead: Person, wish: DemoWish, at: datetime) -> None:
    sponsor = Person.objects.get(handle=wish.sponsor)
    minutes = round(wish.days * DAY_MINUTES)
    given = Wish(wish.title, wish.why, minutes, source_type=wish.source)
    candidate = add_candidate(actor=sponsor, team=team, wish=given, at=at)
    say_delay(actor=sponsor, candidate=candidate, cost=wish.cost, why=wish.why, at=at)
    owner = Person.objects.get(handle=wish.owner) if wish.owner else None
    facts = LineFacts(
        wish.title, minutes, round(wish.spread * DAY_MINUTES), owner, adds_pipelines=wish.tiers
    )  # fmt: skip
    edit_line(actor=lead, item=candidate.item, facts=facts, at=at)


def _model(lead: Person, asked: Sequence[DataRequest], title: str, at: datetime) -> PlanCandidate:
    standing = asked[0].cluster_memberships.filter(is_live=True).first()
    cluster = standing.cluster if standing else cluster_by_hand(actor=lead, requests=asked, name=title, at=at)
    return propose_model(actor=lead, cluster=cluster, title=title, minutes=10 * DAY_MINUTES, at=at)


def _open_plan(team: Team, lead: Person, at: datetime) -> QuarterPlan:
    plan = QuarterPlan.objects.filter(team=team, state__in=["draft", "open_for_input"]).latest("quarter_start")
    return open_plan(actor=lead, plan=plan, at=at - timedelta(days=4))


def _vote(plan: QuarterPlan, at: datetime) -> None:
    """While input is open; an anchor late in the quarter has a plan that only waits for its lock."""
    voted_at = at - timedelta(days=3)
    if voted_at >= plan.input_closes_at:
        return
    for wish in planning.WISHES:
        candidate = PlanCandidate.objects.get(plan=plan, title=wish.title)
        for slug, voter, points in wish.points:
            cast_vote(
                actor=Person.objects.get(handle=voter), candidate=candidate, team=Team.objects.get(slug=slug),
                points=points, at=voted_at,
            )  # fmt: skip


def _extras(plan: QuarterPlan, lead: Person, at: datetime) -> None:
    item = plan.items.get(candidate__source_type="boundary")
    slug, what = planning.NEED
    ask_need(actor=lead, item=item, team=Team.objects.get(slug=slug), what=what, at=at - timedelta(days=3))
    name, text = planning.WHAT_IF
    first = quarter_of(plan.quarter_start).starts_on + timedelta(days=28)
    changes = read_changes(text.format(first=first, last=first + timedelta(days=13)))
    keep_scenario(actor=lead, plan=plan, name=name, changes=changes, at=at - timedelta(days=2))
