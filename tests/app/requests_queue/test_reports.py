"""Reports: page, CSV and API agree, small cells are merged, and no one is named."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from portal.core.models import AuditEntry
from portal.core.registries import load_registry, report_registry
from requests_queue.domain.report_cells import Cell, merged, middle
from requests_queue.domain.states import State
from requests_queue.models import DataRequest, ExemptKind
from requests_queue.services.candidates import nominate_candidate
from requests_queue.services.moving import Move, move
from requests_queue.services.time_log import log_time
from requests_queue.services.working import resolve_request
from tests.app.requests_queue.desk import TUESDAY, accepted, filed, started
from tests.app.requests_queue.planning import locked, opened
from tests.world import make_person

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday(clock: MovableClock) -> None:
    clock.set(TUESDAY + timedelta(hours=3))


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def rows(person: Person, key: str, query: str = "") -> list[dict[str, Any]]:
    return list(signed_in(person).get(f"/api/v1/reports/{key}/{query}").json()["rows"])


def logged(world: World, person: Person, minutes: int) -> None:
    """Time of the day on a request of Data Platform."""
    request = accepted(world)
    key, day = uuid.uuid4(), TUESDAY.date()
    log_time(actor=person, request=request, minutes=minutes, work_date=day, idem_key=key, at=TUESDAY)


def csv_of(person: Person, key: str) -> list[str]:
    answer: Any = signed_in(person).get(f"/reports/{key}.csv")
    return b"".join(answer.streaming_content).decode().splitlines()


def test_small_cells_are_merged_until_three_requests_stand_behind_them() -> None:
    cells = [Cell("question", 500, 9), Cell("extract", 300, 3), Cell("access", 40, 1)]
    assert merged(cells) == [Cell("question", 500, 9), Cell("other", 340, 4)]
    assert merged(cells[:2]) == cells[:2]
    assert merged([Cell("access", 40, 1)]) == [Cell("other", 40, 1)]


def test_the_middle_and_the_85th_of_a_hundred() -> None:
    assert (middle([4.0, 1.0, 2.0, 3.0]), middle([]), middle([float(n) for n in range(1, 101)], 0.85)) == (
        2.0,
        None,
        85.0,
    )


@pytest.mark.parametrize("key", [key for key, _ in report_registry.items()])
def test_page_csv_and_api_of_a_report_have_the_same_rows(world: World, key: str) -> None:
    opened(world)
    resolve_request(actor=world.alice, request=started(world), result="Done", at=TUESDAY)
    given = rows(world.bob, key)
    assert len(csv_of(world.bob, key)) == len(given) + 1
    page = signed_in(world.bob).get(f"/reports/{key}")
    assert page.status_code == 200
    assert all(str(next(iter(row.values()))) in page.content.decode() for row in given)


@pytest.mark.parametrize("key", [key for key, _ in report_registry.items()])
def test_no_report_has_a_person_column(key: str) -> None:
    entry = report_registry.get(key)
    assert entry is not None
    assert {"person", "assignee", "requester", "owner"} & {column.key for column in entry.columns} == set()


def test_promises_are_counted_kept_by_kind(world: World) -> None:
    resolve_request(actor=world.alice, request=started(world), result="Done", at=TUESDAY)
    found = {row["promise"]: (row["ended"], row["kept"], row["kept_share"]) for row in rows(world.bob, "attainment")}
    assert found["resolution"] == (1, 1, 1.0)


def test_a_deferral_is_followed_to_its_plan(world: World) -> None:
    request = filed(world, kind="metric", title="Rebuild the funnel")
    request.estimate_minutes = 900
    request.save(update_fields=["estimate_minutes"])
    move(actor=None, request=request, step=Move(State.DEFERRED, "requests.deferred"), at=TUESDAY)
    plan = opened(world)
    nominate_candidate(actor=world.alice, request=request, at=TUESDAY)
    told = {"asking_team": "Analytics", "deferred": 1, "taken": 0, "withdrawn": 0, "waiting": 1, "asked_again": 0,
            "overrides": 0}  # fmt: skip
    assert rows(world.bob, "deferrals") == [told]
    locked(world, plan)
    assert rows(world.bob, "deferrals") == [told | {"taken": 1}]


def test_urgency_says_tokens_and_what_was_exempt_by_kind(world: World) -> None:
    filed(world, use_token=True)
    filed(world)
    kind = ExemptKind.objects.get(name="Legal hold or regulator")
    exempt = filed(world)
    DataRequest.objects.filter(pk=exempt.pk).update(exemption=kind, exemption_lapses_at=TUESDAY)
    found = rows(world.dave, "urgency")[0]
    assert (found["requests"], found["urgent"], found["tokens_used"], found["tokens_returned"]) == (3, 1, 1, 0)
    assert found["exempt"] == "Legal hold or regulator 1"


def test_the_time_of_few_requests_is_shown_as_other_work(world: World) -> None:
    logged(world, world.alice, 40)
    uses = {row["use"]: row["minutes"] for row in rows(world.bob, "quarter")}
    assert uses == {"Ad-hoc: other": 40}


def test_a_private_request_is_in_no_count(world: World) -> None:
    filed(world)
    before = rows(world.dave, "urgency")
    secret = filed(world, title="Zeppelin")
    DataRequest.objects.filter(pk=secret.pk).update(is_private=True, series="PRV", number="PRV-ABC123")
    assert rows(world.dave, "urgency") == before


def test_an_unknown_report_quarter_or_team_is_refused(world: World) -> None:
    client = signed_in(world.bob)
    assert client.get("/reports/nonsense").status_code == 404
    assert client.get("/api/v1/reports/quarter/?quarter=2027").status_code == 422
    assert client.get("/api/v1/reports/quarter/?team=nobody").json()["code"] == "site.unknown_team"
    assert client.get("/api/v1/reports/quarter/?person=bob").status_code == 400


def test_a_lead_sees_the_load_of_the_team_and_the_person_sees_that(world: World) -> None:
    erin = make_person("erin", team=world.data_platform)
    logged(world, erin, 90)
    assert "Erin Example" in signed_in(world.alice).get("/load/").content.decode()
    assert "Alice Example" in signed_in(erin).get("/load/").content.decode()
    signed_in(world.alice).get("/load/")
    assert AuditEntry.objects.filter(verb="site.load_viewed", actor=world.alice).count() == 1


@pytest.mark.parametrize("who", ["bob", "admin", "auditor"])
def test_nobody_else_sees_it_whatever_their_flags(world: World, who: str, request: pytest.FixtureRequest) -> None:
    make_person("erin", team=world.data_platform)
    viewer = world.bob if who == "bob" else request.getfixturevalue(who)
    assert "Erin Example" not in signed_in(viewer).get("/load/").content.decode()


def test_the_health_of_a_team_needs_three_people(world: World) -> None:
    page = signed_in(world.dave).get("/teams/data-platform/health").content.decode()
    assert "fewer than 3 people" in page
    assert "Alice Example" not in page


def test_own_load_comes_by_the_api(world: World) -> None:
    logged(world, world.alice, 90)
    given = signed_in(world.alice).get("/api/v1/me/load/").json()["results"]
    assert {row["key"]: row["four_weeks"] for row in given}["adhoc_minutes"] == 90
    assert {row["key"] for row in given} == {key for key, _ in load_registry.items()}


def test_a_proposal_is_made_on_its_page_and_growth_and_outcomes_are_read(world: World) -> None:
    client = signed_in(world.bob)
    given = {"team": "data-platform", "title": "Regions on the board", "why": "We guess.", "days": "3"}
    where = client.post("/plan/proposals/new", given)
    assert where.status_code == 303
    assert "Regions on the board" in client.get(where["Location"], follow=True).content.decode()
    refused = client.post("/plan/proposals/new", given | {"title": " "})
    assert refused.status_code == 422
    for path in ("/plan/growth?team=data-platform", "/plan/outcomes", "/reports/", "/"):
        assert client.get(path).status_code == 200
