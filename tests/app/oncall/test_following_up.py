"""What was promised and did not happen: an overdue ticket, the next word to downstream, a note at the handoff."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from oncall.models import Incident, PlannedShift, Rota, UpstreamTicket
from oncall.services.handoffs import remind_next
from oncall.services.incidents import acknowledge_incident, resolve_incident, wait_for_upstream
from oncall.services.tickets import UNBLOCK_KIND, Asking, open_upstream_ticket
from oncall.services.unfinished import list_unfinished_nights
from ownership.models import Gap
from ownership.services.assets import AssetDraft, create_asset
from portal.engine.domain.subjects import subject_of
from portal.engine.models import Notice
from portal.engine.services.arming import arm_deadline
from tests.app.oncall.house import NIGHT, UNTIL_HALF_PAST_SIX, WAKE, House, breaks, connect, pages, run_until, tick

if TYPE_CHECKING:
    from oncall.domain.agreements import Terms
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def waiting(house: House, clock: MovableClock, terms: Terms) -> UpstreamTicket:
    """It breaks by day, Jonas asks upstream, and nobody there moves."""
    house.agree("growth_daily", terms, at=NIGHT - DAY)
    morning = NIGHT + 7 * HOUR
    clock.set(morning)
    incident = breaks(house, "growth_daily", at=morning, failure_kind="missing_data").incident
    assert incident is not None
    tick(clock, morning + timedelta(seconds=2))
    wait_for_upstream(actor=house.jonas, incident=incident, at=morning + MINUTE)
    return UpstreamTicket.objects.get()


def test_an_overdue_ticket_takes_its_incident_up_again(house: House, clock: MovableClock) -> None:
    ticket = waiting(house, clock, WAKE)
    run_until(clock, ticket.unblock_due - MINUTE)
    assert Incident.objects.get().state == "waiting_upstream"
    run_until(clock, ticket.unblock_due + MINUTE)
    incident = Incident.objects.get()
    assert (incident.state, incident.acknowledged_by) == ("triggered", None)
    assert list(incident.events.filter(kind="overdue").values_list("data__ticket", flat=True)) == [ticket.number]
    assert pages()[-1][1] == "jonas"


def test_at_night_it_waits_for_the_agreed_hour(house: House, clock: MovableClock) -> None:
    ticket = waiting(house, clock, UNTIL_HALF_PAST_SIX)
    night = NIGHT + DAY
    arm_deadline(actor=None, kind=UNBLOCK_KIND, subject=subject_of(ticket), due_at=night, at=clock.now())
    run_until(clock, night + HOUR)
    assert Incident.objects.get().state == "waiting_upstream"
    run_until(clock, night + 4 * HOUR)
    incident = Incident.objects.get()
    assert (incident.state, f"{incident.triggered_at:%H:%M}") == ("triggered", "05:30")
    assert ticket.events.filter(kind="unblock_overdue").count() == 1


def test_the_next_word_is_promised_and_its_sender_reminded_unless_it_came(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    incident = breaks(house, "growth_daily").incident
    assert incident is not None
    url = f"{incident.get_absolute_url()}/do/tell"
    form = {"text": "The export is late", "teams": "investor-relations", "again": "30"}
    assert browser(house.jonas).post(url, form).status_code == 303
    assert "next word by" in browser(house.bea).get(incident.get_absolute_url()).content.decode()
    run_until(clock, NIGHT + 31 * MINUTE)
    due = Notice.objects.filter(kind="oncall.update_due")
    assert list(due.values_list("recipient__handle", "severity")) == [("jonas", "warn")]
    assert browser(house.jonas).post(url, form | {"text": "Half an hour more"}).status_code == 303
    assert browser(house.jonas).post(url, form | {"text": "It is there", "again": "0"}).status_code == 303
    run_until(clock, NIGHT + 2 * HOUR)
    assert due.count() == 1


def test_a_closed_incident_owes_no_word(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    incident = breaks(house, "growth_daily").incident
    assert incident is not None
    form = {"text": "The export is late", "teams": "investor-relations", "again": "30"}
    browser(house.jonas).post(f"{incident.get_absolute_url()}/do/tell", form)
    resolve_incident(actor=house.jonas, incident=incident, cause="fixed_cause", at=NIGHT + MINUTE)
    run_until(clock, NIGHT + HOUR)
    assert not Notice.objects.filter(kind="oncall.update_due").exists()


def test_who_hands_over_is_asked_for_a_note_with_what_is_open(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    breaks(house, "growth_daily")
    breaks(house, "growth_board", is_private=True, at=NIGHT + 7 * HOUR)
    shift = PlannedShift.objects.get(rota=house.rota, role="primary")
    handoff, (start, end) = NIGHT + 10 * HOUR, (shift.during.lower, shift.during.upper)
    PlannedShift.objects.filter(pk=shift.pk).update(during=(start, handoff))
    PlannedShift.objects.create(
        rota=house.rota, version=shift.version, role="primary", person=house.kofi, during=(handoff, end),
        block_kind="week", planner="tests",
    )  # fmt: skip
    for _ in range(2):
        remind_next(rota=house.rota, at=handoff - HOUR)
    asked = Notice.objects.get(kind="oncall.note_asked")
    first = Incident.objects.order_by("pk")[0]
    assert asked.recipient == house.jonas
    assert (
        asked.context["line"] == f"Your shift ends soon. Open: {first.number} growth_daily failed (held until its time)"
    )
    page = browser(house.jonas).get("/oncall/rotas/core-pipelines/note").content.decode()
    assert f"{first.number} growth_daily failed (held until its time): " in page


def test_on_mondays_the_lead_hears_what_ended_a_sleep_and_is_open(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - DAY)
    clock.set(NIGHT)
    incident = breaks(house, "growth_daily").incident
    assert incident is not None
    tick(clock, NIGHT + timedelta(seconds=2))
    acknowledge_incident(actor=house.jonas, incident=incident, at=NIGHT + MINUTE)
    breaks(house, "growth_board", at=NIGHT + MINUTE)
    monday = datetime(2027, 2, 8, 11, tzinfo=UTC)
    for at in (monday - DAY, monday, monday + HOUR, monday + DAY):
        list_unfinished_nights(at=at)
    told = Notice.objects.filter(kind="oncall.lead_told", recipient=house.ruth)
    assert [notice.context["line"] for notice in told] == [
        f"They ended somebody's sleep and are still open: {incident.number} growth_daily failed."
    ]


def test_who_carries_a_rota_alone_has_a_buddy_by_name(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    incident = breaks(house, "growth_daily").incident
    assert incident is not None
    path = f"/api/v1/incidents/{incident.number}/colleagues"
    assert browser(house.jonas).get(path).json() == {"results": []}
    lent = Rota.objects.create(
        team=house.identity, slug="identity-alone", name="Identity", zone=house.rota.zone, borrowed_from=house.rota
    )
    Incident.objects.filter(pk=incident.pk).update(rota=lent)
    assert browser(house.lucia).get(path).json()["results"] == [
        {"person": "jonas", "name": "Jonas Example", "times": 0, "is_buddy": True}
    ]
    page = browser(house.jonas).get(incident.get_absolute_url()).content.decode()
    assert "Jonas Example of Core pipelines stands by whoever carries this rota alone." in page


def test_a_team_without_a_rota_answers_in_working_hours_only_and_says_from_when(
    house: House, clock: MovableClock
) -> None:
    clock.set(NIGHT)
    asked = "asset=identity.signup_export&at=2027-02-03T03:05"
    page = browser(house.bea).get(f"/oncall/dry-run?{asked}").content.decode()
    assert "Identity has no rota: it answers in working hours only, next from today 09:00." in page
    body = {"asset": "identity.signup_export", "at": NIGHT.isoformat()}
    found = browser(house.bea).post("/api/v1/oncall/dry-run", body, content_type="application/json").json()
    assert found["works_from"] == "2027-02-03T08:00:00Z"


@pytest.mark.parametrize(("terms", "severity"), [(WAKE, "page"), (UNTIL_HALF_PAST_SIX, "warn")])
def test_an_overdue_ticket_pages_upstream_only_where_their_own_word_wakes_now(
    house: House, clock: MovableClock, terms: Terms, severity: str
) -> None:
    house.agree("growth_daily", terms, at=NIGHT - DAY)
    clock.set(NIGHT)
    asking = Asking("late", "It is late", house.assets["growth_daily"], asking_team=house.readers)
    ticket = open_upstream_ticket(actor=house.bea, asking=asking, at=NIGHT)
    arm_deadline(actor=None, kind=UNBLOCK_KIND, subject=subject_of(ticket), due_at=NIGHT + HOUR, at=NIGHT)
    run_until(clock, NIGHT + HOUR + MINUTE)
    told = Notice.objects.filter(kind="oncall.ticket_overdue").order_by("recipient__handle")
    assert list(told.values_list("recipient__handle", "severity")) == [
        ("bea", "warn"), ("jonas", severity), ("ruth", "warn"),
    ]  # fmt: skip


def test_what_nobody_owns_upstream_is_asked_of_the_nearest_team_and_becomes_a_gap(
    house: House, clock: MovableClock
) -> None:
    clock.set(NIGHT)
    stray = create_asset(actor=house.ruth, draft=AssetDraft(kind="pipeline", name="stray_step"), at=NIGHT - DAY)
    connect(house.assets["identity.signup_export"], stray)
    connect(stray, house.assets["growth_board"])
    asking = Asking("missing_data", "It has no rows", stray, asking_team=house.core)
    ticket = open_upstream_ticket(actor=house.jonas, asking=asking, at=NIGHT)
    assert (ticket.team, ticket.contact) == (house.identity, house.lucia)
    assert Gap.objects.filter(asset=stray, kind="no_owner", valid__upper_inf=True).count() == 1
