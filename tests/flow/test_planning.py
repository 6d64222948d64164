"""The story of a question that becomes a plan: deferred with a letter, voted up, shipped, and asked less afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from portal.engine.services.firing import fire_batch
from requests_queue.domain.states import State
from requests_queue.models import DataRequest, DecisionLetter, ModelOutcome, PlanCandidate, PlanItem, QuarterPlan
from requests_queue.services.clusters import refresh_clusters
from requests_queue.services.filing import Filing, file_request
from tests.app.requests_queue.desk import TUESDAY
from tests.world import make_person

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
PLAN = "/plan/data-platform/2027q1"
FEBRUARY = TUESDAY.replace(year=2027, month=2, day=2)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def ask(asker: Person, title: str, at: datetime, **facts: Any) -> DataRequest:
    return file_request(actor=asker, filing=Filing(**{"kind": "question", "title": title} | facts), at=at)


def put_off(request: DataRequest, lead: Client) -> None:
    """Complex work in a green quarter: deferred, with a letter that says why."""
    lead.post(f"/requests/{request.number}/do/claim")
    answer = lead.post(f"/requests/{request.number}/do/decide", {"lane": "complex", "minutes": 900})
    assert answer.status_code == 303
    request.refresh_from_db()
    letter = DecisionLetter.objects.get(request=request)
    assert (request.state, letter.decision, letter.numbers["minutes"]) == (State.DEFERRED, "DEFER", "900")
    assert "budget" in letter.body


def proposed(world: World) -> QuarterPlan:
    """Weeks of cohorts become one proposal, behind the deferred request on the list."""
    refresh_clusters(team=world.data_platform, at=TUESDAY)
    theme = world.data_platform.request_clusters.get(state="live")
    signed_in(world.bob).post("/plan/proposals/new", {"cluster": theme.pk, "title": "Seller cohort model", "days": "2"})
    plan = QuarterPlan.objects.get()
    titles = list(plan.items.exclude(rank=None).order_by("rank").values_list("title", flat=True))
    assert titles == ["Rebuild the funnel by region", "Seller cohort model"]
    return plan


def reported(lead: Client) -> list[tuple[str, int, int]]:
    """The page and the API say the same."""
    page = lead.get("/reports/outcomes?quarter=2027q1").content.decode()
    assert "Seller cohort model" in page
    assert "fell" in page
    rows = lead.get("/api/v1/reports/outcomes/?quarter=2027q1").json()["rows"]
    return [(row["model"], row["before"], row["after"]) for row in rows]


def test_a_complex_request_waits_with_a_letter_moves_by_a_vote_and_the_report_says_whether_it_helped(
    world: World, clock: MovableClock
) -> None:
    lead, voter = signed_in(world.alice), signed_in(make_person("elif", team=world.analytics, role="lead"))
    for n in range(12):
        at = TUESDAY - timedelta(days=40 - n)
        ask((world.bob, world.carol)[n % 2], "Seller cohorts by signup month", at, team=world.data_platform)
    clock.set(TUESDAY)
    request = ask(world.bob, "Rebuild the funnel by region", TUESDAY, kind="metric", team=world.data_platform)
    put_off(request, lead)
    plan = proposed(world)
    lead.post(f"{PLAN}/do/share")
    model = PlanCandidate.objects.get(title="Seller cohort model")
    assert voter.post(f"{PLAN}/do/vote", {"candidate": model.pk, "points": 10}).status_code == 303
    lead.post(f"{PLAN}/do/suggest")
    assert plan.items.get(rank=1).title == "Seller cohort model"
    lead.post(f"{PLAN}/lock", {"set_below_aside": "on", "mark_at_risk": "on"})
    clock.set(FEBRUARY)
    for item in PlanItem.objects.exclude(rank=None).order_by("rank"):
        assert lead.post(f"/plan/lines/{item.pk}/do/ship", {"result": f"{item.title} is there."}).status_code == 303
    request.refresh_from_db()
    assert request.state == State.RESOLVED
    clock.set(FEBRUARY + timedelta(days=44, seconds=5))
    fire_batch(by="test")
    assert ModelOutcome.objects.get().verdict == "fell"
    assert reported(lead) == [("Seller cohort model", 12, 0)]
