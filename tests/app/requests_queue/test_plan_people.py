"""People around a plan: who votes, who has too much, and where a request finds itself in it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from portal.core.errors import NotAllowed
from portal.engine.models import Notice
from requests_queue.domain.states import State
from requests_queue.models import PlanItem, PlanVoter
from requests_queue.services.candidates import nominate_candidate
from requests_queue.services.moving import Move, move
from requests_queue.services.plan_life import close_plan, ship_line
from requests_queue.services.plan_ranking import LineFacts, edit_line
from requests_queue.services.plan_votes import cast_vote, invite_team
from tests.app.requests_queue.desk import TUESDAY, filed
from tests.app.requests_queue.planning import APRIL, CAPACITY, FEBRUARY, line, locked, opened
from tests.world import make_person

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from requests_queue.models import DataRequest
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
PLAN = "/plan/data-platform/2027q1"


@pytest.fixture
def elif_(world: World, clock: MovableClock) -> Person:
    clock.set(TUESDAY)
    filed(world)
    return make_person("elif", team=world.analytics, role="lead")


def page(person: Person, path: str) -> str:
    client = Client()
    client.force_login(person)
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def post(who: Person, path: str, **facts: object) -> int:
    client = Client()
    client.force_login(who)
    return client.post(path, facts).status_code


def put_off(world: World) -> DataRequest:
    request = filed(world, title="Rebuild the funnel by region", kind="metric")
    request.estimate_minutes = 900
    request.save(update_fields=["estimate_minutes"])
    move(actor=None, request=request, step=Move(State.DEFERRED, "requests.deferred", line="Put off"), at=TUESDAY)
    nominate_candidate(actor=world.alice, request=request, at=TUESDAY)
    return request


def test_a_lead_names_the_voter_on_the_page_of_the_voters(world: World, elif_: Person) -> None:
    opened(world)
    text = page(elif_, f"{PLAN}/voters")
    assert "Elif Example gives the points" in text
    dates = "Who has given none is reminded on Tuesday 8 December and Tuesday 15 December."
    assert f"Points count until Fri 18 Dec, 18:00. {dates}" in text
    assert post(elif_, f"{PLAN}/voters", team="analytics", person="bob") == 303
    assert PlanVoter.objects.get().person == world.bob
    assert "Bob Example gives the points" in page(world.dave, f"{PLAN}/voters")


def test_somebody_of_another_team_is_no_voter_and_the_page_says_so(world: World, elif_: Person) -> None:
    opened(world)
    assert post(elif_, f"{PLAN}/voters", team="analytics", person="carol") == 422
    assert post(world.dave, f"{PLAN}/voters", team="analytics", person="bob") == 403
    assert not PlanVoter.objects.exists()


def test_the_voters_are_a_csv_and_an_api_with_the_same_rows(world: World, elif_: Person) -> None:
    opened(world)
    client = Client()
    client.force_login(world.dave)
    stream: Any = client.get(f"{PLAN}/voters.csv")
    lines = b"".join(stream.streaming_content).decode().splitlines()
    assert lines[1:] == ["analytics,elif,0,no"]
    rows = client.get("/api/v1/plans/data-platform/2027q1/ballots/").json()["results"]
    assert rows == [{"team": "analytics", "voters": ["elif"], "points": 0, "has_voted": False}]


def test_a_team_that_depends_on_nothing_votes_once_it_is_invited(world: World, elif_: Person) -> None:
    opened(world)
    item = line(world, "Funnel")
    olaf = make_person("olaf", team=world.dave.memberships.get().team, role="lead")
    marketing = world.dave.memberships.get().team
    assert item.candidate is not None
    with pytest.raises(NotAllowed):
        invite_team(actor=elif_, candidate=item.candidate, team=marketing, at=TUESDAY)
    assert invite_team(actor=world.alice, candidate=item.candidate, team=marketing, at=TUESDAY) is True
    assert invite_team(actor=world.alice, candidate=item.candidate, team=marketing, at=TUESDAY) is False
    assert Notice.objects.filter(kind="requests.plan", recipient=olaf).count() == 1
    assert cast_vote(actor=olaf, candidate=item.candidate, team=marketing, points=3, at=TUESDAY) == 7


def test_who_has_more_lines_than_time_is_red_for_the_lead_and_themselves(
    world: World, clock: MovableClock
) -> None:  # fmt: skip
    clock.set(TUESDAY)
    opened(world)
    erin = make_person("erin", team=world.data_platform)
    first, second = line(world, "Funnel", CAPACITY), line(world, "Cohorts", 960)
    for item, title, minutes in ((first, "Funnel", CAPACITY), (second, "Cohorts", 960)):
        edit_line(actor=world.alice, item=item, facts=LineFacts(title, minutes, owner=erin), at=TUESDAY)
    words = "2\N{NO-BREAK SPACE}d too much for Erin Example"
    assert words in page(world.alice, PLAN)
    assert words in page(erin, PLAN)
    assert words not in page(world.bob, PLAN)
    assert "Erin Example has 2\N{NO-BREAK SPACE}d too much" in page(world.alice, f"{PLAN}/lock")
    client = Client()
    client.force_login(world.alice)
    assert client.get("/api/v1/plans/data-platform/2027q1/").json()["overbooked_minutes"] == {"erin": 960}


def test_a_request_says_where_it_stands_in_the_plan(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    plan = opened(world)
    request = put_off(world)
    path = f"/requests/{request.number}"
    assert "line 1 of the draft of Q1 2027" in page(world.bob, path)
    locked(world, plan)
    assert "line 1 of Q1 2027, 1.9\N{NO-BREAK SPACE}d of work" in page(world.bob, path)
    close_plan(plan=plan, at=APRIL)
    clock.set(APRIL)
    assert "line 1 of the draft of Q2 2027" in page(world.bob, path)


def test_a_shipped_line_says_so_on_the_page_of_the_request(world: World, clock: MovableClock) -> None:
    plan = opened(world)
    request = put_off(world)
    locked(world, plan)
    ship_line(actor=world.alice, item=PlanItem.objects.get(rank=1), result="There it is.", at=FEBRUARY)
    clock.set(FEBRUARY + timedelta(days=2))
    assert "shipped Tue 2 Feb" in page(world.bob, f"/requests/{request.number}").replace("\N{NO-BREAK SPACE}", " ")


def test_a_request_beside_the_plan_has_no_card(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    assert "In the plan" not in page(world.bob, f"/requests/{filed(world).number}")
