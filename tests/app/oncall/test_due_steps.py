"""What the engine does about rotas by itself: handoffs, covers, days off that are owed (spec oncall 5, 11)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from oncall.models import CompDay, CoverRequest, EffectiveShift, Rota
from oncall.services.covers import open_cover_request
from oncall.services.laying import Stretch
from oncall.services.planning import plan_rota
from oncall.services.rotas import NewRota, RulesDraft, Seat, create_rota
from oncall.services.serving import materialise_rota, post_ledger
from portal.core.services.calendars import create_calendar, publish_calendar_version
from portal.engine.models import Deadline, Notice
from tests.app.oncall.house import WEEK, run_until
from tests.unit.oncall.test_rotations import utc
from tests.world import make_person

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
MADE = utc("2027-10-04 09:00")
ROTATION = {"kind": "weekly", "start": "2027-10-04", "handoffs": [{"dow": "mon", "time": "09:00"}]}


@pytest.fixture
def people(world: World, clock: MovableClock) -> list[Person]:
    clock.set(MADE)
    return [make_person(handle, team=world.data_platform) for handle in ("ann", "ben", "cleo")]


@pytest.fixture
def rota(world: World, people: list[Person]) -> Rota:
    seats = [Seat(person) for person in people]
    rules = RulesDraft([{"role": "primary", "planner": "turns"}], ROTATION, seats)
    return create_rota(actor=world.alice, rota=NewRota(world.data_platform, "data", "Data"), rules=rules, at=MADE)


def lines(handle: str) -> list[str]:
    return [row.context["line"] for row in Notice.objects.filter(recipient__handle=handle).order_by("created_at")]


def test_each_handoff_writes_who_served_and_arms_the_next(rota: Rota, clock: MovableClock) -> None:
    run_until(clock, utc("2027-10-18 09:05"))
    rows = EffectiveShift.objects.filter(rota=rota).order_by("during").values_list("person__handle", "during")
    assert [(handle, span.lower) for handle, span in rows] == [
        ("ann", utc("2027-10-04 09:00")), ("ben", utc("2027-10-11 09:00"))
    ]  # fmt: skip
    armed = Deadline.objects.get(kind="oncall.handoff", state="armed")
    assert (armed.due_at, Deadline.objects.filter(failures__gt=0).count()) == (utc("2027-10-25 09:00"), 0)


def test_who_is_next_hears_a_day_and_an_hour_before(rota: Rota, clock: MovableClock) -> None:
    del rota
    run_until(clock, utc("2027-10-18 09:05"))
    assert [line.split(":")[0] for line in lines("cleo")] == ["In 24 h", "In 1 h"]


def test_a_cover_request_goes_to_all_after_twelve_hours_and_tells_the_lead_at_last(
    rota: Rota, world: World, people: list[Person], clock: MovableClock
) -> None:
    week = Stretch("primary", utc("2027-10-11 09:00"), utc("2027-10-18 09:00"))
    cover = open_cover_request(actor=people[1], rota=rota, stretch=week, from_person=people[1], at=MADE)
    run_until(clock, MADE + timedelta(hours=13))
    cover.refresh_from_db()
    assert cover.ask == "all"
    run_until(clock, utc("2027-10-11 08:00"))
    assert [line for line in lines(world.alice.handle) if "the cascade stands" in line] == [
        "Nobody has taken primary, tomorrow 09:00 to Mon 18 Oct 09:00; the cascade stands."
    ]
    run_until(clock, utc("2027-10-18 09:05"))
    assert CoverRequest.objects.get().state == "expired"


def test_a_day_off_is_reminded_of_thirty_and_seven_days_before_it_is_due(
    rota: Rota, people: list[Person], clock: MovableClock
) -> None:
    calendar = create_calendar(actor=None, name="Ann's", at=MADE)
    holiday = {"2027-10-05": {"intervals": [], "name": "Founders' day", "is_public_holiday": True}}
    publish_calendar_version(actor=None, calendar=calendar, weekly=WEEK, exceptions=holiday, zone="UTC", at=MADE)
    people[0].calendar = calendar
    people[0].save(update_fields=["calendar"])
    materialise_rota(rota=rota, until=utc("2027-10-11 09:00"))
    post_ledger(rota=rota, at=utc("2027-10-12 03:00"))
    assert CompDay.objects.get().due_by.isoformat() == "2028-01-03"
    clock.set(utc("2027-12-01 09:00"))
    run_until(clock, utc("2028-01-03 09:00"))
    reminders = [line for line in lines("ann") if line.startswith("Your day off")]
    assert reminders == ["Your day off for Tue 5 Oct is to be taken by Mon 3 Jan 2028."] * 2


def test_each_night_the_plan_grows_by_whole_blocks_alone(rota: Rota) -> None:
    """The turn that the horizon falls into is planned to its end: no night cuts it and gives its days to others."""
    for night in range(1, 9):
        plan_rota(actor=None, rota=rota, at=MADE + timedelta(days=night))
    rows = rota.planned_shifts.order_by("during").values_list("during", flat=True)
    lengths = {row.upper - row.lower for row in rows if row.upper is not None and row.lower is not None}
    assert lengths == {timedelta(weeks=1)}
