"""Deciding and proposing in one step, and filters of what waits (spec budget 3, requests 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from portal.core.errors import DomainError
from requests_queue.models import DataRequest, ExemptKind
from requests_queue.services.deciding import Estimate
from requests_queue.services.filing import join_request
from requests_queue.services.overriding import PullIn, decide_and_propose
from requests_queue.services.talking import post_message
from requests_queue.services.triage import claim_for_triage
from requests_queue.services.upstream import wait_for_team
from tests.app.requests_queue.desk import TUESDAY, filed, started
from tests.contract.doors import questions_of

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
WHY = PullIn("The regulator asks for it this week.")


def claimed(world: World) -> DataRequest:
    request = filed(world)
    return claim_for_triage(actor=world.alice, request=request, at=TUESDAY)


def stepped(world: World, request: DataRequest, estimate: Estimate, pull_in: PullIn = WHY) -> DataRequest:
    return decide_and_propose(actor=world.alice, request=request, estimate=estimate, pull_in=pull_in, at=TUESDAY)


def test_what_the_books_put_off_is_proposed_in_the_same_step(world: World) -> None:
    request = stepped(world, claimed(world), Estimate("complex", 900))
    proposal = request.override_proposals.get()
    assert (request.state, proposal.proposer, proposal.reason) == ("deferred", world.alice, WHY.reason)
    assert request.letters.get().decision == "DEFER"


def test_nothing_is_proposed_where_the_books_take_it_in(world: World) -> None:
    request = stepped(world, claimed(world), Estimate("quick_win", 30))
    assert (request.state, request.override_proposals.count()) == ("accepted", 0)


def test_a_short_reason_refuses_the_whole_step(world: World) -> None:
    request = claimed(world)
    with pytest.raises(DomainError) as refusal:
        stepped(world, request, Estimate("complex", 900), PullIn("Too short"))
    standing = DataRequest.objects.get(pk=request.pk)
    assert (refusal.value.code, standing.state, standing.letters.count()) == ("budget.reason_too_short", "triage", 0)


def test_page_and_api_take_the_step_alike(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    one, other = claimed(world), claimed(world)
    client = Client()
    client.force_login(world.alice)
    form = {"lane": "complex", "minutes": "900", "pull_in": WHY.reason}
    assert client.post(f"/requests/{one.number}/do/decide", form).status_code == 303
    api = APIClient()
    api.force_authenticate(world.alice)
    body = {"lane": "complex", "minutes": 900, "pull_in": WHY.reason}
    assert api.post(f"/api/v1/requests/{other.number}/decide/", body, format="json").json()["state"] == "deferred"
    assert [row.override_proposals.count() for row in (one, other)] == [1, 1]


def test_filters_find_what_waits_upstream_what_is_exempt_and_what_many_want(world: World) -> None:
    waiting, wanted = started(world), filed(world, title="How many orders were placed yesterday?")
    wait_for_team(actor=world.alice, request=waiting, team=world.checkout, reason="Send it", at=TUESDAY)
    join_request(actor=world.dave, request=wanted, wording="Me too", at=TUESDAY)
    kind = ExemptKind.objects.order_by("pk")[0]
    exempt = filed(world, exemption=kind, people=[world.alice])
    api = APIClient()
    api.force_authenticate(world.alice)
    found = {
        query: [row["number"] for row in api.get(f"/api/v1/requests/?{query}").json()["results"]]
        for query in ("has_upstream=true", "exempt=true", "supporters=1", "has_upstream=true&supporters=1")
    }
    assert found == {
        "has_upstream=true": [waiting.number], "exempt=true": [exempt.number], "supporters=1": [wanted.number],
        "has_upstream=true&supporters=1": [],
    }  # fmt: skip


def test_a_conversation_costs_four_questions(world: World) -> None:
    request = filed(world)
    for n in range(3):
        post_message(actor=world.bob, request=request, body=f"Word {n}", at=TUESDAY)
    api = APIClient()
    api.force_authenticate(world.alice)
    with CaptureQueriesContext(connection) as asked:
        assert len(api.get(f"/api/v1/requests/{request.number}/messages/").json()["results"]) == 3
    assert questions_of(asked) <= 4
