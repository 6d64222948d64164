"""The page of a special period (spec oncall 3)."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from oncall.domain.instants import wall_instant
from oncall.models import DraftPick, SpecialPeriod
from oncall.services.rotas import NewRota, RulesDraft, Seat, create_rota
from oncall.services.seasons import PeriodDraft, open_special_period
from tests.unit.oncall.test_rotations import utc
from tests.world import make_person

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.world import World

pytestmark = pytest.mark.django_db
AT = utc("2027-10-01 09:00")


@pytest.fixture
def people(world: World, monkeypatch: pytest.MonkeyPatch) -> list[Person]:
    """Three members with a period of three days at the end of the year."""
    monkeypatch.setattr("portal.core.clock.now", lambda: AT)
    members = [world.alice, *(make_person(handle, team=world.data_platform) for handle in ("ann", "ben"))]
    rotation = {"kind": "weekly", "start": "2027-10-04", "handoffs": [{"dow": "mon", "time": "09:00"}]}
    rules = RulesDraft([{"role": "primary"}], rotation, [Seat(person) for person in members])
    new = NewRota(world.data_platform, "data", "Data")
    rota = create_rota(actor=world.alice, rota=new, rules=rules, at=AT)
    start, end = (wall_instant(date(2027, 12, day), time(9), "UTC") for day in (24, 27))
    daily = {"kind": "daily", "start": "2027-12-24", "time": "09:00"}
    open_special_period(actor=world.alice, rota=rota, period=PeriodDraft("Holidays", "hol", start, end, daily), at=AT)
    return members


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_wishes_are_kept_and_the_draft_decides(people: list[Person]) -> None:
    ann = browser(people[1])
    wishes = {"block_0": "1", "block_1": "gladly", "block_2": ""}
    assert ann.post("/oncall/holidays/hol", wishes).status_code == 303
    assert browser(people[0]).post("/oncall/holidays/hol/close").status_code == 303
    assert SpecialPeriod.objects.get().draft_state == "closed"
    assert list(DraftPick.objects.order_by("block_start").values_list("kind", "round")) == [
        ("protect", 1), ("volunteer", None)
    ]  # fmt: skip
    html = ann.get("/oncall/holidays/hol").content.decode()
    assert "serves gladly" in html
    assert "free by round 1" in html


def test_a_closed_draft_takes_no_wish(people: list[Person]) -> None:
    browser(people[0]).post("/oncall/holidays/hol/close")
    answer = browser(people[1]).post("/oncall/holidays/hol", {"block_0": "1"})
    assert (answer.status_code, DraftPick.objects.count()) == (422, 0)


def test_only_the_lead_closes_the_draft(people: list[Person]) -> None:
    assert browser(people[1]).post("/oncall/holidays/hol/close").status_code == 403
    assert SpecialPeriod.objects.get().draft_state == "volunteers"
