"""From a signal to a page and back to sleep: what the pager does with what was agreed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from oncall.models import Alert, EscalationRun, Incident, PlannedShift, UpstreamTicket
from oncall.services.incidents import acknowledge_incident, escalate_now, resolve_incident, sleep_incident
from oncall.services.leaving import preview_leaving
from portal.accounts.services.leaving import deactivate_person
from portal.core.errors import Conflict, DomainError, NotAllowed
from portal.engine.models import Deadline, Delivery, Job, Notice
from portal.engine.services.acknowledging import acknowledge_notice
from portal.engine.services.working import run_job
from tests.app.oncall.house import (
    NIGHT,
    UNTIL_HALF_PAST_SIX,
    WAKE,
    House,
    breaks,
    connect,
    pages,
    run_until,
    tick,
)
from tests.world import make_admin

if TYPE_CHECKING:
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def only() -> Incident:
    return Incident.objects.get()


def test_a_signed_wait_pages_nobody_before_its_hour_and_one_at_it(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", UNTIL_HALF_PAST_SIX, at=NIGHT - timedelta(days=1))
    breaks(house, "growth_daily")
    run_until(clock, NIGHT + timedelta(hours=3, minutes=24))
    assert (pages(), only().state) == ([], "held")
    run_until(clock, NIGHT + timedelta(hours=3, minutes=26))
    assert (pages(), only().state) == ([("05:30", "jonas")], "triggered")
    assert "Investor Relations agreed" in Notice.objects.get(kind="oncall.page").context["line"]


def test_the_same_asset_unsigned_and_of_tier_one_pages_at_once_and_names_who_did_not_agree(
    house: House, clock: MovableClock
) -> None:
    house.register("growth_agg", at=NIGHT - timedelta(days=1))
    breaks(house, "growth_agg")
    tick(clock, NIGHT)
    assert pages() == [("02:05", "jonas")]
    assert only().decision["not_agreed"] == ["Investor Relations"]
    assert "not agreed with Investor Relations" in Notice.objects.get(kind="oncall.page").context["line"]


def test_nobody_answering_climbs_the_ladder_to_the_organization(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - timedelta(days=1))
    breaks(house, "growth_daily")
    run_until(clock, NIGHT + timedelta(hours=3))
    assert pages() == [
        ("02:05", "jonas"), ("02:20", "maeve"), ("02:35", "kofi"), ("03:05", "ruth"), ("04:05", "ops"),
    ]  # fmt: skip
    assert EscalationRun.objects.get().state == "finished"


def test_a_step_that_reaches_nobody_fires_the_next_at_once_and_alarms(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - timedelta(days=1))
    house.jonas.contact_methods.all().delete()
    breaks(house, "growth_daily")
    tick(clock, NIGHT)
    assert pages() == [("02:05", "jonas"), ("02:05", "maeve")]
    assert Notice.objects.filter(kind="engine.alarm", context__code="oncall_step_unreached").exists()


def test_with_nobody_on_call_the_fallback_gets_it_and_an_alarm_says_so(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - timedelta(days=1))
    for person in (house.ines, house.jonas, house.maeve, house.kofi, house.ruth):
        person.contact_methods.all().delete()
    breaks(house, "growth_daily")
    tick(clock, NIGHT)
    assert [handle for _, handle in pages()] == ["jonas", "kofi", "maeve", "ops", "ruth"]
    alarms = Notice.objects.filter(kind="engine.alarm", context__code="oncall_step_unreached")
    assert alarms.filter(recipient__handle="ops").count() == 5


def test_in_a_gap_the_page_goes_up_the_chain_at_once_and_each_empty_step_alarms(
    house: House, clock: MovableClock
) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - timedelta(days=1))
    PlannedShift.objects.filter(rota=house.rota).update(person=None, order=[])
    breaks(house, "growth_daily")
    tick(clock, NIGHT)
    assert pages() == [("02:05", "ruth")]
    alarms = Notice.objects.filter(kind="engine.alarm", context__code="oncall_step_unreached")
    assert list(alarms.values_list("recipient__handle", flat=True)) == ["ops"] * 3
    run_until(clock, NIGHT + 61 * MINUTE)
    assert pages() == [("02:05", "ruth"), ("03:05", "ops")]


def test_acknowledging_stops_every_later_step(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - timedelta(days=1))
    breaks(house, "growth_daily")
    tick(clock, NIGHT)
    acknowledge_incident(actor=house.jonas, incident=only(), at=NIGHT + 5 * MINUTE)
    run_until(clock, NIGHT + 50 * MINUTE)
    assert pages() == [("02:05", "jonas")]
    assert not Delivery.objects.filter(notice__kind="oncall.page", state="queued").exists()
    assert not Deadline.objects.filter(kind="oncall.escalation_step", state="armed").exists()
    assert (only().state, only().has_woken) == ("acknowledged", True)


def test_the_link_the_inbox_and_the_page_end_in_the_same_acknowledge(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - timedelta(days=1))
    breaks(house, "growth_daily")
    tick(clock, NIGHT)
    notice = Notice.objects.get(kind="oncall.page")
    acknowledge_notice(actor=house.jonas, notice_id=notice.pk, via="link", at=NIGHT + MINUTE)
    assert (only().state, only().acknowledged_by) == ("acknowledged", house.jonas)
    later = acknowledge_incident(actor=house.maeve, incident=only(), at=NIGHT + 2 * MINUTE)
    assert later.acknowledged_by == house.jonas


def test_an_outsider_does_not_quiet_somebody_elses_page(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - timedelta(days=1))
    breaks(house, "growth_daily")
    tick(clock, NIGHT)
    with pytest.raises(NotAllowed):
        acknowledge_incident(actor=house.bea, incident=only(), at=NIGHT + MINUTE)
    assert only().state == "triggered"


def test_silence_after_an_acknowledge_is_asked_after_an_hour_and_goes_on_ten_minutes_later(
    house: House, clock: MovableClock
) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - timedelta(days=1))
    breaks(house, "growth_daily")
    tick(clock, NIGHT)
    acknowledge_incident(actor=house.jonas, incident=only(), at=NIGHT + MINUTE)
    run_until(clock, NIGHT + 62 * MINUTE)
    assert Notice.objects.filter(kind="oncall.still_on_it", recipient=house.jonas).count() == 1
    run_until(clock, NIGHT + 73 * MINUTE)
    assert only().state == "triggered"
    assert pages()[-1] == ("03:16", "maeve")


def test_back_to_sleep_asks_upstream_tells_downstream_and_wakes_at_the_agreed_hour(
    house: House, clock: MovableClock
) -> None:
    terms = UNTIL_HALF_PAST_SIX.__class__(**{**UNTIL_HALF_PAST_SIX.__dict__, "tell": (("investor-relations", 120),)})
    house.agree("growth_daily", terms, at=NIGHT - timedelta(days=1))
    house.register("growth_agg", at=NIGHT - timedelta(days=1))
    breaks(
        house, "growth_daily", title="partition missing", failure_kind="missing_data",
        upstream_asset=house.assets["identity.signup_export"],
    )  # fmt: skip
    tick(clock, NIGHT)
    assert pages() == [("02:05", "jonas")]
    slept = sleep_incident(actor=house.jonas, incident=only(), at=NIGHT + 2 * MINUTE)
    assert (slept.state, slept.wake_at) == ("asleep", datetime(2027, 2, 3, 5, 30, tzinfo=UTC))
    ticket = UpstreamTicket.objects.get()
    assert (ticket.team, ticket.incident) == (house.identity, slept)
    assert Notice.objects.filter(kind="oncall.update", recipient=house.bea).count() == 1
    run_until(clock, datetime(2027, 2, 3, 5, 31, tzinfo=UTC))
    assert (only().state, pages()[-1]) == ("triggered", ("05:30", "jonas"))


def test_a_member_may_sleep_until_the_working_day_and_a_lead_longer(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - timedelta(days=1))
    breaks(house, "growth_daily")
    tick(clock, NIGHT)
    late = datetime(2027, 2, 4, 12, tzinfo=UTC)
    with pytest.raises(DomainError, match="next working start"):
        sleep_incident(actor=house.jonas, incident=only(), until=late, at=NIGHT + MINUTE)
    assert only().state == "triggered"
    assert sleep_incident(actor=house.ruth, incident=only(), until=late, at=NIGHT + MINUTE).wake_at == late


def test_waking_the_next_one_brings_the_step_forward_and_a_second_tap_does_not(
    house: House, clock: MovableClock
) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - timedelta(days=1))
    breaks(house, "growth_daily")
    tick(clock, NIGHT)
    for _ in range(2):
        escalate_now(actor=house.jonas, incident=only(), at=NIGHT + 3 * MINUTE)
        tick(clock, NIGHT + 3 * MINUTE)
    assert pages() == [("02:05", "jonas"), ("02:08", "maeve")]


def test_what_woke_somebody_needs_a_cause_that_ends_it(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - timedelta(days=1))
    breaks(house, "growth_daily")
    tick(clock, NIGHT)
    acknowledge_incident(actor=house.jonas, incident=only(), at=NIGHT + MINUTE)
    with pytest.raises(DomainError):
        resolve_incident(actor=house.jonas, incident=only(), cause="false_alarm", at=NIGHT + 2 * MINUTE)
    done = resolve_incident(actor=house.jonas, incident=only(), cause="fixed_cause", at=NIGHT + 2 * MINUTE)
    assert (done.state, Alert.objects.get().status) == ("resolved", "resolved")
    with pytest.raises(Conflict):
        escalate_now(actor=house.jonas, incident=only(), at=NIGHT + 9 * MINUTE)


def test_h31_alert_resolve_alert_within_seconds_is_one_incident_and_one_page(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - timedelta(days=1))
    breaks(house, "growth_daily")
    tick(clock, NIGHT)
    breaks(house, "growth_daily", status="resolved", at=NIGHT + timedelta(seconds=5))
    breaks(house, "growth_daily", at=NIGHT + timedelta(seconds=10))
    run_until(clock, NIGHT + 10 * MINUTE)
    assert (only().state, pages()) == ("triggered", [("02:05", "jonas")])


def test_five_quiet_minutes_end_it_and_a_return_within_thirty_opens_the_same_number(
    house: House, clock: MovableClock
) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - timedelta(days=1))
    breaks(house, "growth_daily")
    tick(clock, NIGHT)
    breaks(house, "growth_daily", status="resolved", at=NIGHT + MINUTE)
    run_until(clock, NIGHT + 7 * MINUTE)
    assert (only().state, only().cause) == ("resolved", "recovered")
    breaks(house, "growth_daily", at=NIGHT + 20 * MINUTE)
    tick(clock, NIGHT + 20 * MINUTE)
    assert (only().state, len(pages())) == ("triggered", 2)


def test_h32_a_trigger_that_comes_after_its_resolve_is_stored_and_does_not_fire(
    house: House, clock: MovableClock
) -> None:
    clock.set(NIGHT)
    breaks(house, "growth_daily", status="resolved", source_at=NIGHT - MINUTE)
    late = breaks(house, "growth_daily", source_at=NIGHT - 2 * MINUTE, at=NIGHT + MINUTE)
    assert (late.status, Incident.objects.count()) == ("resolved", 0)


def test_twenty_downstream_alerts_and_their_root_are_one_incident_and_one_page(
    house: House, clock: MovableClock
) -> None:
    root = house.assets["growth_daily"]
    leaves = [house.assets["growth_agg"].__class__.objects.create(
        kind=22, slug=f"leaf-{n}", name=f"leaf_{n}", tier=2, created_at=NIGHT, updated_at=NIGHT,
    ) for n in range(20)]  # fmt: skip
    for leaf in leaves:
        connect(root, leaf)
        house.assets[leaf.name] = leaf
    house.agree("growth_daily", WAKE, at=NIGHT - timedelta(days=1))
    breaks(house, "growth_daily")
    tick(clock, NIGHT)
    for n, leaf in enumerate(leaves):
        breaks(house, leaf.name, at=NIGHT + timedelta(seconds=n))
    tick(clock, NIGHT + MINUTE)
    assert (Incident.objects.count(), Alert.objects.count(), len(pages())) == (1, 21, 1)
    assert only().root_asset == root


def test_h33_an_upstream_alert_after_downstream_ones_moves_the_root_and_merges_them(
    house: House, clock: MovableClock
) -> None:
    clock.set(NIGHT)
    other = house.assets["growth_board"].__class__.objects.create(
        kind=22, slug="other", name="other", tier=2, created_at=NIGHT, updated_at=NIGHT
    )
    house.assets["other"] = other
    connect(house.assets["growth_daily"], other)
    breaks(house, "growth_agg")
    breaks(house, "other", at=NIGHT + MINUTE)
    assert Incident.objects.count() == 2
    tick(clock, NIGHT + MINUTE)
    before = pages()
    breaks(house, "growth_daily", at=NIGHT + 2 * MINUTE)
    tick(clock, NIGHT + 2 * MINUTE)
    survivor, merged = Incident.objects.order_by("pk")
    assert (survivor.root_asset, merged.state, merged.merged_into) == (
        house.assets["growth_daily"], "merged", survivor,
    )  # fmt: skip
    assert pages() == before


def test_an_hour_reached_while_every_signal_is_quiet_pages_nobody_and_firing_again_does(
    house: House, clock: MovableClock
) -> None:
    house.agree("growth_daily", UNTIL_HALF_PAST_SIX, at=NIGHT - timedelta(days=1))
    hour = datetime(2027, 2, 3, 5, 30, tzinfo=UTC)
    breaks(house, "growth_daily")
    breaks(house, "growth_daily", status="resolved", at=hour - MINUTE)
    run_until(clock, hour + 2 * MINUTE)
    assert (pages(), only().state) == ([], "held")
    breaks(house, "growth_daily", at=hour + 3 * MINUTE)
    tick(clock, hour + 3 * MINUTE)
    assert (pages(), only().state) == ([("05:33", "jonas")], "triggered")


def test_what_is_quiet_at_its_hour_is_over_without_a_page(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", UNTIL_HALF_PAST_SIX, at=NIGHT - timedelta(days=1))
    hour = datetime(2027, 2, 3, 5, 30, tzinfo=UTC)
    breaks(house, "growth_daily")
    breaks(house, "growth_daily", status="resolved", at=hour - MINUTE)
    run_until(clock, hour + timedelta(hours=1))
    assert (pages(), only().state, only().cause) == ([], "resolved", "recovered")


def test_a_sleep_that_ends_while_all_is_quiet_wakes_nobody(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - timedelta(days=1))
    breaks(house, "growth_daily")
    tick(clock, NIGHT)
    slept = sleep_incident(actor=house.jonas, incident=only(), at=NIGHT + MINUTE)
    assert slept.wake_at is not None
    breaks(house, "growth_daily", status="resolved", at=slept.wake_at - MINUTE)
    run_until(clock, slept.wake_at + 2 * MINUTE)
    assert (pages(), only().state) == ([("02:05", "jonas")], "asleep")
    breaks(house, "growth_daily", at=slept.wake_at + 3 * MINUTE)
    tick(clock, slept.wake_at + 3 * MINUTE)
    assert (len(pages()), only().state) == (2, "triggered")


def test_what_a_leaver_had_acknowledged_pages_again_at_once(house: House, clock: MovableClock) -> None:
    house.agree("growth_daily", WAKE, at=NIGHT - timedelta(days=1))
    alert = breaks(house, "growth_daily")
    tick(clock, NIGHT)
    assert alert.incident is not None
    acknowledge_incident(actor=house.jonas, incident=alert.incident, at=NIGHT + timedelta(minutes=2))
    clock.set(NIGHT + timedelta(minutes=10))
    assert "1 incident in their hands page again at once." in preview_leaving(house.jonas, clock.now())
    deactivate_person(actor=make_admin("ada"), person=house.jonas, reason="left", at=clock.now())
    run_job(job_id=Job.objects.get(kind="accounts.deactivate").pk)
    tick(clock, clock.now())
    alert.incident.refresh_from_db()
    assert (alert.incident.state, alert.incident.acknowledged_by) == ("triggered", None)
    assert pages() == [("02:05", "jonas"), ("02:15", "maeve")]
