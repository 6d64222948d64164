"""Each night rows and rules are compared; what differs is told and never mended (spec oncall 2, 11)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from oncall.handlers.rotas import run_verify
from oncall.models import PlannedShift, Rota
from oncall.queries.verifying import differences
from oncall.services.planning import plan_rota
from oncall.services.rotas import NewRota, RulesDraft, Seat, create_rota
from oncall.services.seasons import PeriodDraft, open_special_period
from oncall.services.serving import materialise_rota
from oncall.services.ties import set_rota_ties
from portal.accounts.models import Absence
from portal.engine.models import Job, Notice
from portal.engine.registries import periodic_entries
from tests.contract.doors import questions_of
from tests.unit.oncall.test_rotations import utc
from tests.world import make_person

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
MADE, NOW = utc("2027-10-01 12:00"), utc("2027-10-20 12:00")
ROTATION = {"kind": "weekly", "start": "2027-10-04", "handoffs": [{"dow": "mon", "time": "09:00"}]}
ZONE = "Europe/Madrid"
PAGE_BUDGET, API_BUDGET = 15, 10


class Silent:
    """Nobody watches the Job."""

    def tell(self, **counts: int) -> None:
        del counts


@pytest.fixture
def people(world: World, clock: MovableClock) -> list[Person]:
    clock.set(NOW)
    return [make_person(handle, team=world.data_platform) for handle in ("ann", "ben", "cleo")]


@pytest.fixture
def rota(world: World, people: list[Person]) -> Rota:
    seats = [Seat(person) for person in people]
    fairness = {"tolerance_percent": 5}
    rules = RulesDraft([{"role": "primary"}, {"role": "secondary"}], ROTATION, seats, fairness=fairness)
    made = create_rota(actor=world.alice, rota=NewRota(world.data_platform, "data", "Data", zone=ZONE), rules=rules,
                       at=MADE)  # fmt: skip
    materialise_rota(rota=made, until=NOW)
    made.refresh_from_db()
    return made


def told(kind: str, handle: str) -> list[str]:
    rows = Notice.objects.filter(kind=kind, recipient__handle=handle).order_by("created_at")
    return [row.context["line"] for row in rows]


def test_a_plan_with_a_period_and_a_longer_horizon_agrees_with_its_rules(rota: Rota, world: World) -> None:
    daily = {"kind": "daily", "start": "2027-12-24", "time": "09:00"}
    period = PeriodDraft("Freeze", "freeze", utc("2027-12-22 08:00"), utc("2027-12-24 08:00"), daily, rounds=0)
    open_special_period(actor=world.alice, rota=rota, period=period, at=NOW)
    plan_rota(actor=None, rota=rota, at=NOW + timedelta(days=9))
    assert differences(rota, NOW) == []


def test_a_turn_that_is_missing_and_one_too_many_are_told_once_a_day_and_left_alone(rota: Rota, world: World) -> None:
    week = PlannedShift.objects.filter(rota=rota, role="secondary").order_by("during")[6]
    PlannedShift.objects.filter(pk=week.pk).delete()
    count = PlannedShift.objects.count()
    assert run_verify({}, Silent()) == {"differences": 1, "gaps": 0}
    run_verify({}, Silent())
    assert told("oncall.plan_differs", world.alice.handle) == [
        "Secondary from Mon 8 Nov 09:00 to Mon 15 Nov 09:00: the rules ask for somebody and nothing is planned."
    ]
    assert PlannedShift.objects.count() == count


def test_served_time_without_a_row_is_told(rota: Rota) -> None:
    Rota.objects.filter(pk=rota.pk).update(served_until=NOW + timedelta(hours=5))
    rota.refresh_from_db()
    later = NOW + timedelta(hours=6)
    assert differences(rota, later) == [
        f"{role} from today 14:00 to today 19:00: nothing says who served." for role in ("Primary", "Secondary")
    ]


def test_who_is_no_member_on_the_day_is_told(rota: Rota, world: World) -> None:
    week = PlannedShift.objects.filter(rota=rota, role="primary").order_by("during")[6]
    PlannedShift.objects.filter(pk=week.pk).update(person=world.dave)
    assert differences(rota, NOW) == [
        f"{world.dave.name} is planned from Mon 8 Nov 09:00 to Mon 15 Nov 09:00 and no member then."
    ]


def test_one_holder_of_two_rotas_that_exclude_each_other_is_told(
    rota: Rota, world: World, people: list[Person]
) -> None:
    rules = RulesDraft([{"role": "primary", "planner": "turns"}], ROTATION, [Seat(person) for person in people])
    new = NewRota(world.data_platform, "desk", "Desk", zone=ZONE)
    desk = create_rota(actor=world.alice, rota=new, rules=rules, at=NOW)
    set_rota_ties(actor=world.alice, rota=rota, borrowed_from=None, exclusive_with=[desk], at=NOW)
    soon = (NOW, NOW + timedelta(days=14))
    desk_rows = PlannedShift.objects.filter(rota=desk, during__overlap=soon)
    own = PlannedShift.objects.filter(rota=rota, role="primary", during__overlap=soon).order_by("during")
    both = [row for row in own if desk_rows.filter(person=row.person_id, during__overlap=row.during).exists()]
    said = differences(rota, NOW)
    assert both
    assert [line.split(" is primary from ")[0] for line in said] == [row.person.name for row in both if row.person]
    assert all(line.endswith(", and of Desk as well.") for line in said)


def test_a_gap_ahead_is_told_to_the_lead_once_however_often_it_is_found(
    rota: Rota, world: World, people: list[Person]
) -> None:
    day = (utc("2027-10-27 00:00"), utc("2027-10-28 00:00"))
    for person in people:
        Absence.objects.create(person=person, during=day, entered_by=person)
    assert [run_verify({}, Silent())["gaps"] for _ in range(2)] == [2, 2]
    assert sorted(told("oncall.gap", world.alice.handle)) == [
        "Nobody is primary, Wed 27 Oct 02:00 to Thu 28 Oct 02:00.",
        "Nobody is secondary, Wed 27 Oct 02:00 to Thu 28 Oct 02:00.",
    ]
    del rota


def test_it_runs_each_night_by_itself() -> None:
    entry = periodic_entries.get("oncall.verify")
    assert entry is not None
    assert (entry.job_kind, entry.cron) == ("oncall.verify", "40 3 * * *")
    assert not Job.objects.filter(kind="oncall.verify").exists()


def test_many_gaps_cost_the_page_and_the_api_no_more_than_one(rota: Rota, people: list[Person]) -> None:
    client = Client()
    client.force_login(people[0])

    def costs() -> list[int]:
        found = []
        for url in ("/oncall/rotas/data", "/api/v1/rotas/data/gaps?to=2028-01-10T00:00:00Z"):
            client.get(url)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(url).status_code == 200
            found.append(questions_of(asked) - 1)  # one asks who is signed in
        return found

    for first in (21,):
        away(people, first)
    one = costs()
    for first in (22, 23, 24, 26, 27, 28, 29, 30):
        away(people, first)
    gaps = json.loads(client.get("/api/v1/rotas/data/gaps?to=2028-01-10T00:00:00Z").content)
    many = costs()
    assert (len(gaps) > 10, [cost for cost, before in zip(many, one, strict=True) if cost > before]) == (True, [])
    assert (many[0] <= PAGE_BUDGET, many[1] <= API_BUDGET) == (True, True)
    del rota


def away(people: list[Person], day: int) -> None:
    for person in people:
        during: Any = (utc(f"2027-10-{day} 06:00"), utc(f"2027-10-{day} 16:00"))
        Absence.objects.create(person=person, during=during, entered_by=person)


def test_the_api_says_the_bound_the_quarters_and_what_would_make_the_target_possible(
    rota: Rota, people: list[Person]
) -> None:
    client = Client()
    client.force_login(people[0])
    page = client.get("/oncall/rotas/data/target").content.decode()
    found = client.get("/api/v1/rotas/data/target").json()
    assert (found["blocks"], found["members"], found["bound"]) == (14, 3, 0.0714)
    assert "14 equal blocks for 3 people cannot be nearer than 7.1 %." in page
    assert found["verdict"] in page
    assert (found["is_met"], found["tolerance_percent"]) == (False, 5)
    assert [way["words"] for way in found["ways"]] == ["Mon-Thu/Fri-Sun blocks", "a year instead of a quarter"]
    assert [way["meets"] for way in found["ways"]] == [False, True]
    assert all(way["words"] in page for way in found["ways"])
    fair = client.get("/api/v1/rotas/data/fairness").json()
    assert {key: fair[key] for key in ("bound", "quarters")} == {key: found[key] for key in ("bound", "quarters")}
    del rota
