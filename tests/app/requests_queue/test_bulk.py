"""One act on many requests of the list: back to the desk, and the way back from there (spec requests 11)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from portal.core.errors import Conflict, DomainError, NotAllowed
from requests_queue.models import DataRequest
from requests_queue.services.assigning import assign_request
from requests_queue.services.bulk import triage_many, undo_many
from requests_queue.services.working import ask_requester
from tests.app.requests_queue.desk import TUESDAY, filed, started
from tests.world import make_person

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
REQUESTER_WAITS = "waiting_on_requester"


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def hands() -> list[tuple[str, str | None]]:
    """Each request by its number: its state, and who has it."""
    rows = DataRequest.objects.order_by("pk").select_related("assignee")
    return [(row.state, row.assignee.handle if row.assignee else None) for row in rows]


def test_the_lead_sends_work_back_to_the_desk_and_takes_it_back_within_ten_minutes(world: World) -> None:
    erin = make_person("erin", team=world.data_platform)
    begun, asked, fresh = started(world), started(world), filed(world)
    ask_requester(actor=world.alice, request=asked, question="Which market?", at=TUESDAY)
    numbers = [one.number for one in (begun, asked, fresh)]
    for actor, reason, kind in ((erin, "Larger than we thought", NotAllowed), (world.alice, "", DomainError)):
        with pytest.raises(kind):
            triage_many(actor=actor, numbers=numbers, reason=reason, at=TUESDAY)
    assert [one.state for one in DataRequest.objects.order_by("pk")] == ["in_progress", REQUESTER_WAITS, "new"]
    group = triage_many(actor=world.alice, numbers=numbers, reason="Larger than we thought", at=TUESDAY + HOUR)
    assert hands() == [("triage", None), ("triage", None), ("new", None)]
    assert list(asked.clocks.filter(kind="decision").values_list("state", flat=True)) == ["met", "running"]
    assert asked.clocks.get(kind="resolution").state == "running"
    with pytest.raises(Conflict):
        undo_many(actor=world.alice, group=group, at=TUESDAY + HOUR + timedelta(minutes=11))
    assert undo_many(actor=world.alice, group=group, at=TUESDAY + HOUR + timedelta(minutes=9)) == 2
    assert hands() == [("in_progress", "alice"), (REQUESTER_WAITS, "alice"), ("new", None)]
    assert list(asked.clocks.filter(kind="decision").values_list("state", flat=True)) == ["met", "cancelled"]
    assert asked.clocks.get(kind="resolution").state == "paused"


def test_what_somebody_took_meanwhile_is_not_taken_back(world: World) -> None:
    request = started(world)
    group = triage_many(actor=world.alice, numbers=[request.number], reason="Read it again", at=TUESDAY)
    request.refresh_from_db()
    assign_request(actor=world.alice, request=request, assignee=world.alice, at=TUESDAY)
    assert undo_many(actor=world.alice, group=group, at=TUESDAY) == 0
    with pytest.raises(DomainError) as refusal:
        triage_many(actor=world.alice, numbers=[request.number], reason="Read it again", at=TUESDAY)
    assert refusal.value.code == "requests.nothing_to_send"


def test_the_list_sends_chosen_ones_back_and_says_what_is_wrong(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    request, alice = started(world), browser(world.alice)
    assert "Send the chosen ones back" in alice.get("/requests/").content.decode()
    assert "Send the chosen ones back" not in browser(world.bob).get("/requests/").content.decode()
    sent = {"act": "triage", "numbers": [request.number], "query": ""}
    refused = alice.post("/requests/bulk", sent)
    assert (refused.status_code, "Why: " in refused.content.decode()) == (422, True)
    answer = alice.post("/requests/bulk", sent | {"reason": "Larger than we thought"})
    assert answer["Location"].startswith("/requests/?undo=")
    group = answer["Location"].split("undo=")[1]
    assert alice.post("/requests/undo", {"group": group}).status_code == 303
    assert DataRequest.objects.get().state == "in_progress"


def test_the_bar_says_how_many_of_how_many_that_match(world: World) -> None:
    for _ in range(3):
        filed(world)
    page = browser(world.alice).get("/requests/").content.decode()
    assert '<b><span class="chosen"></span> selected</b><span class="muted">of 3 that match</span>' in page
