"""The page of a special period (spec oncall 3)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, time
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from oncall.domain.instants import wall_instant
from oncall.models import DraftPick, MajorHoliday, PlannedShift, Rota, SpecialPeriod
from oncall.services.consents import answer_edit, ask_special_period
from oncall.services.rotas import Applying, NewRota, RulesDraft, Seat, create_rota
from oncall.services.seasons import PeriodDraft, cancel_special_period, open_special_period, pick_draft
from portal.core.errors import Conflict, DomainError
from portal.engine.models import Deadline, Notice
from tests.app.oncall.house import run_until
from tests.unit.oncall.test_rotations import utc
from tests.world import make_person

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
AT = utc("2027-10-01 09:00")
WEEKLY = {"kind": "weekly", "start": "2027-10-04", "handoffs": [{"dow": "mon", "time": "09:00"}]}
DAILY = {"kind": "daily", "start": "2027-12-24", "time": "09:00"}


@pytest.fixture
def people(world: World, clock: MovableClock) -> list[Person]:
    """Three members with a period of three days at the end of the year."""
    clock.set(AT)
    members = [world.alice, *(make_person(handle, team=world.data_platform) for handle in ("ann", "ben"))]
    rules = RulesDraft([{"role": "primary"}], WEEKLY, [Seat(person) for person in members])
    new = NewRota(world.data_platform, "data", "Data")
    rota = create_rota(actor=world.alice, rota=new, rules=rules, at=AT)
    start, end = (wall_instant(date(2027, 12, day), time(9), "UTC") for day in (24, 27))
    open_special_period(actor=world.alice, rota=rota, period=PeriodDraft("Holidays", "hol", start, end, DAILY), at=AT)
    return members


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def told(handle: str) -> list[str]:
    rows = Notice.objects.filter(recipient__handle=handle, kind="oncall.asked").order_by("created_at")
    return [row.context["line"] for row in rows]


def held(first: str, last: str) -> list[tuple[str, str, str]]:
    """What is planned from one instant to another: role, holder, beginning."""
    rows = PlannedShift.objects.filter(during__startswith__gte=utc(first), during__startswith__lt=utc(last))
    return [
        (row.role, row.person.handle if row.person else "nobody", f"{row.during.lower:%d %H:%M}")
        for row in rows.select_related("person").order_by("during", "role", "slot")
    ]


def test_an_open_period_is_planned_at_once_and_the_days_around_it_stay(people: list[Person]) -> None:
    """A turn a day from Friday 24 to Monday 27 December; the turn of the week before ends where it begins."""
    del people
    starts = [start for _, _, start in held("2027-12-20 00:00", "2028-01-03 09:01")]
    assert starts == ["20 09:00", "24 09:00", "25 09:00", "26 09:00", "27 09:00", "03 09:00"]
    cut = PlannedShift.objects.get(during__startswith=utc("2027-12-20 09:00"))
    assert cut.during.upper == utc("2027-12-24 09:00")


def test_a_period_that_ends_within_a_turn_leaves_the_rest_of_it_to_somebody(people: list[Person]) -> None:
    start, end = utc("2027-11-10 09:00"), utc("2027-11-12 09:00")
    freeze = PeriodDraft("Freeze", "freeze", start, end, DAILY, rounds=0)
    made = open_special_period(actor=people[0], rota=Rota.objects.get(), period=freeze, at=AT)
    assert [start for _, _, start in held("2027-11-08 00:00", "2027-11-15 09:01")] == [
        "08 09:00", "10 09:00", "11 09:00", "12 09:00", "15 09:00"
    ]  # fmt: skip
    assert (made.draft_state, made.draft_at) == ("closed", None)


def test_more_people_serve_in_it_and_nobody_twice(people: list[Person]) -> None:
    peak = PeriodDraft("Peak", "peak", utc("2027-11-10 09:00"), utc("2027-11-12 09:00"), DAILY, 0, {"primary": 2})
    open_special_period(actor=people[0], rota=Rota.objects.get(), period=peak, at=AT)
    rows = held("2027-11-08 00:00", "2027-11-15 09:01")
    by_start = {start: sorted(who for _, who, at in rows if at == start) for _, _, start in rows}
    assert [len(set(by_start[start])) for start in by_start] == [1, 2, 2, 1, 1]
    assert [len(by_start[start]) for start in by_start] == [1, 2, 2, 1, 1]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"slots": {"primary": 4}}, "slots"),
        ({"slots": {"secondary": 1}}, "slots"),
        ({"start": utc("2027-09-20 09:00"), "end": utc("2027-10-02 09:00")}, "start"),
        ({"end": utc("2028-03-01 09:00")}, "end"),
        ({"rounds": 2, "start": utc("2027-10-12 09:00"), "end": utc("2027-10-14 09:00")}, "rounds"),
        ({"start": utc("2027-12-25 09:00"), "end": utc("2027-12-26 09:00")}, "start"),
        ({"slug": "hol"}, "slug"),
        ({"rotation": {"kind": "daily"}}, "rotation.start"),
    ],
)
def test_a_wrong_period_is_refused_with_its_field_and_nothing_moves(
    people: list[Person], change: dict[str, Any], field: str
) -> None:
    before = list(PlannedShift.objects.order_by("pk").values_list())
    good = PeriodDraft("Freeze", "freeze", utc("2027-11-10 09:00"), utc("2027-11-12 09:00"), DAILY, rounds=0)
    with pytest.raises(DomainError) as refused:
        open_special_period(actor=people[0], rota=Rota.objects.get(), period=replace(good, **change), at=AT)
    assert (refused.value.field, SpecialPeriod.objects.count()) == (field, 1)
    assert list(PlannedShift.objects.order_by("pk").values_list()) == before


def test_the_draft_goes_on_by_itself_and_the_wishes_decide_who_serves(
    people: list[Person], clock: MovableClock
) -> None:
    """Six weeks before members are asked, four weeks before for wishes, three weeks before the rounds are run."""
    period = SpecialPeriod.objects.get()
    christmas = wall_instant(date(2027, 12, 25), time(9), "UTC")
    run_until(clock, utc("2027-11-12 10:00"))
    assert told("ann") == ["Holidays: say which days you serve gladly."]
    run_until(clock, utc("2027-11-26 10:00"))
    assert told("ann")[-1] == "Holidays: rank the days you want to be free of, until Fri 3 Dec 09:00."
    holder = PlannedShift.objects.get(during__startswith=christmas).person
    assert holder is not None
    pick_draft(actor=holder, period=period, volunteers=[], wishes=[christmas], at=utc("2027-11-27 09:00"))
    run_until(clock, utc("2027-12-03 10:00"))
    period.refresh_from_db()
    assert (period.draft_state, DraftPick.objects.get().round) == ("closed", 1)
    assert PlannedShift.objects.get(during__startswith=christmas).person != holder
    assert not Deadline.objects.filter(kind="oncall.period_step", state="armed").exists()
    assert not Deadline.objects.filter(failures__gt=0).exists()


def test_soon_it_asks_whoever_is_moved_or_the_lead_says_why(people: list[Person], world: World) -> None:
    soon = PeriodDraft("Freeze", "freeze", utc("2027-10-06 09:00"), utc("2027-10-08 09:00"), DAILY, rounds=0)
    rota = Rota.objects.get()
    before = held("2027-10-04 00:00", "2027-10-18 00:00")
    with pytest.raises(Conflict) as refused:
        open_special_period(actor=people[0], rota=rota, period=soon, at=AT)
    assert refused.value.code == "oncall.consent_missing"
    edit = ask_special_period(actor=people[0], rota=rota, period=soon, reason="The freeze", at=AT)
    assert (held("2027-10-04 00:00", "2027-10-18 00:00"), SpecialPeriod.objects.count()) == (before, 1)
    for row in edit.consents.select_related("person"):
        answer_edit(actor=row.person, edit=edit, is_yes=True, diff_sha256=row.diff_sha256, at=AT)
    edit.refresh_from_db()
    assert (edit.state, SpecialPeriod.objects.filter(slug="freeze").exists()) == ("applied", True)
    assert [start for _, _, start in held("2027-10-04 00:00", "2027-10-11 09:01")][1:] == [
        "06 09:00", "07 09:00", "08 09:00", "11 09:00"
    ]  # fmt: skip
    del world


def test_a_period_taken_back_leaves_the_usual_turns(people: list[Person]) -> None:
    cancel_special_period(actor=people[0], period=SpecialPeriod.objects.get(), applying=Applying(), at=AT)
    starts = [start for _, _, start in held("2027-12-20 00:00", "2028-01-03 09:01")]
    assert (starts, SpecialPeriod.objects.count()) == (["20 09:00", "24 09:00", "27 09:00", "03 09:00"], 0)


def test_by_page_the_lead_sees_who_moves_then_opens_it_and_takes_it_back(people: list[Person]) -> None:
    lead = browser(people[0])
    typed = {"name": "Freeze", "slug": "freeze", "start": "2027-11-10T09:00", "end": "2027-11-12T09:00", "every": "1",
             "rounds": "0", "primary": "2"}  # fmt: skip
    assert browser(people[1]).get("/oncall/rotas/data/periods/new").status_code == 403
    shown = lead.post("/oncall/rotas/data/periods/new", typed)
    assert (shown.status_code, SpecialPeriod.objects.count()) == (200, 1)
    done = lead.post("/oncall/rotas/data/periods/new", typed | {"diff_sha256": shown.context["diff"].sha256})
    assert (done.status_code, done["Location"]) == (303, "/oncall/holidays/freeze")
    html = lead.get("/oncall/holidays/freeze").content.decode()
    assert "The draft is not held." in html
    assert "2 as primary" in lead.get("/oncall/holidays/").content.decode()
    assert "freeze,Freeze,data," in lead.get("/oncall/holidays/export.csv").getvalue().decode()
    assert lead.post("/oncall/holidays/freeze/cancel", {"told_reason": "No freeze"}).status_code == 303
    assert list(SpecialPeriod.objects.values_list("slug", flat=True)) == ["hol"]


def send(person: Person, url: str, body: dict[str, Any]) -> Any:
    return browser(person).post(url, json.dumps(body), content_type="application/json")


def test_by_api_as_well(people: list[Person]) -> None:
    body = {"rota": "data", "name": "Freeze", "slug": "freeze", "start": "2027-11-10T09:00:00Z",
            "end": "2027-11-12T09:00:00Z", "rotation": DAILY, "rounds": 0, "slots": {"primary": 2}}  # fmt: skip
    diff = send(people[0], "/api/v1/special-periods/preview", body)
    assert (diff.status_code, SpecialPeriod.objects.count()) == (200, 1)
    assert send(people[1], "/api/v1/special-periods/", body).status_code == 403
    made = send(people[0], "/api/v1/special-periods/", body | {"diff_sha256": diff.json()["sha256"]})
    assert (made.status_code, made.json()["slots"]) == (201, {"primary": 2})
    wish = {"wishes": ["2027-12-25T09:00:00Z"]}
    assert send(people[1], "/api/v1/special-periods/hol/picks", wish).json()[0]["kind"] == "protect"
    assert send(people[0], "/api/v1/special-periods/hol/close", {}).json()[0]["round"] == 1
    assert send(people[0], "/api/v1/special-periods/freeze/cancel", {}).status_code == 204


def test_major_holidays_are_kept_by_page_and_api_and_removed(people: list[Person]) -> None:
    lead, team = browser(people[0]), people[0].memberships.get().team.slug
    typed = {"team": team, "name": "Easter", "first": "2028-04-14", "last": "2028-04-17", "last_held_by": "ann"}
    assert lead.post("/oncall/majors/new", typed | {"last": "2028-04-10"}).status_code == 422
    assert browser(people[1]).post("/oncall/majors/new", typed).status_code == 403
    assert lead.post("/oncall/majors/new", typed).status_code == 303
    assert "last held by Ann Example" in lead.get("/oncall/majors/").content.decode()
    body = typed | {"name": "Midsummer", "first": "2028-06-23", "last": "2028-06-24", "last_held_by": ""}
    made = send(people[0], "/api/v1/major-holidays/", body)
    assert (made.status_code, made.json()["past"]) == (201, "2028-06-25")
    assert send(people[1], f"/api/v1/major-holidays/{made.json()['id']}/remove", {}).status_code == 403
    assert send(people[0], f"/api/v1/major-holidays/{made.json()['id']}/remove", {}).status_code == 204
    assert lead.post(f"/oncall/majors/{MajorHoliday.objects.get().pk}").status_code == 303
    assert MajorHoliday.objects.count() == 0


def test_ties_to_other_rotas_are_set_by_page_and_api_and_checked(people: list[Person], world: World) -> None:
    rota = Rota.objects.get()
    rules = RulesDraft([{"role": "primary", "planner": "turns"}], WEEKLY, [Seat(people[1])])
    other = create_rota(actor=world.alice, rota=NewRota(rota.team, "other", "Other"), rules=rules, at=AT)
    lead = browser(people[0])
    refused = lead.post("/oncall/rotas/data/ties", {"borrowed_from": "data"})
    assert (refused.status_code, Rota.objects.get(slug="data").borrowed_from) == (422, None)
    assert lead.post("/oncall/rotas/data/ties", {"borrowed_from": "nowhere"}).status_code == 422
    sent = {"borrowed_from": "other", "exclusive_with": "other"}
    assert lead.post("/oncall/rotas/data/ties", sent).status_code == 303
    assert list(other.exclusive_with.all()) == [rota]
    shown = send(people[0], "/api/v1/rotas/data/ties", {"exclusive_with": ["other"]})
    assert (shown.json()["borrowed_from"], shown.json()["exclusive_with"]) == (None, ["other"])
    assert send(people[1], "/api/v1/rotas/data/ties", {}).status_code == 403


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
    assert SpecialPeriod.objects.get().draft_state == "none"
