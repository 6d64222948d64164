"""The story of a question that becomes a plan: deferred with a letter, voted up, shipped, and asked less afterwards.

Everything people do goes through HTTP; only the night and the engine are called as the engine calls them.
"""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from portal.engine.services.firing import fire_batch
from requests_queue.models import DataRequest, PlanCandidate, QuarterPlan
from requests_queue.planning_handlers import run_clusters
from tests.app.requests_queue.desk import TUESDAY
from tests.app.requests_queue.planning import APRIL, FEBRUARY
from tests.world import make_person

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
PLAN = "/plan/data-platform/2027q1"
FUNNEL, MODEL, TIDY = "Rebuild the funnel by region", "Seller cohort model", "Tidy up the old tables"
SETTLED_AND_A_MONTH = timedelta(days=44, seconds=5)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def seen(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def sent(client: Client, path: str, **facts: Any) -> str:
    """A form that was taken; where it leads."""
    answer = client.post(path, facts)
    assert answer.status_code == 303, (path, answer.status_code)
    return answer["Location"]


def asked_for_weeks(world: World, clock: MovableClock) -> None:
    """Two teams ask for one thing twelve times."""
    for n in range(12):
        clock.set(TUESDAY - timedelta(days=40 - n))
        facts = {"title": "Seller cohorts by signup month", "kind": "question", "team": "data-platform"}
        sent(signed_in((world.bob, world.carol)[n % 2]), "/requests/new", **facts)
    clock.set(TUESDAY)


def put_off(bob: Client, lead: Client) -> str:
    """Complex work in a green quarter; the letter names the rule, the numbers and the candidate."""
    where = sent(bob, "/requests/new", title=FUNNEL, kind="metric", team="data-platform")
    sent(lead, f"{where}/do/claim")
    sent(lead, f"{where}/do/decide", lane="complex", minutes=900)
    number = PlanCandidate.objects.get(title=FUNNEL).number
    letter = bob.get(f"/api/v1{where}/letters/").json()["results"][0]
    assert (letter["decision"], letter["rule"]) == ("DEFER", "size_green")
    for words in (
        "This is about 15 h of work for Data Platform.", "it is the size that decides and not the budget",
        "0.0 % of 10.0 % is spoken for", "work above 8 h",
        f"It is now candidate {number} of the plan of Q1 2027, decided by 27 December.",
    ):  # fmt: skip
        assert words in letter["body"].replace("\N{NO-BREAK SPACE}", " ")
    assert number in seen(bob, where)
    return where


def titles() -> list[str]:
    rows = QuarterPlan.objects.get().items.exclude(rank=None).order_by("rank")
    return list(rows.values_list("title", flat=True))


def voted_up(voter: Client, lead: Client, where: str) -> None:
    """Points of one team, an order that the lead asks for, and the page of the request says the new place."""
    assert titles() == [TIDY, FUNNEL, MODEL]
    sent(lead, f"{PLAN}/do/share")
    for title, points in ((FUNNEL, 6), (MODEL, 4)):
        sent(voter, f"{PLAN}/do/vote", give=f"{PlanCandidate.objects.get(title=title).pk} {points}")
    sent(lead, f"{PLAN}/do/suggest")
    assert titles() == [FUNNEL, MODEL, TIDY]
    assert "line 1 of the draft of Q1 2027" in seen(voter, where)


def reported(client: Client, key: str, quarter: str) -> list[list[str]]:
    """The rows of a report, the same on the page, in the CSV and by the API."""
    page = seen(client, f"/reports/{key}?quarter={quarter}")
    stream: Any = client.get(f"/reports/{key}.csv?quarter={quarter}")
    table = list(csv.reader(StringIO(b"".join(stream.streaming_content).decode("utf-8-sig"))))
    answer = client.get(f"/api/v1/reports/{key}/?quarter={quarter}").json()["rows"]
    assert [[str(row[name]) for name in table[0]] for row in answer] == table[1:]
    assert all(row[0] in page and row[1] in page for row in table[1:])
    return table[1:]


def test_a_complex_request_waits_with_a_letter_moves_by_a_vote_and_the_report_says_whether_it_helped(
    world: World, clock: MovableClock
) -> None:
    bob, lead = signed_in(world.bob), signed_in(world.alice)
    voter = signed_in(make_person("elif", team=world.analytics, role="lead"))
    asked_for_weeks(world, clock)
    sent(signed_in(world.carol), "/plan/proposals/new", title=TIDY, team="data-platform", days="1.88")
    where = put_off(bob, lead)
    run_clusters({}, None)  # type: ignore[arg-type]  # the job tells no progress
    theme = world.data_platform.request_clusters.get(state="live")
    sent(bob, "/plan/proposals/new", cluster=theme.pk, title=MODEL, days="2")
    voted_up(voter, lead, where)
    sent(lead, f"{PLAN}/lock", set_below_aside="on", mark_at_risk="on")
    assert "line 1 of Q1 2027" in seen(bob, where)
    shipped(world, clock, FEBRUARY)
    assert "The funnel is there." in seen(signed_in(world.bob), where)
    assert DataRequest.objects.get(title=FUNNEL).state == "resolved"
    clock.set(FEBRUARY + SETTLED_AND_A_MONTH)
    fire_batch(by="test")
    clock.set(APRIL)
    bob, lead = signed_in(world.bob), signed_in(world.alice)
    rows = reported(lead, "outcomes", "2027q1")
    assert [row[1:6] for row in rows] == [[MODEL, "12", "90", "0", "30"]]
    assert rows[0][6] == "fell"
    assert "12 in 90 days before, 0 in 30 days after" in seen(bob, "/plan/outcomes")
    assert reported(lead, "deferrals", "2026q4") == [["Analytics", "1", "1", "0", "0", "0", "0"]]


def shipped(world: World, clock: MovableClock, at: datetime) -> None:
    """Both lines become real in the quarter; by then everybody has signed in anew."""
    clock.set(at)
    lead = signed_in(world.alice)
    for title, result in ((FUNNEL, "The funnel is there."), (MODEL, "fct_seller_cohorts is there.")):
        item = QuarterPlan.objects.get().items.get(title=title)
        sent(lead, f"/plan/lines/{item.pk}/do/start")
        sent(lead, f"/plan/lines/{item.pk}/do/ship", result=result)
