"""What merging or splitting a rota would mean: shown to its lead, and nothing changes (spec oncall 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from oncall.models import EffectiveShift, PlannedShift, Rota, RotaVersion
from oncall.services.rotas import NewRota, RulesDraft, Seat, create_rota
from portal.core.models import AuditEntry
from tests.unit.oncall.test_rotations import utc
from tests.world import make_person

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
NOW = utc("2027-01-11 08:00")  # a Monday, 09:00 in Madrid
ROTATION = {"kind": "weekly", "start": "2027-01-11", "handoffs": [{"dow": "mon", "time": "09:00"}]}
DAYS = {"mode": "windows", "windows": [{"dow": dow, "from": "09:00", "to": "18:00"} for dow in ("mon", "tue")]}
PAGE, API = "/oncall/rotas/data/what-if", "/api/v1/rotas/data/what-if/"


@pytest.fixture
def people(world: World, clock: MovableClock) -> list[Person]:
    clock.set(NOW)
    zone = "Europe/Madrid"
    return [make_person(name, team=world.data_platform, zone=zone) for name in ("ann", "ben", "cleo", "dan")]


@pytest.fixture
def rotas(world: World, people: list[Person]) -> list[Rota]:
    """Data of Ann and Ben, on Mondays and Tuesdays by day; Growth of Cleo and Dan, always."""
    return [
        create_rota(
            actor=world.alice, rota=NewRota(world.data_platform, slug, slug.capitalize(), zone="Europe/Madrid"),
            rules=RulesDraft([{"role": "primary"}], ROTATION, [Seat(each) for each in seats], coverage), at=NOW,
        )
        for slug, seats, coverage in (("data", people[:2], DAYS), ("growth", people[2:], {"mode": "always"}))
    ]  # fmt: skip


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def kept() -> tuple[int, ...]:
    return tuple(each.objects.count() for each in (PlannedShift, EffectiveShift, RotaVersion, AuditEntry))


def test_merging_says_what_each_would_have_and_what_nobody_would_cover(world: World, rotas: list[Rota]) -> None:
    lead, before = signed_in(world.alice), kept()
    found = lead.get(API, {"merge": "growth"}).json()
    now = {each["person"]: each["nights"] for each in found["now"]["people"]}
    assert (now["ann"], now["ben"], sorted((now["cleo"], now["dan"]))) == (0, 0, [42, 49])
    then = {each["person"]: each["nights"] for each in found["then"]["people"]}
    assert then == {"ann": 0, "ben": 0, "cleo": 0, "dan": 0}
    # 13 weeks, less the 18 hours of each that Data covers, and the first hour of a 14th Monday: it is summer then.
    assert found["uncovered_hours"] == 13 * (168 - 18) - 1
    assert found["then"]["milli_points"] < found["now"]["milli_points"]
    page = lead.get(PAGE, {"merge": "growth"}).content.decode()
    for words in ("As it is, and as it would be", "Nights, then", "Covered now and not then"):
        assert words in page
    assert kept() == before
    del rotas


def test_a_split_says_who_would_be_alone(world: World, rotas: list[Rota]) -> None:
    lead = signed_in(world.alice)
    found = lead.get("/api/v1/rotas/growth/what-if/", {"split": "dan"}).json()
    assert (found["now"]["islands"], found["then"]["islands"]) == ([], ["Growth", "Growth, the other half"])
    assert [each["nights"] for each in found["then"]["people"]] == [91, 91]
    page = lead.get("/oncall/rotas/growth/what-if", {"split": "dan"}).content.decode()
    assert "none now, Growth, Growth, the other half then" in page
    del rotas


def test_without_a_question_it_stands_as_it_is(world: World, rotas: list[Rota]) -> None:
    lead = signed_in(world.alice)
    found = lead.get(API).json()
    assert (found["then"], [each["name"] for each in found["now"]["people"]]) == (None, ["Ann Example", "Ben Example"])
    assert "As it is<" in lead.get(PAGE).content.decode()
    assert f'href="{PAGE}"' in lead.get("/oncall/rotas/data").content.decode()
    del rotas


def test_what_cannot_be_asked_is_refused_at_its_field(world: World, rotas: list[Rota]) -> None:
    lead = signed_in(world.alice)
    for query, field in (
        ({"merge": "data"}, "merge"), ({"split": "ann,ben"}, "split"), ({"split": "zoe"}, "split"),
        ({"merge": "growth", "split": "ann"}, "split"),
    ):  # fmt: skip
        answer = lead.get(API, query)
        assert (answer.status_code, answer.json()["code"]) == (422, "oncall.bad_what_if")
        assert field in str(answer.json())
    assert lead.get(API, {"merge": "nowhere"}).json()["code"] == "oncall.unknown_rota"
    assert "somebody on each side" in lead.get(PAGE, {"split": ["ann", "ben"]}).content.decode()
    del rotas


def test_only_who_manages_the_rota_asks(people: list[Person], rotas: list[Rota]) -> None:
    member = signed_in(people[0])
    assert (member.get(PAGE).status_code, member.get(API).status_code) == (403, 403)
    assert PAGE not in member.get("/oncall/rotas/data").content.decode()
    del rotas


def test_a_question_about_two_rotas_stays_within_its_queries(world: World, rotas: list[Rota]) -> None:
    lead = signed_in(world.alice)
    for url, most in ((PAGE, 13), (API, 12)):
        lead.get(url)
        with CaptureQueriesContext(connection) as run:
            lead.get(url, {"merge": "growth"})
        assert len(run) <= most, "\n".join(row["sql"][:120] for row in run.captured_queries)
    del rotas
