"""What a night leaves behind: points, a free night, a flagged runbook, a word whether it mattered, a replay."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from oncall.domain.agreements import NightClass, Terms
from oncall.models import Agreement, DutyLedgerEntry, GuardrailFire, Incident, IncidentImpact, Runbook, ShiftChange
from oncall.queries.incidents import incident_minutes
from oncall.queries.resolving import resolve_oncall
from oncall.queries.simulating import rehearse
from oncall.services.escalating import publish_escalation
from oncall.services.guarding import decline_guardrail
from oncall.services.helping import answer_help, ask_colleague, say_impact
from oncall.services.incidents import acknowledge_incident, resolve_incident, sleep_incident
from oncall.services.runbooks import Used, draft_runbook, publish_runbook, record_use
from oncall.services.telling import send_update
from oncall.tasks import fire_escalation_steps
from portal.core.errors import DomainError, NotAllowed
from portal.engine.models import Notice
from tests.app.oncall.house import NIGHT, UNTIL_HALF_PAST_SIX, WAKE, House, breaks, pages, run_until, tick

if TYPE_CHECKING:
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def broken_night(house: House, clock: MovableClock, number: int) -> Incident:
    """Jonas is woken in this night and mends it in half an hour."""
    at = NIGHT + number * DAY
    clock.set(at)
    incident = breaks(house, "growth_daily", at=at, key=f"night-{number}").incident
    assert incident is not None
    tick(clock, at)
    acknowledge_incident(actor=house.jonas, incident=incident, at=at + 2 * MINUTE)
    tick(clock, at + 3 * MINUTE)
    return resolve_incident(actor=house.jonas, incident=incident, cause="fixed_cause", at=at + 32 * MINUTE)


def test_a_worker_fires_the_steps_by_its_own_task(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - DAY)
    breaks(house, "growth_daily")
    clock.set(NIGHT + MINUTE)
    fire_escalation_steps()
    assert pages() == [("02:06", "jonas")]


def test_a_page_at_night_and_waking_are_points_once_a_night(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - DAY)
    broken_night(house, clock, 0)
    rows = DutyLedgerEntry.objects.filter(person=house.jonas, kind__in=["night_page", "woken"])
    assert sorted(rows.values_list("kind", "milli_points")) == [("night_page", 250), ("woken", 500)]


def test_a_second_broken_night_running_gives_the_third_away_and_tells_the_lead(
    house: House, clock: MovableClock
) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - 3 * DAY)
    broken_night(house, clock, 0)
    assert not GuardrailFire.objects.exists()
    broken_night(house, clock, 1)
    fire = GuardrailFire.objects.get()
    assert (fire.rule, fire.outcome, fire.person) == ("G3", "moved", house.jonas)
    tonight = resolve_oncall(rota=house.rota, at=datetime(2027, 2, 5, 1, tzinfo=UTC))
    holders = {held.role.value: held.person_id for held in tonight.entries}
    assert holders == {"primary": house.maeve.pk, "secondary": house.kofi.pk}
    told = Notice.objects.filter(kind="oncall.guardrail")
    assert {row.recipient.handle for row in told if row.recipient} == {"jonas", "maeve", "ruth"}
    decline_guardrail(actor=house.jonas, fire=fire, at=NIGHT + DAY + 40 * MINUTE)
    again = resolve_oncall(rota=house.rota, at=datetime(2027, 2, 5, 1, tzinfo=UTC)).holder("primary")
    assert again is not None
    assert again.person_id == house.jonas.pk
    assert not ShiftChange.objects.filter(state="active").exists()


def test_minutes_count_from_taken_to_asleep_or_over_and_no_more_than_eight_hours(
    house: House, clock: MovableClock
) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - DAY)
    broken_night(house, clock, 0)
    week: dict[str, Any] = {"start": NIGHT - DAY, "end": NIGHT + 7 * DAY}
    assert incident_minutes(rota=house.rota, **week) == 30
    at = NIGHT + 2 * DAY
    incident = breaks(house, "growth_daily", at=at, key="long").incident
    assert incident is not None
    acknowledge_incident(actor=house.jonas, incident=incident, at=at)
    resolve_incident(actor=house.jonas, incident=incident, cause="fixed_cause", at=at + timedelta(hours=11))
    assert incident_minutes(asset=house.assets["growth_daily"], **week) == 30 + 480


def test_a_step_that_failed_three_times_running_flags_the_runbook(house: House) -> None:
    version = draft_runbook(actor=house.ines, asset=house.assets["growth_agg"], team=None, at=NIGHT)
    publish_runbook(actor=house.ines, runbook=version.runbook, at=NIGHT)
    version.refresh_from_db()
    for outcome in ("did_not", "skipped", "did_not", "did_not"):
        assert Runbook.objects.get().flagged_at is None
        record_use(actor=house.ines, version=version, used=Used(0, 0, outcome), at=NIGHT)
    assert Runbook.objects.get().flagged_at == NIGHT
    with pytest.raises(DomainError):
        record_use(actor=house.ines, version=version, used=Used(0, 99, "worked"), at=NIGHT)


def test_harm_puts_the_agreement_to_review_and_is_said_by_its_team_only(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", UNTIL_HALF_PAST_SIX, at=NIGHT - DAY)
    clock.set(NIGHT)
    incident = breaks(house, "growth_daily").incident
    assert incident is not None
    facts: dict[str, Any] = {"incident": incident, "team": house.readers, "answer": "harm", "at": NIGHT + DAY}
    with pytest.raises(NotAllowed):
        say_impact(actor=house.lucia, sentence="x", **facts)
    with pytest.raises(DomainError):
        say_impact(actor=house.bea, **facts)
    say_impact(actor=house.bea, sentence="The letter went out wrong", **facts)
    assert Agreement.objects.get().review_reason == "The letter went out wrong"


def test_the_budget_page_says_how_often_waiting_mattered_and_never_who_said_so(
    house: House, clock: MovableClock
) -> None:
    for hours, answer, is_private in ((0, "harm", False), (7, "nothing", True)):
        at = NIGHT + timedelta(hours=hours)
        incident = breaks(house, "growth_daily", key=answer, is_private=is_private, at=at).incident
        assert incident is not None
        IncidentImpact.objects.create(
            incident=incident, team=house.readers, answer=answer, sentence="No board", said_by=house.bea, at=at
        )
    clock.set(NIGHT)
    client = Client()
    client.force_login(house.ines)
    html = client.get("/budget/core-data/?quarter=2027q1").content.decode()
    start = html.index("Did waiting matter?")
    card = html[start : html.index("</section>", start)]
    assert ("1 time" in card, "Bea" in card, "No board" in card) == (True, False, False)
    assert card.count("no times") == 2
    assert "Did waiting matter?" not in client.get("/budget/core-data/?quarter=2026q4").content.decode()


def test_help_is_a_notice_never_a_page_and_a_yes_is_credited(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    incident = breaks(house, "growth_agg").incident
    assert incident is not None
    ask_colleague(actor=house.jonas, incident=incident, person=house.lucia, text="Your export?", at=NIGHT)
    notice = Notice.objects.get(kind="oncall.help")
    assert (notice.recipient, notice.severity) == (house.lucia, "warn")
    with pytest.raises(NotAllowed):
        answer_help(actor=house.kofi, incident=incident, accept=True, at=NIGHT)
    assert answer_help(actor=house.lucia, incident=incident, accept=True, at=NIGHT).state == "accepted"
    assert incident.events.filter(kind="help_accepted", actor=house.lucia).exists()


def test_a_promised_word_goes_out_by_itself_and_not_after_somebody_sent_it(house: House, clock: MovableClock) -> None:
    terms = Terms(NightClass.WAIT_UNTIL, time(6, 30), tell=(("investor-relations", 60),))
    house.agree("growth_daily", terms, at=NIGHT - DAY)
    clock.set(NIGHT)
    breaks(house, "growth_daily")
    run_until(clock, NIGHT + timedelta(minutes=61))
    assert Notice.objects.filter(kind="oncall.update", recipient=house.bea).count() == 1
    other = breaks(house, "growth_board", at=NIGHT + timedelta(hours=8)).incident
    assert other is not None
    house.agree("growth_board", terms, at=NIGHT + timedelta(hours=9))
    with pytest.raises(DomainError):
        send_update(actor=house.jonas, incident=other, text=" ", teams=["investor-relations"], at=NIGHT + DAY)


def test_a_ladder_published_later_changes_no_run_that_climbs(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - DAY)
    breaks(house, "growth_daily")
    publish_escalation(actor=house.ruth, team=house.core, steps=[{"targets": ["lead"]}], at=NIGHT)
    tick(clock, NIGHT)
    assert pages() == [("02:05", "jonas")]
    with pytest.raises(NotAllowed):
        publish_escalation(actor=house.jonas, team=house.core, steps=[{"targets": ["lead"]}], at=NIGHT)


def test_a_rehearsal_is_what_then_happens(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - DAY)
    clock.set(NIGHT)
    foreseen = [(f"{step.at:%H:%M}", each.name) for step in rehearse(house.assets["growth_daily"], NIGHT).steps
                for each in step.people]  # fmt: skip
    incident = breaks(house, "growth_daily").incident
    assert incident is not None
    run_until(clock, NIGHT + timedelta(hours=3))
    names = {handle: name for name, handle in ((row.name, row.handle) for row in (
        house.jonas, house.maeve, house.kofi, house.ruth))} | {"ops": "Ops Example"}  # fmt: skip
    assert [(at, names[handle]) for at, handle in pages()] == foreseen
    with pytest.raises(DomainError):
        sleep_incident(actor=house.jonas, incident=incident, until=NIGHT, at=NIGHT + timedelta(hours=3))
