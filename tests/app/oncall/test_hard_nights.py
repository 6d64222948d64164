"""Hard cases of spec oncall 12 about nights: H14, H27, H35, H38, H39. The others stand beside what they are about.

H26 test_hard_cases, H30 test_race, H31 to H33 test_incidents, H34 test_grouping, H36 test_decision, H37 test_inbound.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from oncall.models import GuardrailFire, Incident, PlannedShift, ShiftChange, UpstreamTicket
from oncall.queries.impact import to_say_whether_it_mattered
from oncall.queries.resolving import resolve_oncall
from oncall.services.agreements import Drafted, draft_agreement, sign_agreement
from oncall.services.changes import take_shift
from oncall.services.expecting import create_expectation
from oncall.services.helping import say_impact
from oncall.services.incidents import acknowledge_incident, resolve_incident
from oncall.services.laying import Stretch
from portal.engine.models import Notice
from tests.app.oncall.house import NIGHT, UNTIL_HALF_PAST_SIX, WAKE, House, breaks, pages, run_until, tick

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def page_of(person: Person, url: str) -> str:
    client = Client()
    client.force_login(person)
    return client.get(url).content.decode()


def test_h14_a_holder_nobody_can_wake_stays_holder_in_red_and_the_next_is_paged_at_once(
    house: House, clock: MovableClock
) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - DAY)
    house.jonas.contact_methods.all().delete()
    clock.set(NIGHT)
    held = resolve_oncall(rota=house.rota, at=NIGHT).holder("primary")
    assert held is not None
    assert (held.person_id, held.reachable) == (house.jonas.pk, False)
    assert "Jonas Example has no verified way that wakes." in page_of(house.ruth, "/oncall/proof")
    breaks(house, "growth_daily")
    tick(clock, NIGHT)
    assert pages() == [("02:05", "jonas"), ("02:05", "maeve")]


def test_h27_at_a_handoff_an_open_incident_stays_and_the_next_goes_to_the_new_holder(
    house: House, clock: MovableClock
) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - DAY)
    handoff = NIGHT + 30 * MINUTE
    shift = PlannedShift.objects.get(rota=house.rota, role="primary")
    start, end = shift.during.lower, shift.during.upper
    assert start is not None
    PlannedShift.objects.filter(pk=shift.pk).update(during=(start, handoff))
    PlannedShift.objects.create(
        rota=house.rota, version=shift.version, role="primary", person=house.kofi, during=(handoff, end),
        block_kind="week", planner="tests",
    )  # fmt: skip
    breaks(house, "growth_daily")
    tick(clock, NIGHT)
    first = Incident.objects.get()
    acknowledge_incident(actor=house.jonas, incident=first, at=NIGHT + MINUTE)
    tick(clock, handoff + 10 * MINUTE)
    first.refresh_from_db()
    assert (first.state, first.acknowledged_by) == ("acknowledged", house.jonas)
    breaks(house, "another pipeline", at=handoff + 10 * MINUTE)
    tick(clock, handoff + 10 * MINUTE)
    second = Incident.objects.exclude(pk=first.pk).get()
    told = Notice.objects.filter(kind="oncall.page", subject_id=second.pk).values_list("recipient__handle", flat=True)
    assert list(told) == ["kofi"]


def test_h35_an_expired_agreement_falls_to_the_default_and_is_shown_in_red(house: House, clock: MovableClock) -> None:
    signed_at = NIGHT - 30 * DAY
    agreement = house.register("growth_daily", at=signed_at)
    drafted = Drafted(WAKE, NIGHT.date() - DAY)
    text = draft_agreement(actor=house.ruth, agreement=agreement, drafted=drafted, at=signed_at)
    for lead in (house.ruth, house.bea):
        sign_agreement(actor=lead, agreement=agreement, text_sha256=text.text_sha256, at=signed_at)
    clock.set(NIGHT)
    incident = breaks(house, "growth_daily").incident
    assert incident is not None
    assert (incident.state, incident.act_at) == ("held", datetime(2027, 2, 3, 6, tzinfo=UTC))
    page = page_of(house.ruth, incident.get_absolute_url())
    assert "no 3 am agreement yet" in page
    assert "ot agreed with Investor Relations" in page


def test_h38_what_is_expected_after_todays_hour_is_first_due_tomorrow(house: House) -> None:
    late = datetime(2027, 2, 3, 5, 0, tzinfo=UTC)
    made, _ = create_expectation(actor=house.jonas, asset=house.assets["growth_daily"], zone="UTC", at=late,
                                 rule={"kind": "daily", "hours": 4})  # fmt: skip
    assert made.first_due_at == datetime(2027, 2, 4, 4, 0, tzinfo=UTC)


def test_h39_a_night_that_is_given_away_already_needs_no_guardrail(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - 3 * DAY)
    coming = Stretch("primary", datetime(2027, 2, 4, 21, tzinfo=UTC), datetime(2027, 2, 5, 6, tzinfo=UTC))
    take_shift(actor=house.kofi, rota=house.rota, stretch=coming, at=NIGHT - DAY)
    for n in range(2):
        at = NIGHT + n * DAY
        clock.set(at)
        incident = breaks(house, "growth_daily", at=at, key=f"night-{n}").incident
        assert incident is not None
        tick(clock, at)
        acknowledge_incident(actor=house.jonas, incident=incident, at=at + 2 * MINUTE)
        tick(clock, at + 3 * MINUTE)
        resolve_incident(actor=house.jonas, incident=incident, cause="fixed_cause", at=at + 32 * MINUTE)
    fire = GuardrailFire.objects.get()
    assert (fire.rule, fire.outcome, fire.change) == ("G3", "not_needed", None)
    change = ShiftChange.objects.get(state="active")
    assert (change.kind, change.to_person) == ("take", house.kofi)


def test_a_signed_wait_sends_nobody_a_page_writes_the_morning_ticket_and_says_why(
    house: House, clock: MovableClock
) -> None:
    """The acceptance line: signed "wait until 06:30" is silent at 03:00; unsigned it pages, in red."""
    house.agree("growth_daily", UNTIL_HALF_PAST_SIX, at=NIGHT - DAY)
    clock.set(NIGHT)
    held = breaks(house, "growth_daily", failure_kind="missing_data",
                  upstream_asset=house.assets["identity.signup_export"]).incident  # fmt: skip
    assert held is not None
    run_until(clock, NIGHT + timedelta(hours=3, minutes=20))
    assert pages() == []
    page = page_of(house.jonas, held.get_absolute_url())
    assert "Investor Relations agreed" in page
    assert "06:30" in page
    ticket = UpstreamTicket.objects.get(incident=held)
    assert (ticket.upstream_asset, ticket.state) == (house.assets["identity.signup_export"], "open")
    clock.set(NIGHT + DAY)
    house.register("growth_agg", at=NIGHT)
    loud = breaks(house, "growth_agg", at=NIGHT + DAY, key="unsigned").incident
    assert loud is not None
    tick(clock, NIGHT + DAY)
    assert [handle for _, handle in pages()][-1] == "jonas"
    assert "ot agreed with Investor Relations" in page_of(house.jonas, loud.get_absolute_url())


def test_who_had_to_wait_is_asked_whether_it_mattered_until_they_say_so(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", UNTIL_HALF_PAST_SIX, at=NIGHT - DAY)
    incident = breaks(house, "growth_daily").incident
    assert incident is not None
    later = NIGHT + timedelta(hours=5)
    resolve_incident(actor=house.jonas, incident=incident, cause="fixed_cause", at=later)
    assert to_say_whether_it_mattered(house.bea, later) == [incident]
    assert to_say_whether_it_mattered(house.ruth, later) == []
    assert to_say_whether_it_mattered(house.bea, later + timedelta(days=15)) == []
    say_impact(actor=house.bea, incident=incident, team=house.readers, answer="nothing", at=later)
    assert to_say_whether_it_mattered(house.bea, later) == []
