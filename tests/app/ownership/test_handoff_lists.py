"""Handovers as lists: found, downloaded, begun from the register; and why one cannot begin (spec ownership 9)."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.test import APIClient

from ownership.handlers.boundaries import HandoffEffects
from ownership.models import Asset, Handoff
from ownership.services.domains import DomainDraft, create_domain
from ownership.services.handoffs import HandoffDraft, decide_items, draft_handoff, withdraw_handoff
from portal.core.errors import NotAllowed
from portal.engine.domain.messages import fill
from tests.app.ownership.test_handoffs import fire, held, ids, offered, ticked
from tests.world import make_person

if TYPE_CHECKING:
    from django.test import Client

    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


def rows_of(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))


def test_page_file_and_program_find_handovers_by_the_same_words(
    client: Client, world: World, clock: MovableClock
) -> None:
    handoff = offered(world, clock)
    client.force_login(world.carol)
    api = APIClient()
    api.force_authenticate(world.carol)
    for query, is_there in (
        ("state=offered", True), ("state=closed", False), ("giver=alice", True), ("giver=bob", False),
        ("taker=bob&asset=t1", True), ("asset=t7", False),
    ):  # fmt: skip
        assert (handoff.code in client.get(f"/handoffs/?view=all&{query}").content.decode()) is is_there, query
        assert bool(rows_of(client.get(f"/handoffs/export.csv?{query}"))) is is_there, query
        assert bool(api.get(f"/api/v1/handoffs/?{query}").json()["results"]) is is_there, query
    assert handoff.code not in client.get("/handoffs/").content.decode()
    assert client.get("/handoffs/?state=unknown").status_code == 400


def test_the_file_of_a_handover_has_each_asset_with_its_answer(
    client: Client, world: World, clock: MovableClock
) -> None:
    handoff = offered(world, clock)
    first, _ = ids(handoff)
    decide_items(actor=world.bob, handoff=handoff, accept=[], decline={first: "no access"}, at=clock.now())
    client.force_login(world.carol)
    lines = rows_of(client.get(f"/handoffs/{handoff.code}/export.csv"))
    assert [(line["asset"], line["state"], line["decided_by"], line["reason"]) for line in lines] == [
        ("t1", "offered", "", ""), ("t0", "declined", "bob", "no access"),
    ]  # fmt: skip
    assert client.get("/handoffs/HND-999999/export.csv").status_code == 404


def test_what_waits_stands_first_and_the_rest_is_a_page_away(client: Client, world: World, clock: MovableClock) -> None:
    handoff = offered(world, clock, count=102)
    decided = ids(handoff)[:1]
    decide_items(actor=world.bob, handoff=handoff, accept=decided, decline={}, at=clock.now())
    client.force_login(world.bob)
    first = client.get(f"/handoffs/{handoff.code}").content.decode()
    assert (first.count('name="item"'), f'value="{decided[0]}" id="item-' in first) == (100, False)
    following = first.partition('class="pager"')[2].partition('href="')[2].partition('"')[0]
    second = client.get(f"/handoffs/{handoff.code}{following.replace('&amp;', '&')}").content.decode()
    assert (second.count('name="item"'), ">t0<" in second) == (1, True)


def test_a_filter_of_the_register_resolves_to_names_before_anything_is_written(
    client: Client, world: World, clock: MovableClock
) -> None:
    held(world.alice, 3, clock.now() - timedelta(days=30))
    Asset.objects.filter(slug="t2").update(kind=30)
    client.force_login(world.alice)
    register = client.get("/assets/?owner=alice&kind=dataset").content.decode()
    assert "/handoffs/new?owner=alice&amp;kind=dataset" in register
    assert "/handoffs/new" not in client.get("/assets/?kind=dataset").content.decode()
    page = client.get("/handoffs/new?owner=alice&kind=dataset").content.decode()
    assert "2 of 2 matching assets are with alice." in page
    assert "t0\nt1</textarea>" in page
    nothing = client.get("/handoffs/new?owner=carol&kind=dataset").content.decode()
    assert "Nothing in the register matches." in nothing
    others = client.get("/handoffs/new?tier=&kind=dataset&owner=&team=data-platform").content.decode()
    assert "Nothing in the register matches." in others
    assert client.get("/handoffs/new?owner=alice&kind=nonsense").status_code == 400
    assert not Handoff.objects.exists()


def test_a_lead_of_the_domain_hands_its_assets_over_and_no_others(world: World, clock: MovableClock) -> None:
    things = held(world.alice, 2, clock.now() - timedelta(days=30))
    lead = make_person("lee", team=world.checkout, role="lead")
    domain = create_domain(actor=lead, draft=DomainDraft("Sales", lead_team=world.checkout), at=clock.now())
    Asset.objects.filter(pk=things[0].pk).update(domain=domain)

    def draft(*assets: Asset) -> Handoff:
        wish = HandoffDraft(world.alice, world.bob, [each.pk for each in assets], clock.now())
        return draft_handoff(actor=lead, draft=wish, at=clock.now())

    with pytest.raises(NotAllowed):
        draft(*things)
    assert draft(things[0]).created_by == lead


def test_both_sides_hear_which_line_of_the_checklist_holds_a_handover_back(world: World, clock: MovableClock) -> None:
    handoff = offered(world, clock)
    decide_items(actor=world.bob, handoff=handoff, accept=ids(handoff), decline={}, at=clock.now())
    effects = HandoffEffects()
    told = fire(effects, "ownership.handoff_effect", handoff, 0, clock.now()).notices
    assert {note.kind for note in told} == {"ownership.handoff_moved"}
    assert fill("{open}|{begins}", told[0].context) == (
        "The description is current, The new owner has access and Open changes are listed and 1 more|"
        "Tue 02 Mar 10:00 UTC"
    ).replace(" and Open", ", Open")
    Handoff.objects.filter(pk=handoff.pk).update(moved_days=10)
    stuck = fire(effects, "ownership.handoff_effect", handoff, 0, clock.now()).notices
    assert {note.kind for note in stuck} == {"ownership.handoff_stuck"}


def test_what_was_accepted_but_is_held_back_can_be_taken_back_on_the_page(
    client: Client, world: World, clock: MovableClock
) -> None:
    handoff = offered(world, clock)
    decide_items(actor=world.bob, handoff=handoff, accept=ids(handoff), decline={}, at=clock.now())
    client.force_login(world.alice)
    url = f"/handoffs/{handoff.code}"
    assert f'action="{url}/withdraw"' in client.get(url).content.decode()
    withdraw_handoff(actor=world.alice, handoff=handoff, at=clock.now())
    assert f'action="{url}/withdraw"' not in client.get(url).content.decode()


def test_a_refused_answer_says_what_is_missing_and_a_finished_handover_asks_nothing_more(
    client: Client, world: World, clock: MovableClock
) -> None:
    handoff = offered(world, clock)
    client.force_login(world.bob)
    url = f"/handoffs/{handoff.code}"
    refused = client.post(f"{url}/decide", {"item": ids(handoff), "answer": "decline", "reason": ""})
    assert (refused.status_code, "Why: Say why you cannot take it." in refused.content.decode()) == (422, True)
    assert client.post(f"{url}/decide", {"item": ids(handoff)[:1], "answer": "accept"}).status_code == 303
    assert f'action="{url}/check"' in client.get(url).content.decode()
    answer = {"item": ids(handoff)[1:], "answer": "decline", "reason": "not ours"}
    assert client.post(f"{url}/decide", answer).status_code == 303
    assert "1 of 2 assets accepted. It begins as soon as what is needed is done" in client.get(url).content.decode()
    ticked(handoff, world.bob, clock)
    page = client.get(url).content.decode()
    assert ("1 of 2 assets accepted and handed over." in page, f'action="{url}/check"' in page) == (True, False)
