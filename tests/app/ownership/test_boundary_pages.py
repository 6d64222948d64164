"""The board, the agenda, the gaps and the handovers as people and programs see them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.test import APIClient

from oncall.services.tickets import Asking, advance_ticket, open_upstream_ticket
from ownership.api.boundaries import CrossingShown
from ownership.filters import CrossingFilter
from ownership.models import Asset, Crossing, Domain, Gap, Handoff, Ownership, Talk
from ownership.services.refreshing import refresh_touched
from ownership.web.boundaries import HEADER
from tests.world import make_person

if TYPE_CHECKING:
    from django.test import Client

    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def crossing(world: World, clock: MovableClock) -> Crossing:
    at = clock.now()
    domain = Domain.objects.create(name="Shop", slug="shop", lead_team=world.analytics)
    churn = Asset.objects.create(
        kind=30, slug="churn", name="churn", tier=1, domain=domain, created_at=at, updated_at=at, attrs={}
    )
    Ownership.objects.create(
        asset=churn, person=world.alice, duty=1, rank=1, state="accepted", valid=(at, None), origin="portal",
        recorded_at=at,
    )  # fmt: skip
    refresh_touched(at=clock.now())
    return Crossing.objects.get()


def api(person: Person) -> APIClient:
    client = APIClient()
    client.force_login(person)
    return client


def shown(client: Client, person: Person, url: str) -> str:
    client.force_login(person)
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def test_the_board_names_teams_and_never_a_person(
    client: Client, world: World, crossing: Crossing, clock: MovableClock
) -> None:
    clock.advance(days=3)
    page = shown(client, world.dave, "/boundaries/")
    assert "Data Platform does the work of Analytics" in page
    assert "the definition belongs with the analysts" in page
    assert world.alice.name not in page
    one = f"/boundaries/crossings/{crossing.pk}"
    assert world.alice.name not in shown(client, world.dave, one)
    assert world.alice.name in shown(client, world.bob, one)


@pytest.mark.usefixtures("crossing")
def test_the_board_offers_its_acts_to_those_alone_who_may_do_them(client: Client, world: World) -> None:
    acts = ("Talk</a>", "Propose handover</a>", "Accept until…</a>")
    lead, other = shown(client, world.alice, "/boundaries/"), shown(client, world.dave, "/boundaries/")
    assert [act in lead for act in acts] == [True, True, True]
    assert [act in other for act in acts] == [False, False, False]
    assert 'href="/boundaries/pairs/data-platform~analytics">Look at it</a>' in other


def test_no_filter_parameter_column_or_sort_goes_by_person(world: World, crossing: Crossing) -> None:
    words = {*CrossingFilter().filters, *HEADER, *CrossingShown().fields}
    assert not {word for word in words if any(part in word for part in ("person", "owner", "party", "handle"))}
    client = api(world.alice)
    for url in ("/api/v1/crossings/", "/api/v1/boundaries/"):
        for name in ("person", "owner", "party", "ordering", "sort"):
            assert client.get(f"{url}?{name}=alice").status_code == 400
        assert world.alice.name not in client.get(url).content.decode()
        assert "alice" not in client.get(url).content.decode()
    csv = b"".join(client.get("/boundaries/export.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert csv.splitlines()[1].split(",")[3:5] == ["data-platform", "analytics"]
    assert "alice" not in csv


def test_a_lead_arranges_a_talk_on_the_page_and_gets_its_calendar_file(
    client: Client, world: World, crossing: Crossing, clock: MovableClock
) -> None:
    client.force_login(world.alice)
    day = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    url = "/boundaries/pairs/data-platform~analytics"
    assert client.post(f"{url}/talk", {"at": "2020-01-01T10:00"}).status_code == 422
    assert client.post(f"{url}/talk", {"at": day, "note": "- churn"}).status_code == 303
    talk = Talk.objects.get()
    calendar = client.get(f"/boundaries/talks/{talk.pk}/calendar.ics").content.decode()
    assert "SUMMARY:Data Platform and Analytics" in calendar
    assert client.post(f"/boundaries/talks/{talk.pk}/close", {"outcome": "plan"}).status_code == 303
    assert "put it in the plan" in shown(client, world.bob, f"/boundaries/talks/{talk.pk}")


def test_page_and_program_accept_alike(client: Client, world: World, crossing: Crossing, clock: MovableClock) -> None:
    until = (clock.now() + timedelta(days=20)).date().isoformat()
    erin = make_person("erin", team=world.analytics, discipline="DA", role="lead")
    client.force_login(world.alice)
    url = f"/boundaries/crossings/{crossing.pk}/accept"
    assert client.post(url, {"until": until, "reason": "move later"}).status_code == 303
    done = api(erin).post(f"/api/v1/crossings/{crossing.pk}/accept", {"until": until, "reason": "move later"})
    assert (done.status_code, done.json()["state"], done.json()["accepted_until"]) == (200, "accepted", until)
    assert api(world.dave).post(f"/api/v1/crossings/{crossing.pk}/dismiss", {"reason": "no"}).status_code == 403


def test_a_crossing_becomes_a_handover_to_the_expected_team(world: World, crossing: Crossing) -> None:
    made = api(world.alice).post(f"/api/v1/crossings/{crossing.pk}/handover", {"reason": "theirs"}, format="json")
    assert made.status_code == 201
    drafted = Handoff.objects.get()
    assert made.json() == {"code": drafted.code, "url": f"/handoffs/{drafted.code}"}
    assert (drafted.from_person, drafted.to_team, drafted.state) == (world.alice, world.analytics, "draft")
    assert drafted.items.get().asset == crossing.asset
    named = api(world.alice).post(f"/api/v1/crossings/{crossing.pk}/handover", {"taker": "nobody-here"}, format="json")
    assert (named.status_code, named.json()["code"], Handoff.objects.count()) == (422, "ownership.unknown_party", 1)


def test_the_board_shows_the_heaviest_of_a_pair_and_leads_to_all(
    client: Client, world: World, crossing: Crossing, clock: MovableClock
) -> None:
    at = clock.now()
    for n in range(6):
        asset = Asset.objects.create(
            kind=30, slug=f"rate-{n}", name=f"rate-{n}", tier=4, created_at=at, updated_at=at, attrs={},
            domain=crossing.asset.domain,
        )  # fmt: skip
        Ownership.objects.create(
            asset=asset, person=world.alice, duty=1, rank=1, state="accepted", valid=(at, None), origin="portal",
            recorded_at=at,
        )  # fmt: skip
    refresh_touched(at=at)
    page = shown(client, world.dave, "/boundaries/")
    assert ("churn" in page, page.count(">rate-"), "All 7 crossings" in page) == (True, 4, True)
    assert shown(client, world.dave, "/boundaries/pairs/data-platform~analytics").count(">rate-") == 6


def test_a_pair_says_how_many_tickets_and_blocked_hours_it_exchanged(
    client: Client, world: World, crossing: Crossing, clock: MovableClock
) -> None:
    for asking, asked, hours in ((world.data_platform, world.analytics, 3), (world.analytics, world.data_platform, 1)):
        wanted = Asking("missing_data", "Churn is empty", team=asked, asking_team=asking)
        ticket = open_upstream_ticket(actor=world.alice, asking=wanted, at=clock.now())
        clock.advance(hours=hours)
        advance_ticket(actor=world.alice, ticket=ticket, state="unblocked", at=clock.now())
    elsewhere = Asking("missing_data", "Not of this pair", team=world.analytics, asking_team=world.checkout)
    open_upstream_ticket(actor=world.alice, asking=elsewhere, at=clock.now())
    assert "2 tickets and 4 hours blocked this quarter" in shown(client, world.dave, "/boundaries/")
    told = api(world.bob).get("/api/v1/boundaries/").json()["results"][0]
    assert (told["tickets"], told["blocked_hours"]) == (2, 4.0)
    assert "2 tickets and 4 hours" in shown(client, world.dave, f"/boundaries/pairs/{told['key']}")
    clock.advance(days=120)
    later = api(world.bob).get("/api/v1/boundaries/").json()["results"][0]
    assert (later["tickets"], later["blocked_hours"]) == (0, 0.0)


def test_the_board_of_a_past_day_answers_the_api(world: World, crossing: Crossing, clock: MovableClock) -> None:
    then = clock.now()
    clock.advance(days=5)
    Asset.objects.filter(pk=crossing.asset_id).update(retired_at=clock.now(), lifecycle="retired")
    refresh_touched(at=clock.now())
    client = api(world.bob)
    assert client.get("/api/v1/boundaries/").json()["results"] == []
    past = client.get("/api/v1/boundaries/", {"at": then.isoformat()}).json()["results"]
    assert [row["asset"] for row in past[0]["crossings"]] == ["churn"]
    assert client.get("/api/v1/boundaries/?at=2026-03-12").status_code == 400


def test_the_asset_page_says_what_crosses_and_offers_the_remedies(
    client: Client, world: World, crossing: Crossing, clock: MovableClock
) -> None:
    clock.advance(days=40)
    page = shown(client, world.bob, "/assets/churn")
    assert "A metric is owned by data engineering." in page
    assert f"/handoffs/new?crossing={crossing.pk}" in page
    assert "churn sits with data engineering" in page


def test_gaps_name_the_one_act_that_mends_them(
    client: Client, world: World, crossing: Crossing, clock: MovableClock
) -> None:
    kinds = set(Gap.objects.values_list("kind", flat=True))
    assert kinds == {"no_backup", "no_document"}
    page = shown(client, world.bob, "/gaps/?tier=1")
    assert "Name a backup" in page
    assert "Write or link one" in page
    rows = api(world.bob).get("/api/v1/gaps/?kind=no_backup").json()["results"]
    assert [(row["asset"], row["act"]) for row in rows] == [("churn", "Name a backup")]
    assert api(world.bob).get("/api/v1/gaps/?kind=gossip").status_code == 400
    Asset.objects.create(
        kind=50, slug="notes", name="notes", documents=crossing.asset, created_at=clock.now(),
        updated_at=clock.now(), attrs={},
    )  # fmt: skip
    Asset.objects.filter(slug="churn").update(tier=2)
    refresh_touched(at=clock.now())
    open_now = Gap.objects.filter(valid__upper_inf=True).values_list("asset__slug", "kind")
    assert sorted(open_now) == [("churn", "no_backup"), ("notes", "no_owner")]


def test_a_gap_names_who_might_take_it(client: Client, world: World, crossing: Crossing, clock: MovableClock) -> None:
    """The team of the domain; once a guess waits, that one."""
    at = clock.now()
    thing = Asset.objects.create(
        kind=30, slug="orphan", name="orphan", domain=crossing.asset.domain, created_at=at, updated_at=at, attrs={}
    )
    refresh_touched(at=clock.now())
    assert "perhaps Analytics" in shown(client, world.bob, "/gaps/?kind=no_owner")
    Ownership.objects.create(
        asset=thing, person=world.carol, duty=1, rank=1, state="proposed", origin="import", recorded_at=at
    )
    assert "perhaps Carol Example" in shown(client, world.bob, "/gaps/?kind=no_owner")
    (row,) = api(world.bob).get("/api/v1/gaps/?kind=no_owner").json()["results"]
    assert (row["asset"], row["suggested_owner"]) == ("orphan", "carol")
    assert api(world.bob).get(f"/api/v1/gaps/{row['id']}/").json()["suggested_owner"] == "carol"
    file: Any = client.get("/gaps/export.csv?kind=no_owner")
    assert b"".join(file.streaming_content).decode().splitlines()[1].endswith(",carol")


def test_a_crossing_is_handed_over_on_the_page_by_both_sides(
    client: Client, world: World, crossing: Crossing, clock: MovableClock
) -> None:
    erin = make_person("erin", team=world.analytics, discipline="DA", role="lead")
    page = shown(client, world.alice, f"/handoffs/new?crossing={crossing.pk}")
    assert 'value="analytics"' in page
    given: dict[str, Any] = {"giver": "alice", "taker": "analytics", "assets": "churn", "crossing": crossing.pk}
    assert client.post("/handoffs/new", given | {"assets": "nothing"}).status_code == 422
    assert client.post("/handoffs/new", given).status_code == 303
    code = Handoff.objects.get().code
    assert client.post(f"/handoffs/{code}/offer").status_code == 303
    crossing.refresh_from_db()
    assert crossing.state == "handover"
    for check in Handoff.objects.get().checks.filter(is_required=True):
        client.post(f"/handoffs/{code}/check", {"check": check.pk, "state": "done"})
    client.force_login(world.bob)
    assert client.post(f"/handoffs/{code}/decide", {"all": "1", "answer": "accept"}).status_code in {403, 422}
    assert "waits for your yes or no" in shown(client, erin, "/")
    client.force_login(erin)
    assert client.post(f"/handoffs/{code}/decide", {"all": "1", "answer": "accept"}).status_code == 303
    refresh_touched(at=clock.now())
    crossing.refresh_from_db()
    assert (crossing.state, crossing.valid.upper is None) == ("resolved", False)
    assert api(erin).get(f"/api/v1/handoffs/{code}/").json()["accepted"] == 1


def test_a_program_hands_over_in_bulk_and_races_give_409(world: World, clock: MovableClock) -> None:
    at = clock.now() - timedelta(days=1)
    for n in range(3):
        thing = Asset.objects.create(kind=20, slug=f"t{n}", name=f"t{n}", created_at=at, updated_at=at, attrs={})
        Ownership.objects.create(
            asset=thing, person=world.alice, duty=1, rank=1, state="accepted", valid=(at, None), origin="portal",
            recorded_at=at,
        )  # fmt: skip
    client = api(world.alice)
    body = {"giver": "alice", "taker": "bob", "assets": ["t0", "t1", "t2"]}
    made = client.post("/api/v1/handoffs/", body, format="json")
    assert (made.status_code, made.json()["total"]) == (201, 3)
    code = made.json()["code"]
    assert client.post(f"/api/v1/handoffs/{code}/offer").json()["state"] == "offered"
    items = [row["item"] for row in client.get(f"/api/v1/handoffs/{code}/items").json()["results"]]
    answer = {"accept": items[:2], "decline": [{"item": items[2], "reason": "no access"}]}
    bob = api(world.bob)
    assert bob.post(f"/api/v1/handoffs/{code}/decide", answer, format="json").json()["state"] == "closed"
    again = bob.post(f"/api/v1/handoffs/{code}/decide", answer, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "ownership.handoff_over")
