"""Item e, planning: the page of a plan with 200 lines and twelve people, its what-ifs, and my day of its lead."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.test import Client
from rest_framework.test import APIClient

from bench.answering import times
from bench.lines import Line
from bench.request_pages import DETAIL_QUERIES, GOAL_MS
from bench.timing import cpu_seconds
from portal.accounts.services.memberships import Place, add_member
from portal.accounts.services.people import create_person
from portal.accounts.services.teams import TeamProfile, create_team
from portal.core.clock import now
from portal.core.domain.quarter import quarter_of
from requests_queue.domain.scenarios import changed, evaluate
from requests_queue.queries.plan_facts import facts_of
from requests_queue.services.candidates import Wish, add_candidate
from requests_queue.services.plan_opening import draft_plan, open_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from portal.accounts.models import Person, Team
    from requests_queue.models import QuarterPlan

LINES, PEOPLE = 200, 12
API_QUERIES, LIST_QUERIES = 10, 5
SCENARIO_MS = 50.0


def measure() -> Iterator[Line]:
    """The pages of planning over what is in the database already."""
    logging.disable(logging.WARNING)  # a line for each answer would stand between the figures
    lead, plan = fill()
    page, rest = Client(), APIClient()
    page.force_login(lead)
    rest.force_authenticate(lead)
    label = quarter_of(plan.quarter_start).label
    doors: list[tuple[str, Callable[[str], Any], str, int]] = [
        (f"plan of {LINES} lines", page.get, f"/plan/{plan.team.slug}/{label}", DETAIL_QUERIES),
        (f"lock of {LINES} lines", page.get, f"/plan/{plan.team.slug}/{label}/lock", DETAIL_QUERIES),
        ("one line of a plan", page.get, f"/plan/lines/{plan.items.get(rank=1).pk}", DETAIL_QUERIES),
        ("REST lines of a plan", rest.get, f"/api/v1/plans/{plan.team.slug}/{label}/items/", API_QUERIES),
        ("REST wishes of a plan", rest.get, f"/api/v1/plans/{plan.team.slug}/{label}/candidates/", LIST_QUERIES),
        ("REST wishes of all plans", rest.get, "/api/v1/plan-candidates/", LIST_QUERIES),
        ("REST lines of all plans", rest.get, "/api/v1/plan-lines/", LIST_QUERIES),
        ("budget", page.get, f"/budget/{plan.team.slug}/", DETAIL_QUERIES),
        ("my day of a lead", page.get, "/", DETAIL_QUERIES),
    ]
    for name, get, path, most in doors:
        yield from times(name, get, path, most, GOAL_MS)
    yield _scenario(plan)


def fill() -> tuple[Person, QuarterPlan]:
    """A team of twelve with a plan that is open for input."""
    at = now()
    profile = TeamProfile(name="Bench planners", discipline="DE")
    team = create_team(actor=None, slug="bench-planners", profile=profile, at=at)
    lead, *_ = [_member(team, n) for n in range(PEOPLE)]
    quarter = quarter_of(at.date()).following()
    plan = open_plan(actor=lead, plan=draft_plan(actor=lead, team=team, quarter=quarter, at=at), at=at)
    for n in range(LINES):
        wish = Wish(f"Work {n} of the quarter", "It is asked for each week.", 480 + n, cost_of_delay=1 + n % 5)
        add_candidate(actor=lead, team=team, wish=wish, at=at)
    plan.refresh_from_db()
    return lead, plan


def _member(team: Team, n: int) -> Person:
    person = create_person(actor=None, handle=f"planner-{n}", name=f"Planner {n}", email=f"p{n}@bench.test", zone="UTC",
                           password="", at=now())  # fmt: skip
    role = "member" if n else "lead"
    add_member(actor=None, team=team, person=person, place=Place(role=role, since=date(2020, 1, 1)), at=now())
    return person


def _scenario(plan: QuarterPlan) -> Line:
    """CPU of one what-if, worked out from facts at hand."""
    facts, first = facts_of(plan, now()), plan.quarter_start + timedelta(days=20)
    changes: list[dict[str, Any]] = [
        {"kind": "leave", "person": "planner-3", "from": str(first), "to": str(first + timedelta(days=14))},
        {"kind": "joiner", "fte": 60, "from": str(first)}, {"kind": "pipeline_added", "tier": 2},
        {"kind": "add_item", "minutes": 4800, "title": "One more"},
    ]  # fmt: skip
    took = cpu_seconds({"ours": lambda: evaluate(changed(facts, changes))})["ours"] * 1e3
    return Line("e", f"what-if over {LINES} lines: CPU", took, "ms", 7, goal_at_most=SCENARIO_MS)
