"""Health, auditor, canary, watchdog: the engine notices when it does not keep its promise."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.db.models import F

from portal.core.clock import now
from portal.core.domain.signatures import sign
from portal.engine.channels.canary import canary_secret
from portal.engine.models import Deadline, Delivery, EngineControl, Heartbeat, Notice
from portal.engine.queries.health import engine_health
from portal.engine.services import ticking
from portal.engine.services.auditing import audit
from portal.engine.services.canary import ensure_canary
from portal.engine.services.ticking import JumpGuard, run_tick, tick
from portal.engine.services.watching import Watchdog
from tests.app.engine.house import KIND

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tests.app.engine.house import House
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db


def test_a_ticking_engine_is_well_and_a_silent_one_says_why(house: House, clock: MovableClock) -> None:
    tick(component="engine")
    assert engine_health(now()).reasons == ()
    clock.advance(seconds=16)
    assert engine_health(now()).reasons == ("tick_age",)


def test_health_names_overdue_unrouted_and_pause(
    house: House, arm: Callable[..., Deadline], clock: MovableClock
) -> None:
    house.ways.unreachable = {house.alice.pk}
    arm(1)
    tick(component="engine")
    arm(2)
    clock.advance(seconds=61)
    EngineControl.objects.update(is_paused=True)
    tick(component="engine")
    reasons = engine_health(now()).reasons
    assert reasons == ("deadlines_overdue", "deliveries_overdue", "unrouted", "paused")


def test_the_auditor_finds_nothing_in_a_sound_house(house: House, arm: Callable[..., Deadline]) -> None:
    tick(component="engine")
    audit()
    arm()
    tick(component="engine")
    assert audit() == []


def test_the_auditor_finds_and_alarms_what_lies_overdue(
    house: House, arm: Callable[..., Deadline], clock: MovableClock
) -> None:
    audit()
    arm()
    Deadline.objects.exclude(kind=KIND).update(run_at=F("run_at") + timedelta(hours=1))  # periodic work rests
    clock.advance(seconds=45)
    assert [(finding.invariant, finding.count) for finding in audit()] == [("I1", 1)]
    assert Notice.objects.filter(context__code="invariant_I1").count() == 1


def test_an_open_page_without_a_way_is_found_and_the_room_steps_on(
    house: House, arm: Callable[..., Deadline], clock: MovableClock
) -> None:
    arm()
    tick(component="engine")
    audit()
    page = Notice.objects.get(kind="house.page")
    Delivery.objects.filter(notice=page).update(state="dead")
    clock.advance(seconds=45)
    assert "I2" in [finding.invariant for finding in audit()]
    page.refresh_from_db()
    assert (page.state, house.things.dead) == ("exhausted", [1])


def test_a_leap_of_the_clock_holds_firing_and_alarms(
    house: House, arm: Callable[..., Deadline], clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticking, "_guard", JumpGuard())
    arm(seconds=120)
    run_tick(component="engine")
    clock.advance(minutes=10)
    assert run_tick(component="engine").halted == "held"
    assert Notice.objects.filter(context__code="clock_jump").count() == 1
    assert Deadline.objects.get(kind="house.step").state == "armed"
    EngineControl.objects.update(held_until=now())
    assert run_tick(component="engine").fired >= 1


def test_nobody_waits_for_the_future_of_a_clock_that_went_back(house: House, arm: Callable[..., Deadline]) -> None:
    arm()
    EngineControl.objects.update(held_until=now() + timedelta(minutes=10))
    ticked = run_tick(component="engine")
    assert (ticked.halted, ticked.fired >= 1) == ("", True)


def test_the_canary_is_a_real_deadline_and_delivery_to_our_own_web(house: House, clock: MovableClock) -> None:
    ensure_canary(at=now())
    clock.advance(seconds=61)
    tick(component="engine")
    row = Delivery.objects.get(channel="canary")
    assert json.loads(row.address)["url"].endswith("/engine/canary")
    assert Deadline.objects.filter(kind="engine.canary", state="armed").count() == 1


def test_a_canary_that_lands_leaves_its_lag_and_a_forged_one_nothing(house: House, client: Client) -> None:
    stamp = int(time.time())
    body = json.dumps({"text": now().isoformat()}).encode()
    headers = {"webhook-id": "1", "webhook-timestamp": str(stamp)}
    forged = headers | {"webhook-signature": "v1,AAAA"}
    honest = headers | {"webhook-signature": sign(canary_secret(), "1", stamp, body)}
    codes = [
        client.post("/engine/canary", body, content_type="application/json", headers=given).status_code
        for given in (forged, honest)
    ]
    assert codes == [401, 204]
    assert 0 <= Heartbeat.objects.get(component="canary").detail["lag_seconds"] < 60


def test_the_watchdog_alarms_once_repeats_and_tells_recovery(
    house: House, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def _keep(text: str) -> bool:
        told.append(text)
        return True

    watchdog = Watchdog()
    monkeypatch.setattr(watchdog, "_post", _keep)
    for second in (1000.0, 1020.0, 1030.0, 1040.0, 1950.0):
        watchdog.round(second)
    tick(component="engine")
    watchdog.round(1960.0)
    alarm = "Headwater: Nothing looks at the deadlines. Start the engine: alerts go out late, none is lost."
    assert told == [alarm, alarm, "Headwater: all is well again"]


def test_a_watchdog_that_starts_with_the_engine_waits_for_its_first_look(
    house: House, arm: Callable[..., Deadline], clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    watchdog = Watchdog()
    monkeypatch.setattr(watchdog, "_post", told.append)
    arm()
    clock.advance(hours=8)
    watchdog.round(0.0)
    tick(component="engine")
    watchdog.round(10.0)
    watchdog.round(30.0)
    assert told == []


def test_a_watchdog_without_a_way_out_knows_it(house: House) -> None:
    assert Watchdog().has_way_out is False


def test_the_watchdogs_role_reads_health_and_no_address(house: House, arm: Callable[..., Deadline]) -> None:
    arm()
    tick(component="engine")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_column_privilege('headwater_watch', 'engine_delivery', 'run_at', 'SELECT'),"
            " has_column_privilege('headwater_watch', 'engine_delivery', 'address', 'SELECT'),"
            " has_column_privilege('headwater_watch', 'engine_notice', 'context', 'SELECT'),"
            " has_table_privilege('headwater_watch', 'engine_control', 'SELECT, UPDATE') AND"
            " has_table_privilege('headwater_watch', 'engine_control', 'UPDATE')"
        )
        assert cursor.fetchone() == (True, False, False, False)
