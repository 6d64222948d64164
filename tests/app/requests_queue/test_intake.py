"""Filing by kind: what it is asked for, the day somebody needs it, and the filters that find it again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from portal.engine.models import Deadline
from requests_queue.models import DataRequest, UrgencyToken
from requests_queue.services.waiting import chase_reply
from requests_queue.services.working import ask_requester
from tests.app.requests_queue.desk import TUESDAY, accepted, filed
from tests.app.requests_queue.library import published, shop_assets

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
EXTRACT = {"title": "Orders above a thousand euro", "kind": "extract", "team": "data-platform", "columns": "id, total",
           "period": "July"}  # fmt: skip
SAID = "- **Which columns:** id, total\n- **Which period:** July\n\nOnce."


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def program(person: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(person)
    return client


def test_page_and_api_write_the_same_text_of_what_a_kind_is_asked_for(world: World) -> None:
    assert browser(world.bob).post("/requests/new", EXTRACT | {"body": "Once."}).status_code == 303
    given = {"title": EXTRACT["title"], "kind": "extract", "team": "data-platform", "body": "Once.",
             "details": {"columns": "id, total", "period": "July"}}  # fmt: skip
    assert program(world.bob).post("/api/v1/requests/", given, format="json").json()["body"] == SAID
    assert list(DataRequest.objects.values_list("body", flat=True)) == [SAID, SAID]


def test_the_form_asks_for_what_the_kind_needs_and_keeps_what_was_typed(world: World) -> None:
    bob = browser(world.bob)
    page = bob.get("/requests/new?kind=extract&columns=id").content.decode()
    assert 'name="columns" value="id"' in page
    assert 'name="definition"' not in page
    assert 'name="columns"' not in bob.get("/requests/new?kind=question").content.decode()
    part = bob.get("/requests/expected?kind=metric&team=data-platform&definition=gross").content.decode()
    assert 'id="kind-fields" hx-swap-oob="true"' in part
    assert 'name="definition" value="gross"' in part
    refused = bob.post("/requests/new", EXTRACT | {"format": "DVD"})
    assert (refused.status_code, DataRequest.objects.count()) == (422, 0)
    assert 'name="columns" value="id, total"' in refused.content.decode()


def test_a_field_that_the_kind_does_not_have_is_refused_and_nothing_is_written(world: World) -> None:
    given = {"title": "Orders", "kind": "extract", "team": "data-platform", "details": {"rows": "all"}}
    answer = program(world.bob).post("/api/v1/requests/", given, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "requests.unknown_detail")
    assert not DataRequest.objects.exists()


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("2026-12-24", "You need it by Thursday 24 December: that is in time."),
        ("2020-01-01", "Times count in that team's working hours.</p>"),
        ("2026-11-24", "Tuesday 24 November is sooner than it is promised"),
    ],
)
def test_the_day_somebody_needs_it_is_held_against_the_promise(
    world: World, clock: MovableClock, wanted: str, told: str
) -> None:
    clock.set(TUESDAY)
    page = browser(world.bob).get(f"/requests/expected?kind=extract&team=data-platform&wanted_by={wanted}")
    assert told in page.content.decode()


def test_a_token_is_offered_with_the_promise_it_would_bring_and_then_no_more(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    bob, asked = browser(world.bob), "/requests/expected?kind=extract&team=data-platform&wanted_by=2026-11-24"
    page = bob.get(asked).content.decode()
    assert "Your team has 3 urgency tokens left this quarter; with one it is done by Thu 26 Nov" in page
    assert "Spend one token" in page
    assert "Spend one token" not in bob.get(f"{asked}&use_token=on").content.decode()
    for _ in range(3):
        filed(world, use_token=True)
    assert UrgencyToken.objects.count() == 3
    assert "no urgency token left" in bob.get(asked).content.decode()


def test_a_filing_by_program_is_answered_with_answers_that_may_make_it_needless(world: World) -> None:
    entry = published(world, "Why is net GMV lower than in the finance report?")
    for other in ("How many orders were placed yesterday?", "Where is the revenue board?", "Who may see people?"):
        published(world, other)
    given = {"title": "Why is net GMV lower than in the finance report", "kind": "question", "team": "data-platform"}
    bob = program(world.bob)
    dry = bob.post("/api/v1/requests/", given | {"dry_run": True}, format="json").json()
    made = bob.post("/api/v1/requests/", given, format="json").json()
    assert dry["suggestions"][0]["slug"] == entry.slug
    assert made["suggestions"][0]["slug"] == entry.slug


def test_the_list_is_filtered_by_the_days_of_filing_on_the_readers_clock(world: World) -> None:
    asset = shop_assets(world)["fct_orders"]
    late = TUESDAY.replace(hour=23, minute=30)
    mine = filed(world, at=late, assets=[asset], title="Filed late in the evening of Tuesday")
    filed(world, at=TUESDAY - timedelta(days=3), title="Filed on a Saturday before that")
    bob = browser(world.bob)

    def shown(query: str) -> list[str]:
        return [row.number for row, _ in bob.get(f"/requests/?{query}").context["rows"]]

    assert shown("filed_after=2026-11-24&filed_before=2026-11-24") == [mine.number]
    assert shown("filed_after=2026-11-25") == []
    assert shown(f"asset={asset.slug}") == [mine.number]
    type(world.bob).objects.filter(pk=world.bob.pk).update(zone="Europe/Berlin")
    assert shown("filed_after=2026-11-25") == [mine.number]
    page = bob.get("/requests/?requester_team=data-platform").content.decode()
    assert "<details open><summary" in page


def test_what_ended_without_a_reply_stays_open_to_its_requester_for_thirty_days_and_closes_then(world: World) -> None:
    request = accepted(world)
    ask_requester(actor=world.alice, request=request, question="Which of the two reports?", at=TUESDAY)
    ended = TUESDAY + timedelta(days=14)
    assert chase_reply(request=DataRequest.objects.get(), step=2, at=ended)
    closing = Deadline.objects.get(kind="requests.close", state="armed")
    assert (DataRequest.objects.get().state, closing.due_at) == ("resolved", ended + timedelta(days=30))
