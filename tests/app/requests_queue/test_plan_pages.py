"""The pages of the plan: what they say, what they refuse, and one act for one tap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from portal.core import clock as portal_clock
from requests_queue.models import PlanCandidate, PlanItem, PlanNeed, PlanScenario, PlanVote, QuarterPlan
from requests_queue.services.plan_needs import ask_need
from tests.app.requests_queue.desk import TUESDAY, filed
from tests.app.requests_queue.planning import FEBRUARY, LINE_1, LINE_2, line, locked, opened, order, wished
from tests.world import make_person

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
PLAN = "/plan/data-platform/2027q1"


@pytest.fixture(autouse=True)
def _tuesday(clock: MovableClock) -> None:
    clock.set(TUESDAY)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_the_way_to_the_plan_leads_to_the_team_one_asks(world: World) -> None:
    filed(world)
    opened(world)
    assert signed_in(world.bob).get("/plan/")["Location"] == PLAN


def test_without_any_plan_the_page_says_the_first_step(world: World) -> None:
    assert "No plan yet" in text_of(signed_in(world.bob).get("/plan/"))


def test_a_lead_drafts_a_quarter_with_what_waits(world: World) -> None:
    page = signed_in(world.alice).get(PLAN)
    assert "has no plan yet" in text_of(page)
    answer = signed_in(world.alice).post(f"{PLAN}/draft")
    assert (answer.status_code, answer["Location"]) == (303, PLAN)
    assert QuarterPlan.objects.get().state == "draft"


def test_the_page_has_bar_lines_and_both_cuts(world: World) -> None:
    opened(world)
    line(world, "Seller cohort model", LINE_1)
    line(world, "Experiment exposure table", 1_000)
    line(world, "Sessions on Spark", 5_000)
    page = text_of(signed_in(world.alice).get(PLAN))
    assert "Q1 2027 plan" in page
    assert "64 person-days after holidays and leave" in page
    assert page.index("Seller cohort model") < page.index("51.4\N{NO-BREAK SPACE}d fit") < page.index("Experiment")
    assert page.index("Experiment") < page.index("below this line, not this quarter") < page.index("Sessions on Spark")


def test_an_analyst_gives_a_point_with_one_tap_and_a_second_tap_of_the_form_gives_none(world: World) -> None:
    filed(world)
    elif_ = make_person("elif", team=world.analytics, role="lead")
    opened(world)
    candidate = wished(world, "Funnel")
    client = signed_in(elif_)
    data = {"give": f"{candidate.pk} 1"}
    for _ in range(2):
        assert client.post(f"{PLAN}/do/vote", data).status_code == 303
    assert list(PlanVote.objects.values_list("points", flat=True)) == [1]
    assert "9 of your points left" in text_of(client.get(PLAN))


def test_a_press_that_names_no_line_says_what_is_missing_and_moves_nothing(world: World) -> None:
    plan = opened(world)
    first = line(world, "Funnel")
    line(world, "Cohorts")
    lead = signed_in(world.alice)
    for wrong in ({}, {"into": first.pk, "out": first.pk}):
        refused = lead.post(f"{PLAN}/do/across", wrong)
        assert (refused.status_code, "Name one line: into the plan, or out of it." in text_of(refused)) == (422, True)
    assert lead.post(f"{PLAN}/do/vote", {"give": "all of them"}).status_code == 422
    assert (order(plan), PlanVote.objects.count()) == (["Funnel", "Cohorts"], 0)


def test_an_eleventh_point_is_refused_on_the_page_with_the_remedy(world: World) -> None:
    filed(world)
    elif_ = make_person("elif", team=world.analytics, role="lead")
    opened(world)
    first, second = wished(world, "Funnel"), wished(world, "Cohorts")
    client = signed_in(elif_)
    client.post(f"/plan/candidates/{first.pk}/do/vote", {"points": 10})
    refused = client.post(f"/plan/candidates/{second.pk}/do/vote", {"points": 1})
    assert refused.status_code == 422
    assert "Take some back from another line first" in text_of(refused)
    assert PlanVote.objects.count() == 1


def test_a_key_moves_a_line_across_the_cut(world: World) -> None:
    plan = opened(world)
    line(world, "Funnel", LINE_1)
    late = line(world, "Cohorts", LINE_2)
    answer = signed_in(world.alice).post(f"{PLAN}/do/across", {"into": late.pk})
    assert (answer.status_code, order(plan)) == (303, ["Cohorts", "Funnel"])


def test_the_other_key_moves_a_line_out_of_the_plan(world: World) -> None:
    plan = opened(world)
    first, late = line(world, "Funnel"), line(world, "Cohorts", LINE_2)
    answer = signed_in(world.alice).post(f"{PLAN}/do/across", {"out": first.pk})
    assert (answer.status_code, order(plan)) == (303, ["Cohorts", "Funnel"])
    assert late.plan == plan


def test_a_stale_order_is_refused_and_the_page_shows_the_newest(world: World) -> None:
    plan = opened(world)
    first = line(world, "Funnel")
    line(world, "Cohorts")
    refused = signed_in(world.alice).post(f"{PLAN}/do/across", {"out": first.pk, "version": 1})
    assert refused.status_code == 422
    assert "Somebody changed the plan since" in text_of(refused)
    assert order(plan) == ["Funnel", "Cohorts"]


def test_an_order_is_suggested_only_when_somebody_asks(world: World) -> None:
    filed(world)
    elif_ = make_person("elif", team=world.analytics, role="lead")
    plan = opened(world)
    line(world, "Funnel")
    second = line(world, "Cohorts")
    signed_in(elif_).post(f"/plan/candidates/{second.candidate_id}/do/vote", {"points": 5})
    assert order(plan) == ["Funnel", "Cohorts"]
    signed_in(world.alice).post(f"{PLAN}/do/suggest")
    assert order(plan) == ["Cohorts", "Funnel"]


def test_the_lock_page_names_what_is_in_the_way_and_the_form_promises(world: World) -> None:
    plan = opened(world)
    line(world, "Funnel", LINE_1)
    below = line(world, "Cohorts", LINE_2)
    client = signed_in(world.alice)
    page = text_of(client.get(f"{PLAN}/lock"))
    assert "too much" in page
    data = {"set_below_aside": "on", "mark_at_risk": "on", f"no-{below.candidate_id}": "Nobody needs it any more."}
    assert client.post(f"{PLAN}/lock", data)["Location"] == PLAN
    plan.refresh_from_db()
    assert plan.state == "locked"
    assert PlanCandidate.objects.get(item__isnull=True, title="Cohorts").status == "not_taken"
    assert "This plan is a promise" in text_of(client.get(PLAN))


def test_a_plan_over_its_capacity_is_not_locked_and_the_page_says_by_how_much(world: World) -> None:
    plan = opened(world)
    line(world, "Funnel", LINE_2 + 1)
    refused = signed_in(world.alice).post(f"{PLAN}/lock", {"mark_at_risk": "on"})
    assert refused.status_code == 422
    assert "1 min over what can be promised" in text_of(refused)
    plan.refresh_from_db()
    assert plan.state == "open_for_input"


def test_a_line_is_edited_on_its_page(world: World) -> None:
    opened(world)
    item = line(world, "Funnel")
    data = {"title": "Funnel by region", "days": "2.5", "spread": "0.5", "owner": "alice", "month": "2027-02",
            "tiers": "2", "is_bumpable": "on"}  # fmt: skip
    answer = signed_in(world.alice).post(f"/plan/lines/{item.pk}/do/edit", data)
    assert answer.status_code == 303
    item.refresh_from_db()
    assert (item.title, item.minutes, item.spread_minutes, item.owner, item.adds_pipelines, item.is_bumpable) == (
        "Funnel by region", 1_200, 240, world.alice, [2], True,
    )  # fmt: skip
    page = text_of(signed_in(world.bob).get(f"/plan/lines/{item.pk}"))
    assert "+1,080 min in the quarter after, +720 in every later one" in page


def test_the_other_lead_answers_on_the_page_of_the_line(world: World) -> None:
    opened(world)
    carla = make_person("carla", team=world.checkout, role="lead")
    item = line(world, "Funnel")
    need = ask_need(actor=world.alice, item=item, team=world.checkout, what="The new event", at=TUESDAY)
    assert "We do that" in text_of(signed_in(carla).get(f"/plan/lines/{item.pk}"))
    signed_in(carla).post(f"/plan/needs/{need.pk}/accept")
    assert PlanNeed.objects.get().state == "accepted"


def test_a_line_is_begun_and_shipped_on_its_page(world: World, clock: MovableClock) -> None:
    plan = opened(world)
    item = line(world, "Funnel")
    locked(world, plan)
    clock.set(FEBRUARY)
    client = signed_in(world.alice)
    assert client.post(f"/plan/lines/{item.pk}/do/start").status_code == 303
    refused = client.post(f"/plan/lines/{item.pk}/do/ship", {"result": " "})
    assert refused.status_code == 422
    assert client.post(f"/plan/lines/{item.pk}/do/ship", {"result": "mart_funnel"}).status_code == 303
    assert PlanItem.objects.get(pk=item.pk).state == "done"


def test_a_what_if_stands_beside_the_plan(world: World) -> None:
    opened(world)
    line(world, "Funnel", LINE_1)
    client = signed_in(world.alice)
    given = {"name": "Alice away", "text": "leave alice 2027-01-04 2027-01-15"}
    assert client.post(f"{PLAN}/what-if", given).status_code == 303
    page = text_of(client.get(f"{PLAN}/what-if"))
    assert "54\N{NO-BREAK SPACE}d" in page
    assert "below the line" in page
    kept = PlanScenario.objects.get()
    assert "What if: Alice away" in text_of(client.get(f"{PLAN}?scenario={kept.pk}"))
    refused = client.post(f"{PLAN}/what-if", {"name": "Nonsense", "text": "magic 1"})
    assert refused.status_code == 422
    assert "Line 1: begin with one of" in text_of(refused)
    client.post(f"{PLAN}/what-if/{kept.pk}/drop")
    assert PlanScenario.objects.count() == 0


def test_lines_in_the_address_are_worked_out_for_everybody_and_kept_by_nobody(world: World) -> None:
    opened(world)
    line(world, "Funnel", LINE_1)
    tried = f"{PLAN}/what-if?text=add_item+4800+One+more%0Apipeline_added+2"
    page = text_of(signed_in(world.bob).get(tried))
    assert "add_item 4800 One more" in page
    assert page.index("was: not there") < page.index("below the line")
    assert "Keep it beside the plan" not in page
    assert "Keep it beside the plan" in text_of(signed_in(world.alice).get(tried))
    assert PlanScenario.objects.count() == 0
    refused = signed_in(world.bob).get(f"{PLAN}/what-if?text=pipeline_added+two")
    assert (refused.status_code, "is no whole number" in text_of(refused)) == (422, True)


def test_a_what_if_about_a_person_is_the_leads_to_try_and_to_see(world: World) -> None:
    opened(world)
    line(world, "Funnel", LINE_1)
    text = "embed alice analytics"
    assert signed_in(world.bob).get(f"{PLAN}/what-if?text=embed+alice+analytics").status_code == 403
    lead = signed_in(world.alice)
    assert lead.post(f"{PLAN}/what-if", {"name": "Alice inside", "text": text}).status_code == 303
    assert "embed alice analytics" in text_of(lead.get(f"{PLAN}/what-if"))
    kept = PlanScenario.objects.get()
    for path in (f"{PLAN}/what-if", f"{PLAN}?scenario={kept.pk}"):
        assert "Alice inside" not in text_of(signed_in(world.bob).get(path))
    refused = lead.post(f"{PLAN}/what-if", {"name": "Nowhere", "text": "embed alice nowhere"})
    assert (refused.status_code, "There is no team called" in text_of(refused)) == (422, True)
    for person, count in ((world.alice, 1), (world.bob, 0)):
        rest = APIClient()
        rest.force_authenticate(person)
        rows = rest.get("/api/v1/plans/data-platform/2027q1/scenarios/").json()["results"]
        assert [row["text"] for row in rows] == [text] * count
        answer = rest.post("/api/v1/plans/data-platform/2027q1/what-if/", {"text": text})
        assert answer.status_code == (200 if count else 403)
        same = rest.post("/api/v1/budget/data-platform/2027q1/what-if/", {"text": text})
        assert (same.status_code, same.json() if count else None) == (
            answer.status_code,
            answer.json() if count else None,
        )


def test_the_wishes_of_a_plan_come_a_page_at_a_time(world: World) -> None:
    opened(world)
    titles = [wished(world, f"Wish {n}").title for n in range(3)]
    rest = APIClient()
    rest.force_authenticate(world.bob)
    first = rest.get("/api/v1/plans/data-platform/2027q1/candidates/", {"page_size": 2}).json()
    second = rest.get(first["next"]).json()
    assert ([row["title"] for row in first["results"] + second["results"]], second["next"]) == (titles, None)


def test_the_list_is_a_csv_without_a_formula(world: World) -> None:
    opened(world)
    line(world, "=SUM(A1)")
    answer: Any = signed_in(world.bob).get(f"{PLAN}/export.csv")
    body = b"".join(answer.streaming_content).decode()
    assert body.splitlines()[1].startswith("1,'=SUM(A1),600,0,fits,planned,0,,member,no")


@pytest.mark.parametrize("path", [PLAN, f"{PLAN}/lock", f"{PLAN}/what-if", f"{PLAN}/upkeep"])
def test_everybody_reads_a_plan(world: World, path: str) -> None:
    opened(world)
    assert signed_in(world.dave).get(path).status_code == 200
    assert portal_clock.now().date() == TUESDAY.date()
