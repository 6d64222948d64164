"""Hard cases of the spec that need the year in the database (oncall 12) and the refusals of the database (16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import Error, IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client

from oncall.domain.instants import wall_instant
from oncall.domain.points import day_points
from oncall.domain.signals import FIRING, Signal
from oncall.models import DutyLedgerEntry, EffectiveShift, GuardrailFire, PlannedShift, Rota, ShiftChange
from oncall.models.spans import ends
from oncall.queries.facts import holidays_of
from oncall.queries.fairness import gaps
from oncall.queries.night import decision_for
from oncall.queries.readiness import findings_of
from oncall.queries.resolving import resolve_oncall
from oncall.queries.verifying import differences
from oncall.queries.working_out import facts_between
from oncall.services.alerts import Arrival, receive_alert
from oncall.services.burden import GUARDRAIL_KIND
from oncall.services.changes import create_override, take_shift, withdraw_change
from oncall.services.guarding import decline_guardrail
from oncall.services.incidents import acknowledge_incident, resolve_incident
from oncall.services.laying import Stretch
from oncall.services.rotas import (
    Applying,
    NewRota,
    Seat,
    create_rota,
    preview_rota_version,
    publish_rota_version,
    rules_of_version,
)
from oncall.services.serving import materialise_rota, post_ledger
from oncall.services.swaps import SwapDraft, accept_swap, offer_swap
from oncall.services.verifying import verify_rota
from ownership.models import Asset
from ownership.services.assets import AssetDraft, create_asset
from ownership.services.owning import Nomination, propose_owner
from portal.accounts.models import Absence, ContactMethod
from portal.accounts.services.absences import Away, enter_absence
from portal.accounts.services.leaving import deactivate_person
from portal.core.errors import Conflict
from portal.core.services.calendars import publish_calendar_version
from portal.engine.models import Job, Notice
from portal.engine.services.firing import Selection, fire_batch
from portal.engine.services.working import run_job
from tests.app.oncall.golden import load_golden, names, person, planned, rota, utc
from tests.rolled_back import rolled_back

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.plugin import DjangoDbBlocker

    from tests.conftest import MovableClock

MADRID = "Europe/Madrid"


@pytest.fixture(scope="module", autouse=True)
def _golden(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with rolled_back(django_db_blocker):
        load_golden()
        yield


@pytest.fixture(autouse=True)
def _savepoint(_golden: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with rolled_back(django_db_blocker):
        yield


def plan_rows(**only: Any) -> list[tuple[Any, ...]]:
    """Planned rows as plain values, to compare byte by byte."""
    rows = PlannedShift.objects.filter(rota__slug="core-pipelines", **only).order_by("pk")
    return list(rows.values_list())


def test_h5_a_zone_that_drops_its_summer_time_moves_the_future_and_no_past_row() -> None:
    at, lead = utc("06-01 09:00"), person("ruth")
    materialise_rota(rota=rota(), until=at)
    served, past = list(EffectiveShift.objects.order_by("pk").values_list()), plan_rows(during__startswith__lt=at)
    Rota.objects.filter(slug="core-pipelines").update(zone="Etc/GMT-1")  # Madrid without summer time
    rules = replace(rules_of_version(rota().versions.get()), starts_at=at)
    diff = preview_rota_version(actor=lead, rota=rota(), rules=rules, at=at)
    edges = {row.start for row in diff.moved} | {row.end for row in diff.moved}
    assert utc("06-11 13:00") in edges
    assert utc("06-11 14:00") in edges
    publish_rota_version(actor=lead, rota=rota(), rules=rules, applying=Applying(diff.sha256, told_reason="law"), at=at)
    assert list(EffectiveShift.objects.order_by("pk").values_list()) == served
    assert plan_rows(during__startswith__lt=at) == past
    weeks = rota().planned_shifts.filter(version__number=2, block_kind__in=["week", "weekend"])
    later = weeks.filter(during__startswith__gte=utc("06-05 00:00")).values_list("during", flat=True)
    starts = {ends(during)[0].hour for during in later}
    assert starts == {14}


def leave(handle: str, at: datetime, clock: MovableClock) -> None:
    clock.set(at)
    deactivate_person(actor=person("wen"), person=person(handle), reason="left", at=at)
    run_job(job_id=Job.objects.get(kind="accounts.deactivate").pk)


def test_h11_h13_who_leaves_mid_shift_is_followed_at_once_and_the_order_of_the_others_stays(
    clock: MovableClock,
) -> None:
    browser = Client()
    browser.force_login(person("maeve"))
    assert browser.get("/oncall/").status_code == 200
    others = plan_rows()
    leave("maeve", utc("09-14 07:30"), clock)
    answers = [names(resolve_oncall(rota=rota(), at=utc(at))) for at in ("09-14 07:29", "09-14 07:31", "09-18 00:00")]
    assert answers == [
        {"primary": "maeve", "secondary": "ines"}, {"primary": "ines", "secondary": "kofi"},
        {"primary": "ines", "secondary": "kofi"},
    ]  # fmt: skip
    assert plan_rows() == others
    assert browser.get("/oncall/").status_code == 302
    said = Notice.objects.filter(kind="oncall.lead_told", recipient=person("ruth"))
    assert {row.context["line"].split(":")[0] for row in said} == {"Maeve Kinsella has left"}


def test_h12_a_member_who_stops_on_a_date_moves_nothing_before_it() -> None:
    at, lead = utc("05-01 09:00"), person("ruth")
    rules = rules_of_version(rota().versions.get())
    start = wall_instant(date(2027, 7, 1), time(), MADRID)
    seats = [seat for seat in rules.seats if seat.person.handle != "kofi"]
    draft = replace(rules, seats=seats, starts_at=start)
    before = plan_rows(during__startswith__lt=start)
    diff = preview_rota_version(actor=lead, rota=rota(), rules=draft, at=at)
    assert min(row.start for row in diff.moved) >= start
    publish_rota_version(actor=lead, rota=rota(), rules=draft, applying=Applying(diff.sha256), at=at)
    assert plan_rows(during__startswith__lt=start) == before
    later = PlannedShift.objects.filter(rota=rota(), during__startswith__gte=utc("07-06 00:00"))
    assert not later.filter(person=person("kofi")).exists()


WEEK = ("primary", utc("09-13 13:00"), utc("09-17 13:00"))  # Maeve's, with Ines behind her


def test_h17_of_a_chain_the_last_keeps_it_and_the_one_between_cannot_withdraw() -> None:
    at = utc("09-01 09:00")
    first = take_shift(actor=person("kofi"), rota=rota(), stretch=Stretch(*WEEK), at=at)
    take_shift(actor=person("jonas"), rota=rota(), stretch=Stretch(*WEEK), at=at + timedelta(hours=1))
    with pytest.raises(Conflict) as refusal:
        withdraw_change(actor=person("kofi"), change=first, at=at + timedelta(hours=2))
    assert refusal.value.code == "oncall.superseded"
    assert names(resolve_oncall(rota=rota(), at=utc("09-15 00:00")))["primary"] == "jonas"


def test_h18_of_a_swap_that_is_partly_past_the_rest_moves_and_both_are_credited() -> None:
    at = utc("09-22 13:00")
    this, later = planned(date(2027, 9, 20)), planned(date(2027, 10, 4))
    assert (this.person, later.person) == (person("kofi"), person("ines"))
    mine, yours = (Stretch("primary", *ends(row.during)) for row in (this, later))
    swap = offer_swap(actor=person("kofi"), rota=rota(), swap=SwapDraft(mine, yours), at=at - timedelta(days=1))
    accept_swap(actor=person("ines"), group=swap.group, at=at)
    materialise_rota(rota=rota(), until=utc("09-25 00:00"))
    post_ledger(rota=rota(), at=utc("09-25 01:00"))
    rows = DutyLedgerEntry.objects.filter(
        role="primary", kind="shift", local_date__range=(date(2027, 9, 20), date(2027, 9, 24))
    ).values_list("source", "person__handle", "milli_points")
    block = EffectiveShift.objects.filter(
        rota=rota(), role="primary", during__contained_by=(utc("09-20 13:00"), utc("09-24 13:00"))
    )
    of_block = {f"shift:{row.pk}" for row in block}
    credit: dict[str, int] = {}
    for source, handle, milli in rows:
        if source in of_block:
            credit[handle] = credit.get(handle, 0) + milli
    assert sorted(credit) == ["ines", "kofi"]
    assert sum(credit.values()) == sum(
        day.milli
        for who, span in (("kofi", (utc("09-20 13:00"), at)), ("ines", (at, utc("09-24 13:00"))))
        for day in day_points([span], person(who).zone, holidays_of([person(who).pk])[person(who).pk])
    )


def test_h19_an_override_over_three_shifts_cuts_each_and_a_second_is_refused_with_the_name_of_the_first() -> None:
    at = utc("09-01 09:00")
    long = Stretch("primary", utc("09-11 00:00"), utc("09-18 00:00"))
    create_override(actor=person("ruth"), rota=rota(), stretch=long, person=person("kofi"), told_in_person="yes", at=at)
    held = [
        (names(resolve_oncall(rota=rota(), at=utc(moment)))["primary"])
        for moment in ("09-10 23:59", "09-11 00:00", "09-14 00:00", "09-17 23:59", "09-18 00:00")
    ]
    assert held == ["jonas", "kofi", "kofi", "kofi", "ines"]
    inner = Stretch("primary", utc("09-14 00:00"), utc("09-15 00:00"))
    with pytest.raises(Conflict) as refusal:
        create_override(
            actor=person("ruth"), rota=rota(), stretch=inner, person=person("jonas"), told_in_person="yes", at=at
        )
    assert (refusal.value.code, refusal.value.extra["person"]) == ("oncall.slot_taken", "kofi")
    assert ShiftChange.objects.count() == 1


def test_h25_a_decreed_holiday_counts_double_for_what_is_to_come_and_the_past_moves_by_hand_only() -> None:
    ines, decreed = person("ines"), date(2027, 1, 5)
    served = Stretch("primary", utc("01-04 14:00"), utc("01-08 14:00"))
    materialise_rota(rota=rota(), until=served.end)
    post_ledger(rota=rota(), at=utc("01-09 02:00"))
    posted = list(DutyLedgerEntry.objects.order_by("pk").values_list())
    before = holidays_of([ines.pk])[ines.pk]
    assert ines.calendar is not None
    version = ines.calendar.versions.order_by("-n")[0]
    exceptions = version.exceptions | {
        day: {"intervals": [], "name": "decreed", "is_public_holiday": True} for day in ("2027-01-05", "2027-01-26")
    }
    publish_calendar_version(
        actor=person("wen"), calendar=ines.calendar, weekly=version.weekly, exceptions=exceptions, zone=version.zone,
        at=utc("01-10 09:00"),
    )  # fmt: skip
    after = holidays_of([ines.pk])[ines.pk]
    assert (decreed in before, decreed in after) == (False, True)
    assert list(DutyLedgerEntry.objects.order_by("pk").values_list()) == posted
    materialise_rota(rota=rota(), until=utc("01-29 14:00"))
    post_ledger(rota=rota(), at=utc("01-30 02:00"))
    lines = DutyLedgerEntry.objects.filter(person=ines, role="primary", kind="shift")
    tenths = dict(lines.filter(local_date__in=["2027-01-05", "2027-01-26"]).values_list("local_date", "weight_tenths"))
    assert tenths == {decreed: 10, date(2027, 1, 26): 20}


def make_asset(tier: int | None) -> Asset:
    ruth = person("ruth")
    asset = create_asset(
        actor=ruth, draft=AssetDraft(kind="pipeline", name="night_job", tier=tier), at=utc("01-04 10:00")
    )
    propose_owner(actor=ruth, asset=asset, nomination=Nomination(team=rota().team), at=utc("01-04 10:00"))
    return asset


def test_h26_without_coverage_a_page_waits_for_the_owners_morning_and_nothing_is_a_gap() -> None:
    asset = make_asset(tier=1)
    night = utc("02-03 02:05")
    assert decision_for(asset, night).page_at == night
    calm = decision_for(asset, night, is_covered=False)
    assert calm.page_at == utc("02-03 09:00")  # the calendar of the house opens at nine
    rules = replace(rules_of_version(rota().versions.get()), coverage={"mode": "none"}, ends_at=None)
    new = NewRota(rota().team, "nobody-at-night", "By day", zone=MADRID)
    by_day = create_rota(
        actor=person("ruth"), rota=new, rules=replace(rules, starts_at=utc("02-01 09:00")), at=utc("02-01 09:00")
    )
    assert gaps(by_day, utc("02-01 09:00"), utc("03-01 09:00"), utc("02-01 09:00")) == []
    assert not resolve_oncall(rota=by_day, at=night).is_covered


def test_h41_two_rotas_at_once_are_allowed_and_the_readiness_says_so() -> None:
    at = utc("09-01 09:00")
    rules = rules_of_version(rota().versions.get())
    weekly = {"kind": "weekly", "start": "2027-09-06", "handoffs": [{"dow": "mon", "time": "15:00"}]}
    seats = [Seat(person("jonas")), Seat(person("maeve"))]
    draft = replace(rules, roles=[{"role": "primary", "planner": "turns"}], rotation=weekly, seats=seats, starts_at=at,
                    ends_at=utc("10-01 00:00"))  # fmt: skip
    second = create_rota(
        actor=person("ruth"), rota=NewRota(rota().team, "second", "Second pager", zone=MADRID), rules=draft, at=at
    )
    assert second.planned_shifts.exists()
    said = [finding.sentence for finding in findings_of(second, at) if "at the same time" in finding.sentence]
    assert said == [
        "Jonas Brandt also serves Core Data pipelines at the same time, from today.",
        "Maeve Kinsella also serves Core Data pipelines at the same time, from Mon 6 Sep.",
    ]


def test_the_database_refuses_two_holders_of_a_slot_and_two_roles_of_one_person() -> None:
    row = planned(date(2027, 9, 13))
    facts: dict[str, Any] = {
        "rota": row.rota, "version": row.version, "block_kind": "week", "planner": "tests",
        "during": DateTimeTZRange(utc("09-16 00:00"), utc("09-16 01:00")),
    }  # fmt: skip
    with pytest.raises(IntegrityError, match="one_holder"), transaction.atomic():
        PlannedShift.objects.create(**facts, role="primary", person=person("kofi"))
    with pytest.raises(IntegrityError, match="one_role"), transaction.atomic():
        PlannedShift.objects.create(**facts, role="shadow", person=person("maeve"))
    change: dict[str, Any] = {
        "rota": row.rota, "kind": "take", "state": "active", "created_at": utc("09-01 00:00"),
        "during": facts["during"],
    }  # fmt: skip
    ShiftChange.objects.create(**change, role="primary", to_person=person("kofi"))
    with pytest.raises(IntegrityError, match="one_holder"), transaction.atomic():
        ShiftChange.objects.create(**change, role="primary", to_person=person("jonas"))
    with pytest.raises(IntegrityError, match="one_role"), transaction.atomic():
        ShiftChange.objects.create(**change, role="secondary", to_person=person("kofi"))


def test_the_database_refuses_to_change_what_was_served() -> None:
    materialise_rota(rota=rota(), until=utc("01-08 14:00"))
    served = EffectiveShift.objects.order_by("pk")[0]
    with pytest.raises(Error), transaction.atomic():
        EffectiveShift.objects.filter(pk=served.pk).update(person=person("kofi"))
    with pytest.raises(Error), transaction.atomic():
        served.delete()
    served.refresh_from_db()
    assert served.person == person("ines")


def woken(asset_key: str, at: datetime, clock: MovableClock) -> None:
    """The holder is paged, takes it after two minutes and ends it after ten."""
    clock.set(at)
    only = Selection(only=["oncall.escalation_step", GUARDRAIL_KIND])
    incident = breaks_night(asset_key, at)
    while fire_batch(selection=only, by="test").taken:
        pass
    for minutes, act in ((2, "take"), (10, "end")):
        clock.set(at + timedelta(minutes=minutes))
        if act == "take":
            acknowledge_incident(actor=person("jonas"), incident=incident, at=clock.now())
        else:
            resolve_incident(actor=person("jonas"), incident=incident, cause="fixed_cause", at=clock.now())
        while fire_batch(selection=only, by="test").taken:
            pass


def breaks_night(key: str, at: datetime) -> Any:
    """The tier-one asset fails: nobody has signed anything, so its default wakes."""
    arrival = Arrival(
        Signal(key, FIRING, "night_job failed"), "tests", rota().team, Asset.objects.get(name="night_job")
    )
    return receive_alert(arrival=arrival, at=at).incident


def test_e3_three_broken_nights_give_the_fourth_away(clock: MovableClock) -> None:
    """G3 would already spare him the third: he declines that night, and G1 acts after the third page."""
    for handle in ("ines", "jonas", "kofi", "maeve"):
        ContactMethod.objects.create(
            person=person(handle), channel="file", address=handle, address_hash=handle, state="verified",
            verified_at=utc("01-04 10:00"),
        )  # fmt: skip
    make_asset(tier=1)
    woken("first", utc("11-02 01:10"), clock)
    woken("second", utc("11-03 02:40"), clock)
    early = GuardrailFire.objects.get()
    assert (early.rule, early.night) == ("G3", date(2027, 11, 3))
    decline_guardrail(actor=person("jonas"), fire=early, at=utc("11-03 08:00"))
    woken("third", utc("11-04 00:15"), clock)
    fire = GuardrailFire.objects.exclude(pk=early.pk).get()
    assert (fire.rule, fire.outcome) == ("G1", "moved")
    answers = [
        names(resolve_oncall(rota=rota(), at=utc(at)))
        for at in ("11-04 20:59", "11-04 21:00", "11-05 05:59", "11-05 06:00")
    ]
    plan, spared = {"primary": "jonas", "secondary": "maeve"}, {"primary": "maeve", "secondary": "ines"}
    assert answers == [plan, spared, spared, plan]
    moved = day_points([(utc("11-04 21:00"), utc("11-05 06:00"))], "Europe/Berlin", frozenset())
    assert sum(day.milli for day in moved) == 375
    extras = DutyLedgerEntry.objects.filter(person=person("jonas"), kind__in=["night_page", "woken"])
    assert sum(extras.values_list("milli_points", flat=True)) == 2250


def test_h15_an_override_inside_a_swap_wins_its_hours_and_over_half_of_it_leaves_the_rest() -> None:
    at = utc("06-01 12:00")
    mine = Stretch("primary", utc("06-21 13:00"), utc("06-25 13:00"))
    yours = Stretch("primary", utc("06-28 13:00"), utc("07-02 13:00"))
    swap = offer_swap(actor=person("kofi"), rota=rota(), swap=SwapDraft(mine, yours), at=at)
    accept_swap(actor=person("jonas"), group=swap.group, at=at)
    for low, high in (("06-22 08:00", "06-22 16:00"), ("06-24 08:00", "06-25 13:00")):
        stretch = Stretch("primary", utc(low), utc(high))
        create_override(
            actor=person("ruth"), rota=rota(), stretch=stretch, person=person("maeve"), told_in_person="by phone", at=at
        )
    rows, people = facts_between(rota(), mine.start, mine.end)
    assert [
        (people[row.person].handle, row.reason_code, row.start) for row in rows if row.role == "primary" and row.person
    ] == [
        ("jonas", "swap", mine.start), ("maeve", "override", utc("06-22 08:00")),
        ("jonas", "swap", utc("06-22 16:00")), ("maeve", "override", utc("06-24 08:00")),
    ]  # fmt: skip


def test_h21_the_absence_that_leaves_nobody_alarms_the_lead_at_once_and_the_night_does_not_repeat_it() -> None:
    for handle in ("ines", "jonas", "kofi", "maeve"):
        away, who = Away(date(2027, 6, 23), date(2027, 6, 23)), person(handle)
        enter_absence(actor=who, person=who, away=away, at=utc("06-20 12:00"))
    told = Notice.objects.filter(kind="oncall.gap", recipient=person("ruth")).order_by("created_at")
    lines = [row.context["line"] for row in told]
    assert "Nobody is primary, Wed 23 Jun 06:00 to Thu 24 Jun 00:00." in lines
    assert differences(rota(), utc("06-20 13:00")) == []
    verify_rota(rota=rota(), at=utc("06-20 13:00"))
    assert [row.context["line"] for row in told.all()] == lines


def test_h21_with_everybody_away_a_gap_stands_as_a_row_and_no_turn_is_lost() -> None:
    plan, day = plan_rows(), DateTimeTZRange(utc("06-23 00:00"), utc("06-24 00:00"))
    for handle in ("ines", "jonas", "kofi", "maeve"):
        Absence.objects.create(person=person(handle), during=day, entered_by=person(handle))
    rows, _ = facts_between(rota(), utc("06-21 13:00"), utc("06-25 13:00"))
    missing = [(row.role, row.start, row.end, row.source) for row in rows if row.person is None]
    assert missing == [(role, day.lower, day.upper, "gap") for role in ("primary", "secondary")]
    found = [each.sentence for each in findings_of(rota(), utc("06-20 12:00")) if each.css == "bad"]
    assert "Nobody is primary, or the cascade stands in, from Wed 23 Jun 02:00." in found
    assert plan_rows() == plan
