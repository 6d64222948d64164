"""Without this person, and centralized against embedded: on pages, as CSV, for programs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from rest_framework.test import APIClient

from ownership.models import Asset
from ownership.queries.bus_test import run_bus_test
from ownership.queries.loads import loads_at, owned_points
from ownership.queries.shapes import shapes_of
from ownership.services.evidence import Act, record_evidence
from ownership.services.owning import Nomination, propose_owner
from portal.accounts.services.absences import Away, enter_absence
from requests_queue.models import DataRequest, ExemptKind
from requests_queue.services.filing import Filing, file_request
from tests.world import make_admin, make_person

if TYPE_CHECKING:
    from django.test import Client

    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


def own(name: str, owner: Person, backup: Person | None, clock: MovableClock, tier: int = 1) -> Asset:
    at = clock.now()
    asset = Asset.objects.create(kind=20, slug=name, name=name, tier=tier, created_at=at, updated_at=at, attrs={})
    for rank, person in enumerate([owner, *([backup] if backup else [])], start=1):
        propose_owner(actor=person, asset=asset, nomination=Nomination(person=person, rank=rank), at=at)
    return asset


@pytest.fixture
def frank(world: World) -> Person:
    return make_person("frank", team=world.data_platform, discipline="DE")


@pytest.fixture
def held(world: World, frank: Person, clock: MovableClock) -> list[Asset]:
    """Alice owns orders (Frank works on it), users (Frank is on paper), and rates alone; Frank owns visits."""
    rows = [
        own("orders", world.alice, frank, clock), own("users", world.alice, frank, clock),
        own("rates", world.alice, None, clock, tier=2), own("visits", frank, world.alice, clock),
    ]  # fmt: skip
    clock.advance(days=40)
    at = clock.now()
    did = ((frank, rows[0]), (world.alice, rows[0]), (world.alice, rows[1]), (frank, rows[3]))
    for n, (person, asset) in enumerate(did):
        record_evidence(actor=None, person=person, assets=[asset], act=Act("commit", f"c{n}", at - timedelta(days=1)))
    return rows


def api(person: Person) -> APIClient:
    client = APIClient()
    client.force_login(person)
    return client


def test_without_her_one_has_nobody_and_one_a_backup_on_paper(
    world: World, held: list[Asset], clock: MovableClock
) -> None:
    found = run_bus_test(world.alice, clock.now())
    assert [(stake.slug, stake.outcome) for stake in found.left_behind] == [
        ("users", "on_paper"), ("rates", "nobody"),
    ]  # fmt: skip
    assert found.counts == {"nobody": 1, "on_paper": 1, "last_backup": 0, "covered": 1}


def test_page_csv_and_program_say_the_same_to_the_person_the_lead_and_admins(
    client: Client, world: World, held: list[Asset], frank: Person
) -> None:
    admin = make_admin()
    for viewer in (frank, world.alice, admin):
        client.force_login(viewer)
        page = client.get("/people/frank/ownership/without").content.decode()
        assert "Everything they hold has a backup who has worked on it." not in page
        assert "visits" in page
        told = api(viewer).get("/api/v1/people/frank/bus-test").json()
        assert [(row["asset"], row["outcome"]) for row in told["left_behind"]] == [
            ("visits", "on_paper"), ("orders", "last_backup"),
        ]  # fmt: skip
        lines = b"".join(client.get("/people/frank/ownership/without.csv").streaming_content).decode().splitlines()  # type: ignore[attr-defined]
        assert lines[0] == "what,asset,kind,tier,role,outcome,could_step_in,says"
        told_of = "only a backup who has not worked on it"
        assert f"Assets,visits,dataset,1,primary,on_paper,Alice Example,{told_of}" in lines
    for viewer in (world.bob, world.dave):
        client.force_login(viewer)
        assert client.get("/people/frank/ownership/without").status_code == 403
        assert client.get("/people/frank/ownership/without.csv").status_code == 403
        assert api(viewer).get("/api/v1/people/frank/bus-test").status_code == 403


def test_the_figures_of_a_team_count_cover_and_days_without(
    world: World, held: list[Asset], clock: MovableClock
) -> None:
    at = clock.now()
    first = at.date() + timedelta(days=5)
    enter_absence(actor=world.alice, person=world.alice, away=Away(first, first + timedelta(days=2)), at=at)
    found = shapes_of([world.data_platform], at)[world.data_platform.pk]
    assert (found.people, found.primaries, found.backed, found.islands) == (2, 4, 1, 0)
    assert found.uncovered_days == 3


def test_what_if_moves_one_person_and_saves_nothing(
    client: Client, world: World, held: list[Asset], frank: Person
) -> None:
    client.force_login(world.alice)
    page = client.get("/teams/data-platform/shape?person=frank&to=analytics").content.decode()
    assert "Analytics, then" in page
    assert "nothing is saved" in page
    told = api(world.alice).get("/api/v1/teams/data-platform/shape?person=frank&to=analytics").json()["teams"]
    assert [(row["team"], row["now"]["people"], row["then"]["people"]) for row in told] == [
        ("data-platform", 2, 1), ("analytics", 1, 2),
    ]  # fmt: skip
    assert [(row["now"]["primaries"], row["then"]["primaries"]) for row in told] == [(4, 3), (0, 1)]
    assert [row["then"]["islands"] for row in told] == [1, 2]
    plain = api(world.alice).get("/api/v1/teams/data-platform/shape").json()["teams"]
    assert (plain[0]["now"]["people"], plain[0]["then"]) == (2, None)


def test_a_wrong_question_and_a_stranger_are_refused(client: Client, world: World, frank: Person) -> None:
    assert api(world.alice).get("/api/v1/teams/data-platform/shape?person=bob&to=analytics").status_code == 400
    assert api(world.dave).get("/api/v1/teams/data-platform/shape").status_code == 403
    client.force_login(world.dave)
    assert client.get("/teams/data-platform/shape").status_code == 403
    client.force_login(world.alice)
    assert "Select a valid choice" in client.get("/teams/data-platform/shape?person=bob&to=analytics").content.decode()


def test_a_load_is_judged_against_the_discipline(world: World, held: list[Asset], clock: MovableClock) -> None:
    found = loads_at(clock.now())[world.alice.pk]
    assert (found.points, found.reason) == (4 + 4 + 2 + 1, "")
    assert owned_points([world.alice.pk], clock.now(), clock.now(), world.alice) == {world.alice.pk: 11}


def test_what_rests_on_somebody_in_other_rooms_is_said_and_nothing_private(
    client: Client, world: World, held: list[Asset], clock: MovableClock
) -> None:
    legal = ExemptKind.objects.filter(is_private=True).first()
    for title, exemption in (("How many orders?", None), ("Who is on the list?", legal)):
        asked = Filing("question", title, world.data_platform, exemption=exemption, people=[world.alice])
        made = file_request(actor=world.bob, filing=asked, at=clock.now())
        DataRequest.objects.filter(pk=made.pk).update(assignee=world.alice)
    assert DataRequest.objects.filter(is_private=True, assignee=world.alice).count() == 1
    said = "1 requests in hand go back to the desk, without anybody."
    told = api(world.alice).get("/api/v1/people/alice/bus-test").json()
    assert told["beside"] == [{"what": "Requests in hand", "says": [said]}]
    client.force_login(world.alice)
    assert said in client.get("/people/alice/ownership/without").content.decode()
    lines = b"".join(client.get("/people/alice/ownership/without.csv").streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert [line for line in lines if line.startswith("Requests")] == [f'Requests in hand,,,,,,,"{said}"']
