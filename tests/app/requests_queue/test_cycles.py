"""A figure of promises kept leads to the cycles behind it, as page, CSV and API (spec sla 10)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from rest_framework.test import APIClient

from requests_queue.models import ExemptKind
from requests_queue.services.clocks import excuse_breach
from requests_queue.services.concluding import answer_request
from requests_queue.services.working import reopen_request
from tests.app.requests_queue.desk import TUESDAY, filed

if TYPE_CHECKING:
    from requests_queue.models import DataRequest
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
WHY = "The loader of another team was late"


@pytest.fixture
def decided(world: World, clock: MovableClock) -> list[DataRequest]:
    """Two kept, of which one too early; one late and excused; one that still runs late; one private."""
    clock.set(TUESDAY + timedelta(days=8))
    rows = [filed(world, title=f"Why is net GMV lower {n}") for n in range(4)]
    for request in rows[:2]:
        answer_request(actor=world.alice, request=request, body="Refunds", at=TUESDAY + HOUR)
    reopen_request(actor=world.bob, request=rows[1], reason="not_solved", at=TUESDAY + 2 * HOUR)
    answer_request(actor=world.alice, request=rows[2], body="Sorry", at=TUESDAY + timedelta(days=2))
    late = rows[2].clocks.get(kind="resolution")
    excuse_breach(actor=world.alice, clock=late, reason=WHY, at=TUESDAY + timedelta(days=2))
    secret = filed(world, title="A secret", exemption=ExemptKind.objects.all()[0], people=[world.alice])
    answer_request(actor=world.alice, request=secret, body="Yes", at=TUESDAY + HOUR)
    return rows


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def lines(answer: Any) -> list[str]:
    return b"".join(answer.streaming_content).decode().splitlines()


def test_page_csv_and_api_list_the_same_cycles(world: World, decided: list[DataRequest]) -> None:
    carol, rest = browser(world.carol), APIClient()
    rest.force_authenticate(world.carol)
    numbers = {
        "kind=resolution&outcome=kept": [decided[0], decided[1]],
        "kind=resolution&outcome=premature": [decided[1]],
        "kind=resolution&outcome=excused": [decided[2]],
        "kind=resolution&outcome=late&decided_from=2026-11-25T09:00:00Z": [decided[2], decided[3]],
        "kind=resolution&decided_to=2026-11-24T12:00:00Z": [decided[0], decided[1]],
    }
    for query, rows in numbers.items():
        expected = sorted(row.number for row in rows)
        found = rest.get(f"/api/v1/sla/clocks/?{query}").json()["results"]
        assert sorted(row["request"] for row in found) == expected, query
        csv = lines(carol.get(f"/sla/cycles.csv?{query}"))
        assert sorted(line.split(",")[0] for line in csv[1:]) == expected, query
        page = carol.get(f"/sla/cycles/?{query}").content.decode()
        assert [row.number in page for row in decided] == [row in rows for row in decided], query


def test_the_page_says_the_figure_that_its_cycles_make(world: World, decided: list[DataRequest]) -> None:
    page = browser(world.carol).get("/sla/cycles/?kind=resolution").content.decode()
    assert "2 of 5 promises kept · 1 late and excused · 1 re-opened as not solved" in page
    assert "A secret" not in page
    assert "A secret" in browser(world.alice).get("/sla/cycles/?kind=resolution").content.decode()  # a member


def test_figures_of_the_report_and_of_the_promises_lead_to_their_cycles(
    world: World, decided: list[DataRequest]
) -> None:
    bob = browser(world.bob)
    links = [part.split('"')[0].replace("&amp;", "&") for part in
             bob.get("/reports/attainment").content.decode().split('href="')
             if part.startswith("/sla/cycles/")]  # fmt: skip
    kept = next(link for link in links if "kind=resolution" in link and "outcome=kept" in link)
    assert parse_qs(urlsplit(kept).query)["team"] == ["data-platform"]
    page = bob.get(kept).content.decode()
    assert (decided[0].number in page, decided[2].number in page) == (True, False)
    assert "/sla/cycles/?kind=resolution" in bob.get("/sla/").content.decode()


def test_an_empty_list_says_so_and_a_wrong_filter_is_refused(world: World) -> None:
    bob = browser(world.bob)
    assert "Nothing was decided here" in bob.get("/sla/cycles/").content.decode()
    assert bob.get("/sla/cycles/?outcome=perhaps").status_code == 400
    assert bob.get("/sla/cycles/?decided_from=soon").status_code == 400
