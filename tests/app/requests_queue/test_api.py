"""The API of requests and clocks, as a program uses it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.test import APIClient

from requests_queue.models import DataRequest, SlaClock
from requests_queue.services.privacy import make_private
from requests_queue.services.talking import post_message
from requests_queue.services.triage import claim_for_triage
from tests.app.requests_queue.books import decided
from tests.app.requests_queue.desk import TUESDAY, filed
from tests.app.requests_queue.library import shop_assets

if TYPE_CHECKING:
    from datetime import datetime

    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
CASES = json.loads((Path(__file__).parents[2] / "cases" / "sla_cases.json").read_text())
BODY = {"kind": "question", "title": "Why is net GMV lower than in finance", "team": "data-platform"}


def client(person: Any) -> APIClient:
    made = APIClient()
    made.force_authenticate(person)
    return made


@pytest.fixture
def now(clock: MovableClock) -> datetime:
    clock.set(TUESDAY)
    return TUESDAY


def test_filing_gives_the_dates_of_the_clocks(world: World, now: datetime) -> None:
    answer = client(world.bob).post("/api/v1/requests/", BODY)
    assert answer.status_code == 201
    made = answer.json()
    assert answer["Location"] == f"/api/v1/requests/{made['number']}/"
    due = {one["kind"]: one["due_at"] for one in made["clocks"]}
    assert made["expected"] == {
        "first_response_by": due["first_response"],
        "decision_by": due["decision"],
        "resolution_by": due["resolution"],
    }


def test_a_dry_run_writes_nothing(world: World, now: datetime) -> None:
    answer = client(world.bob).post("/api/v1/requests/", BODY | {"dry_run": True})
    assert (answer.status_code, DataRequest.objects.count()) == (200, 0)
    assert answer.json()["expected"]["first_response_by"].startswith("2026-11-24T12:00")


def test_one_key_files_once(world: World) -> None:
    bob = client(world.bob)
    first = bob.post("/api/v1/requests/", BODY, headers={"Idempotency-Key": "key-1"})
    second = bob.post("/api/v1/requests/", BODY, headers={"Idempotency-Key": "key-1"})
    assert first.json()["number"] == second.json()["number"]
    assert DataRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field", "status"),
    [
        ({"title": " "}, "title", 422),
        ({"title": "bidi \u202e here"}, "title", 422),
        ({"kind": "wish"}, "kind", 422),
        ({"assets": ["nothing-like-it"]}, "assets", 422),
        ({"team": "nobody"}, "team", 422),
        ({"team": ""}, "team", 422),
        ({"wanted_by": "2020-01-01"}, "wanted_by", 422),
        ({"wanted_by": "soon"}, "wanted_by", 422),
        ({"body": "x" * 1_000_000}, "body", 413),
    ],
)
def test_a_wrong_filing_names_its_field_and_leaves_no_row(
    world: World, change: dict[str, Any], field: str, status: int
) -> None:
    answer = client(world.bob).post("/api/v1/requests/", BODY | change)
    assert answer.status_code == status, answer.content
    assert field in answer.content.decode()
    assert DataRequest.objects.count() == 0


def test_the_whole_way_by_verbs(world: World, now: datetime) -> None:
    number = filed(world).number
    alice, url = client(world.alice), f"/api/v1/requests/{number}"
    steps: list[tuple[str, dict[str, Any], str]] = [
        ("claim", {}, "triage"), ("decide", {"lane": "quick_win", "minutes": 30}, "accepted"),
        ("start", {}, "in_progress"), ("resolve", {"text": "It is refunds"}, "resolved"),
    ]  # fmt: skip
    for verb, body, state in steps:
        answer = alice.post(f"{url}/{verb}/", body)
        assert (answer.status_code, answer.json().get("state")) == (200, state), answer.content
    assert {one["state"] for one in answer.json()["clocks"]} == {"met"}


def test_an_old_version_is_stale(world: World) -> None:
    number = filed(world).number
    answer = client(world.alice).post(f"/api/v1/requests/{number}/claim/", {}, headers={"If-Match": '"9"'})
    assert answer.status_code == 412


def test_a_requester_may_not_triage(world: World) -> None:
    answer = client(world.bob).post(f"/api/v1/requests/{filed(world).number}/claim/", {})
    assert (answer.status_code, answer.json()["code"]) == (403, "requests.not_yours")


def test_a_private_request_and_an_unknown_one_answer_alike(world: World) -> None:
    request = filed(world)
    make_private(actor=world.bob, request=request, people=[world.alice], reason="legal matter", at=TUESDAY)
    number = DataRequest.objects.get().number
    hidden = client(world.carol).get(f"/api/v1/requests/{number}/")
    unknown = client(world.carol).get("/api/v1/requests/PRV-ZZZZZZ/")
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.json()["detail"] == unknown.json()["detail"]
    assert client(world.carol).get("/api/v1/requests/").json()["results"] == []
    assert client(world.carol).get("/api/v1/sla/clocks/").json()["results"] == []


def test_the_list_is_filtered_by_owner_of_the_data_size_and_urgency(world: World) -> None:
    orders = shop_assets(world)["fct_orders"]
    owned = filed(world, assets=[orders])
    small = decided(world, 60)
    urgent = filed(world, use_token=True)
    client = APIClient()
    client.force_authenticate(world.bob)

    def found(query: str) -> list[str]:
        return [row["number"] for row in client.get(f"/api/v1/requests/?{query}").json()["results"]]

    assert found("owner=alice") == [owned.number]
    assert found("owner=carol") == []
    assert found("size=small") == [small.number]
    assert found("urgency=urgent") == [urgent.number]


def test_a_program_asks_for_what_moved_since(world: World, now: datetime) -> None:
    quiet, moved, asked = (filed(world, title=f"Why is net GMV lower {n}") for n in range(3))
    later = TUESDAY + timedelta(hours=2)
    claim_for_triage(actor=world.alice, request=moved, at=later)
    post_message(actor=world.bob, request=asked, body="In November only?", at=later)

    def found(since: str) -> set[str]:
        rows = client(world.bob).get("/api/v1/requests/", {"updated_since": since}).json()["results"]
        return {row["number"] for row in rows}

    assert found("2026-11-24T10:00:00Z") == {quiet.number, moved.number, asked.number}
    assert found("2026-11-24T12:00:00Z") == {moved.number, asked.number}
    assert found("2026-11-24T12:00:01Z") == set()
    assert client(world.bob).get("/api/v1/requests/?updated_since=soon").json()["code"] == "core.bad_filter"


def test_the_urgency_of_a_team_and_quarter_is_counted_without_private_ones(world: World) -> None:
    filed(world)
    filed(world, use_token=True)
    make_private(
        actor=world.bob, request=filed(world), people=[world.alice], reason="a claim of a customer", at=TUESDAY
    )
    client = APIClient()
    client.force_authenticate(world.dave)
    shown = client.get("/api/v1/urgency/analytics/2026q4/").json()
    assert (shown["filed"], shown["urgent"], shown["tokens_used"], shown["tokens"]) == (2, 1, 1, 3)
    assert (shown["opened"], shown["opened_median_seconds"], shown["exempt"]) == (0, None, [])
    assert client.get("/api/v1/urgency/nobody/2026q4/").status_code == 404


def test_the_list_is_filtered_and_costs_at_most_eight_queries(world: World, django_assert_max_num_queries: Any) -> None:
    for _ in range(5):
        filed(world)
    filed(world, kind="access")
    bob = client(world.bob)
    with django_assert_max_num_queries(8):
        answer = bob.get("/api/v1/requests/?state=open&kind=question&team=data-platform")
    assert len(answer.json()["results"]) == 5


def test_explain_adds_up_to_the_elapsed_time(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    filed(world)
    clock.set(TUESDAY.replace(day=25, hour=12))
    promise = SlaClock.objects.get(kind="resolution")
    told = client(world.bob).get(f"/api/v1/sla/clocks/{promise.pk}/explain/").json()
    counted = sum(row["seconds"] for row in told["segments"] if row["kind"] == "counted")
    assert counted == told["totals"]["counted"] == 11 * 3600


@pytest.mark.parametrize("case", CASES["cases"], ids=[case["id"] for case in CASES["cases"]])
def test_the_preview_answers_every_case(world: World, case: dict[str, Any]) -> None:
    calendar = dict(CASES["calendars"][case["calendar"]])
    calendar["zone"] = calendar.pop("tz")
    body = {
        "calendar": calendar, "start": case["start"], "duration_seconds": case["duration_seconds"],
        "pauses": case["pauses"],
        "percents": [80], "stop_at": case["stop_at"],
    }  # fmt: skip
    told = client(world.bob).post("/api/v1/sla/preview/", body)
    assert told.status_code == 200, told.content
    given = told.json()
    expected = (case["expected_due"], case["expected_breach_at"], case["expected_warn_80"])
    assert (given["due_at"], given["breach_at"], given["steps"][0]["at"]) == expected
    assert given["counted_at_stop"] == case["expected_counted_at_stop"]
    assert given["outcome"] == case["expected_outcome"]


def test_the_preview_refuses_an_unknown_zone(world: World) -> None:
    body = {"calendar": {"zone": "Mars/Base"}, "start": "2026-11-24T09:00:00Z", "duration_seconds": 60}
    answer = client(world.bob).post("/api/v1/sla/preview/", body)
    assert answer.json()["code"] == "sla.unknown_zone"
