"""What rests on too few is stored with its age, and told to whom it concerns."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.test import APIClient

from ownership.models import Asset, Crossing, Domain, DomainPattern, Ownership, Pattern, Risk
from ownership.services.evidence import Act, record_evidence
from ownership.services.refreshing import refresh_all
from ownership.services.risks import Refreshed, refresh_asset_risks, refresh_risks
from portal.accounts.services.absences import Away, enter_absence
from portal.accounts.services.teams import update_team
from tests.world import BEFORE, make_person, make_team

if TYPE_CHECKING:
    from datetime import datetime

    from django.test import Client

    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


def assets(count: int, name: str, at: datetime, kind: int = 20, **more: Any) -> list[Asset]:
    return Asset.objects.bulk_create(
        Asset(kind=kind, slug=f"{name}-{n}", name=f"{name}-{n}", created_at=at, updated_at=at, attrs={}, **more)
        for n in range(count)
    )


def own(things: list[Asset], person: Person, at: datetime, rank: int = 1) -> None:
    Ownership.objects.bulk_create(
        Ownership(
            asset=thing, person=person, duty=1, rank=rank, state="accepted", valid=(at, None), origin="portal",
            recorded_at=at,
        )
        for thing in things
    )  # fmt: skip


def did(person: Person, thing: Asset, at: datetime, *days: int) -> None:
    for day in days:
        act = Act("commit", f"{person.handle}{thing.slug}{day}", at - timedelta(days=day))
        record_evidence(actor=None, person=person, assets=[thing], act=act)


@pytest.fixture
def frank(world: World) -> Person:
    return make_person("frank", team=world.data_platform, discipline="DE")


@pytest.fixture
def held(world: World, frank: Person, clock: MovableClock) -> list[Asset]:
    """Alice alone works on the first; Frank is backup of the second on paper; nobody has worked on the third."""
    at = clock.now()
    found = assets(3, "t", at - timedelta(days=40), tier=2)
    own(found, world.alice, at - timedelta(days=40))
    own(found[1:], frank, at - timedelta(days=40), rank=2)
    did(world.alice, found[0], at, 5, 9)
    did(world.alice, found[1], at, 5)
    return found


def api(person: Person) -> APIClient:
    client = APIClient()
    client.force_login(person)
    return client


def told(person: Person, query: str = "") -> list[tuple[str, str | None]]:
    return [(row["kind"], row["asset"]) for row in api(person).get(f"/api/v1/risks/{query}").json()["results"]]


def test_islands_and_backups_on_paper_keep_their_age(
    client: Client, world: World, held: list[Asset], frank: Person, clock: MovableClock
) -> None:
    first = clock.now()
    assert refresh_risks(at=first).begun == 4
    assert sorted(told(world.dave)) == [
        ("island", "t-0"), ("island", "t-1"), ("paper_backup", "t-1"), ("untested_backup", "t-2"),
    ]  # fmt: skip
    assert refresh_risks(at=first) == Refreshed()
    clock.advance(days=12)
    did(frank, held[1], clock.now(), 1)
    later = clock.now()
    assert refresh_risks(at=later).ended == 2
    assert sorted(told(world.dave)) == [("island", "t-0"), ("untested_backup", "t-2")]
    client.force_login(world.dave)
    page = client.get("/risks/?tier=2").content.decode()
    assert "Only one person has worked on it in 90 days" in page
    assert "seen for 12\N{NO-BREAK SPACE}days" in page
    assert "Alice Example" not in page
    assert Risk.objects.filter(kind="paper_backup").get().valid.upper == later


def test_what_was_touched_and_everything_give_the_same_findings(
    world: World, held: list[Asset], clock: MovableClock
) -> None:
    at = clock.now()
    refresh_asset_risks(asset_ids=[asset.pk for asset in held], at=at)
    assert refresh_risks(at=at) == Refreshed()


def test_an_absence_without_cover_is_found_sixty_days_ahead(
    world: World, held: list[Asset], clock: MovableClock
) -> None:
    first = clock.now().date() + timedelta(days=10)
    enter_absence(actor=world.alice, person=world.alice, away=Away(first, first + timedelta(days=3)), at=clock.now())
    refresh_risks(at=clock.now())
    rows = Risk.objects.filter(kind="uncovered")
    assert rows.count() == 3
    ((start, end),) = rows[0].detail["spans"]
    assert (start[:10], end[:10]) == (first.isoformat(), (first + timedelta(days=4)).isoformat())
    ranked = [asset for kind, asset in told(world.dave) if kind == "untested_backup"]
    assert ranked == ["t-2"]


def test_an_analytics_engineer_with_three_boxes_is_overloaded_and_crosses_nothing(
    client: Client, world: World, clock: MovableClock
) -> None:
    """The example of the spec: 52 points, usual are 30, over pipeline, master data and metric."""
    at = clock.now()
    team = make_team("modelling", discipline="AE")
    lead = make_person("lena", team=team, discipline="AE", role="lead")
    ana, *others = [make_person(name, team=team, discipline="AE") for name in ("ana", "ben", "cem")]
    shop = Domain.objects.create(name="Shop", slug="shop", lead_team=team)
    pattern = Pattern.objects.get(slug="analytics_engineer")
    DomainPattern.objects.create(domain=shop, pattern=pattern, valid=(BEFORE, None), recorded_at=at)
    own(assets(4, "pipe", at, kind=22, tier=1, domain=shop), ana, at)
    own(assets(10, "master", at, kind=21, tier=2, domain=shop), ana, at)
    own(assets(12, "metric", at, kind=30, tier=3, domain=shop), ana, at)
    own(assets(8, "spare", at, tier=2, domain=shop), ana, at, rank=2)
    for person in (lead, *others):
        own(assets(15, person.handle, at, tier=2, domain=shop), person, at)
    refresh_all(at=at)
    refresh_risks(at=at)
    assert Crossing.objects.count() == 0
    row = Risk.objects.get(kind="overload")
    assert (row.person, row.detail["points"], row.detail["usual"]) == (ana, 52.0, 30.0)
    client.force_login(lead)
    page = client.get("/risks/?kind=overload").content.decode()
    assert "52 points, usual are 30: one person holds three boxes (master, metric, pipeline)" in page
    assert "Split by box, or name a second person" in page
    assert told(ana, "?kind=overload") == [("overload", None)]
    assert told(others[0], "?kind=overload") == []
    assert told(world.alice, "?kind=overload") == []


def test_who_is_alone_in_an_embedded_team_is_told_to_them_and_their_lead(
    world: World, frank: Person, clock: MovableClock
) -> None:
    update_team(actor=None, team=world.checkout, changes={"model": "embedded"}, at=clock.now())
    refresh_risks(at=clock.now())
    assert told(world.carol, "?kind=person_island") == [("person_island", None)]
    assert told(world.dave, "?kind=person_island") == []


def test_the_export_has_what_the_list_has(client: Client, world: World, held: list[Asset], clock: MovableClock) -> None:
    refresh_risks(at=clock.now())
    client.force_login(world.dave)
    lines = b"".join(client.get("/risks/export.csv?kind=island").streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert [line.split(",")[:4] for line in lines] == [
        ["asset", "person", "kind", "tier"], ["t-0", "", "island", "2"], ["t-1", "", "island", "2"],
    ]  # fmt: skip
    assert client.get("/risks/?kind=gossip").status_code == 400
