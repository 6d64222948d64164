"""The exercise in the database: the plan, its events E1, E2, E5, E6, and what they leave (spec exercise 3, 6)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from oncall.domain.balance import points_text
from oncall.domain.instants import wall_instant
from oncall.models import CompDay, CoverRequest, DutyLedgerEntry, EffectiveShift, PlannedShift, ShiftChange
from oncall.models.spans import ends
from oncall.queries.resolving import resolve_oncall
from oncall.queries.shifts import combined_balances
from oncall.services.absences import accept_gap
from oncall.services.covers import accept_cover, open_cover_request
from oncall.services.laying import Stretch
from oncall.services.rotas import (
    Applying,
    Seat,
    preview_rota_version,
    publish_rota_version,
    rules_of_version,
)
from oncall.services.serving import materialise_rota, post_ledger
from oncall.services.swaps import SwapDraft, accept_swap, offer_swap
from portal.accounts.services.absences import Away, check_absence, enter_absence
from portal.core.errors import Conflict
from tests.app.oncall.golden import load_golden, names, person, planned, rota, utc
from tests.rolled_back import rolled_back
from tests.unit.oncall.exercise import DIGEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.plugin import DjangoDbBlocker


@pytest.fixture(scope="module", autouse=True)
def _golden(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The year is planned once; the module's tests each roll back to it."""
    with rolled_back(django_db_blocker):
        load_golden()
        yield


@pytest.fixture(autouse=True)
def _savepoint(_golden: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with rolled_back(django_db_blocker):
        yield


def stretch(day: date, role: str = "primary") -> Stretch:
    return Stretch(role, *ends(planned(day, role).during))


def test_the_planned_year_has_the_digest() -> None:
    rows = PlannedShift.objects.filter(rota__slug="core-pipelines").select_related("person").order_by("during", "role")
    lines: dict[datetime, dict[str, str]] = {}
    for row in rows:
        start, end = ends(row.during)
        assert row.person is not None
        lines.setdefault(start, {"end": f"{end:%Y-%m-%dT%H:%MZ}"})[row.role] = row.person.handle
    text = "".join(
        f"{start:%Y-%m-%dT%H:%MZ} {facts['end']} {facts['primary']} {facts['secondary']}\n"
        for start, facts in lines.items()
    )
    assert hashlib.sha256(text.encode()).hexdigest() == DIGEST


def test_the_question_desk_has_the_printed_string() -> None:
    rows = PlannedShift.objects.filter(rota__slug="core-questions", role="primary").order_by("during")
    seen: dict[str, str] = {}
    for row in rows.select_related("person"):
        assert row.person is not None
        seen.setdefault(row.why["block"], row.person.handle[0].upper())
    assert "".join(seen.values()) == "AIJMAMIAMJIAMAJMIAJMIAJIMIJAMIAMJAIJAMIJAIMAIJAIMJAI"


def test_epiphany_falls_to_jonas_at_the_desk_and_to_ines_on_the_pager() -> None:
    noon = utc("01-06 11:00")
    assert names(resolve_oncall(rota=rota("core-questions"), at=noon)) == {"primary": "jonas", "partner": "elif"}
    assert names(resolve_oncall(rota=rota(), at=noon)) == {"primary": "ines", "secondary": "jonas"}


def test_outside_its_hours_the_desk_is_not_covered_and_says_when_it_opens() -> None:
    answer = resolve_oncall(rota=rota("core-questions"), at=utc("01-09 11:00"))
    assert (answer.coverage, answer.next_change_at) == ("not_covered", utc("01-11 08:00"))


def sick() -> None:
    away = Away(date(2027, 9, 14), date(2027, 9, 16), "sick")
    enter_absence(actor=person("maeve"), person=person("maeve"), away=away, at=utc("09-14 07:30"))


def test_e1_a_sick_primary_is_covered_by_the_cascade_from_that_minute() -> None:
    sick()
    told = [
        names(resolve_oncall(rota=rota(), at=utc(at)))
        for at in ("09-14 07:29", "09-14 07:30", "09-16 22:59", "09-16 23:00")
    ]
    plan, cascade = {"primary": "maeve", "secondary": "ines"}, {"primary": "ines", "secondary": "kofi"}
    assert told == [plan, cascade, cascade, plan]
    answer = resolve_oncall(rota=rota(), at=utc("09-15 00:00"))
    assert all(held.provisional for held in answer.entries)


def test_e1_the_cover_request_names_kofi_with_his_balance() -> None:
    spoken = combined_balances(rota(), utc("09-14 07:30"))
    told = {handle: points_text(spoken[person(handle).pk], signed=True) for handle in ("kofi", "jonas")}
    assert told == {"kofi": "+1.410", "jonas": "+3.285"}
    sick()
    cover = CoverRequest.objects.get()
    assert cover.candidate is not None
    assert (cover.candidate.handle, cover.candidate_line) == ("kofi", "balance +1.410")
    assert ends(cover.during) == (utc("09-14 07:30"), utc("09-16 23:00"))


def test_e1_the_form_shows_the_cover_before_saving() -> None:
    away = Away(date(2027, 9, 14), date(2027, 9, 16), "sick")
    clashes = check_absence(actor=person("maeve"), person=person("maeve"), away=away, at=utc("09-14 07:30"))
    assert [(clash.subject, clash.cover) for clash in clashes] == [("Core Data pipelines", "Kofi Mensah")]


def test_e1_credit_goes_to_who_served() -> None:
    sick()
    materialise_rota(rota=rota(), until=utc("09-17 13:00"))
    post_ledger(rota=rota(), at=utc("09-18 02:00"))
    rows = DutyLedgerEntry.objects.filter(role="primary", kind="shift", local_date__gte=date(2027, 9, 13))
    credit: dict[tuple[str, str], int] = {}
    for row in rows.select_related("person"):
        key = (row.person.handle, row.source)
        credit[key] = credit.get(key, 0) + row.milli_points
    since = {key: value for key, value in credit.items() if value}
    shifts = EffectiveShift.objects.filter(role="primary", during__startswith__gte=utc("09-13 13:00")).order_by(
        "during"
    )
    assert [since[row.person.handle, f"shift:{row.pk}"] for row in shifts if row.person] == [771, 2646, 583]


def test_e1_kofi_says_yes_and_a_second_yes_is_too_late() -> None:
    sick()
    cover = CoverRequest.objects.get()
    accept_cover(actor=person("kofi"), cover=cover, at=utc("09-14 08:00"))
    answer = resolve_oncall(rota=rota(), at=utc("09-15 00:00"))
    assert names(answer) == {"primary": "kofi", "secondary": "ines"}
    assert not any(held.provisional for held in answer.entries)
    with pytest.raises(Conflict) as refusal:
        accept_cover(actor=person("jonas"), cover=cover, at=utc("09-14 08:01"))
    assert (refusal.value.code, refusal.value.message) == ("oncall.already_taken", "Kofi Mensah has taken it.")


def test_a_secondary_who_covers_is_promoted_and_the_next_stands_behind() -> None:
    sick()
    accept_cover(actor=person("ines"), cover=CoverRequest.objects.get(), at=utc("09-14 08:00"))
    assert names(resolve_oncall(rota=rota(), at=utc("09-15 00:00"))) == {"primary": "ines", "secondary": "kofi"}


JULY, AUGUST = date(2027, 7, 30), date(2027, 8, 20)


def offer(*, both_roles: bool) -> object:
    draft = SwapDraft(stretch(JULY), stretch(AUGUST), both_roles=both_roles)
    return offer_swap(actor=person("kofi"), rota=rota(), swap=draft, at=utc("07-01 09:00"))


def test_e2_nobody_becomes_their_own_backup_and_the_proposal_is_to_swap_both_roles() -> None:
    with pytest.raises(Conflict) as refusal:
        offer(both_roles=False)
    assert refusal.value.code == "oncall.own_backup"
    proposal = refusal.value.extra["proposal"]
    assert isinstance(proposal, dict)
    assert proposal["swap_both_roles"] is True
    assert ShiftChange.objects.count() == 0


def test_e2_the_repaired_swap_stands_with_its_warnings_and_balances_stay() -> None:
    swap = offer(both_roles=True)
    before = combined_balances(rota(), utc("12-01 00:00"))
    accepted = accept_swap(actor=person("jonas"), group=swap.group, at=utc("07-02 09:00"))  # type: ignore[attr-defined]
    july, august = (names(resolve_oncall(rota=rota(), at=utc(at))) for at in ("07-31 12:00", "08-21 12:00"))
    assert july == {"primary": "jonas", "secondary": "kofi"}
    assert august == {"primary": "kofi", "secondary": "jonas"}
    assert accepted.warnings == (
        "Jonas Brandt would serve two blocks running.", "Kofi Mensah would serve two weekends running."
    )  # fmt: skip
    after = combined_balances(rota(), utc("12-01 00:00"))
    assert {pk: points_text(value) for pk, value in after.items()} == {
        pk: points_text(value) for pk, value in before.items()
    }


def test_a_swap_whose_shift_moved_is_refused_and_nothing_is_written() -> None:
    swap = offer(both_roles=True)
    away = Away(date(2027, 8, 20), date(2027, 8, 22))
    enter_absence(actor=person("jonas"), person=person("jonas"), away=away, at=utc("07-01 10:00"))
    with pytest.raises(Conflict) as refusal:
        accept_swap(actor=person("jonas"), group=swap.group, at=utc("07-02 09:00"))  # type: ignore[attr-defined]
    assert refusal.value.code == "oncall.shift_moved"
    assert not ShiftChange.objects.filter(state="active").exists()


def week_off() -> None:
    away = Away(date(2027, 7, 5), date(2027, 7, 9))
    enter_absence(actor=person("sanne"), person=person("sanne"), away=away, at=utc("06-01 09:00"))


def test_e5_the_absence_of_a_rota_of_one_is_refused_until_somebody_lends_a_hand() -> None:
    with pytest.raises(Conflict) as refusal:
        week_off()
    assert refusal.value.code == "oncall.uncovered"
    sanne, alone = person("sanne"), rota("payments-data")
    start, end = (wall_instant(date(2027, 7, day), time(), sanne.zone) for day in (5, 10))
    for low, high in ((start, wall_instant(date(2027, 7, 5), time(9), sanne.zone)),
                      (wall_instant(date(2027, 7, 5), time(9), sanne.zone), end)):  # fmt: skip
        cover = open_cover_request(
            actor=sanne, rota=alone, stretch=Stretch("primary", low, high), from_person=sanne, at=utc("06-01 10:00")
        )
        accept_cover(actor=person("kofi"), cover=cover, at=utc("06-02 10:00"))
    week_off()
    assert names(resolve_oncall(rota=alone, at=utc("07-07 12:00"))) == {"primary": "kofi"}


def test_a_rota_of_one_may_have_a_gap_that_the_lead_accepts() -> None:
    sanne, alone = person("sanne"), rota("payments-data")
    start, end = (wall_instant(date(2027, 7, day), time(), sanne.zone) for day in (5, 10))
    accept_gap(actor=sanne, rota=alone, start=start, end=end, reason="nothing runs", at=utc("06-01 10:00"))
    week_off()
    assert names(resolve_oncall(rota=alone, at=utc("07-07 12:00"))) == {"primary": "nobody"}


def test_e6_an_edit_lists_what_moves_and_who_must_agree_and_moves_nothing_before() -> None:
    at, lead = utc("06-01 09:00"), person("ruth")
    rules = rules_of_version(rota().versions.get())
    rotation = {"kind": "weekly", "start": "2027-01-04",
                "handoffs": [{"dow": "tue", "time": "15:00"}, {"dow": "fri", "time": "15:00"}]}  # fmt: skip
    draft = type(rules)(
        rules.roles, rotation, rules.seats, rules.coverage, rules.fairness,
        starts_at=wall_instant(date(2027, 6, 14), time(), "Europe/Madrid"), ends_at=rules.ends_at,
    )  # fmt: skip
    diff = preview_rota_version(actor=lead, rota=rota(), rules=draft, at=at)
    assert diff.moved
    assert min(row.start for row in diff.moved) >= utc("06-14 13:00")
    near = utc("06-15 09:00")
    expected = {who for row in diff.moved if row.start < near for who in (row.before, row.after) if who}
    assert set(diff.consent) == expected
    assert PlannedShift.objects.filter(rota=rota()).count() == 224
    before = list(PlannedShift.objects.filter(during__startswith__lt=utc("06-14 13:00")).values_list("pk", flat=True))
    applying = Applying(diff.sha256, told_reason="the meeting moved")
    publish_rota_version(actor=lead, rota=rota(), rules=draft, applying=applying, at=at)
    kept = PlannedShift.objects.filter(during__startswith__lt=utc("06-14 13:00")).values_list("pk", flat=True)
    assert list(kept) == before
    with pytest.raises(Conflict) as refusal:
        publish_rota_version(actor=lead, rota=rota(), rules=draft, applying=applying, at=at)
    assert refusal.value.code == "oncall.diff_changed"


def test_shifts_of_others_move_within_the_notice_period_only_with_a_reason() -> None:
    at, lead = utc("06-11 09:00"), person("ruth")
    rules = rules_of_version(rota().versions.get())
    draft = replace(rules, seats=rules.seats[1:], starts_at=utc("06-14 13:00"))
    diff = preview_rota_version(actor=lead, rota=rota(), rules=draft, at=at)
    assert diff.consent
    with pytest.raises(Conflict) as refusal:
        publish_rota_version(actor=lead, rota=rota(), rules=draft, applying=Applying(diff.sha256), at=at)
    assert (refusal.value.code, refusal.value.extra["people"]) == ("oncall.consent_missing", list(diff.consent))
    assert rota().versions.count() == 1
    applying = Applying(diff.sha256, told_reason="ines is ill")
    publish_rota_version(actor=lead, rota=rota(), rules=draft, applying=applying, at=at)
    assert rota().versions.count() == 2


def test_a_fifth_engineer_moves_nothing_before_and_starts_at_nothing() -> None:
    at, lead = utc("05-01 09:00"), person("ruth")
    rules = rules_of_version(rota().versions.get())
    start = wall_instant(date(2027, 7, 1), time(), "Europe/Madrid")
    draft = type(rules)(
        rules.roles, rules.rotation, [*rules.seats, Seat(person("amara"))], rules.coverage, rules.fairness,
        starts_at=start, ends_at=rules.ends_at,
    )  # fmt: skip
    diff = preview_rota_version(actor=lead, rota=rota(), rules=draft, at=at)
    assert min(row.start for row in diff.moved) >= start
    assert "amara" in diff.people
    applying = Applying(diff.sha256)
    publish_rota_version(actor=lead, rota=rota(), rules=draft, applying=applying, at=at)
    assert combined_balances(rota(), start)[person("amara").pk] == 0


def test_comp_days_are_earned_by_the_date_and_its_holder() -> None:
    materialise_rota(rota=rota(), until=utc("01-08 14:00"))
    post_ledger(rota=rota(), at=utc("01-09 02:00"))
    assert list(CompDay.objects.values_list("person__handle", "earned_on", "due_by")) == [
        ("ines", date(2027, 1, 6), date(2027, 4, 6))
    ]


def test_balances_sum_to_nothing_whatever_happened() -> None:
    sick()
    accept_cover(actor=person("kofi"), cover=CoverRequest.objects.get(), at=utc("09-14 08:00"))
    materialise_rota(rota=rota(), until=utc("10-01 00:00"))
    post_ledger(rota=rota(), at=utc("10-01 01:00"))
    assert sum(combined_balances(rota(), utc("11-15 00:00")).values(), Fraction(0)) == 0


def test_what_was_served_says_the_same_as_the_plan_did() -> None:
    instants = [utc("01-04 14:00") + timedelta(hours=37) * n for n in range(60)]
    before = [names(resolve_oncall(rota=rota(), at=at)) for at in instants]
    materialise_rota(rota=rota(), until=utc("04-10 00:00"))
    assert [names(resolve_oncall(rota=rota(), at=at)) for at in instants] == before
