"""Acknowledging in a race with the next step: after the commit nothing is claimed (engine F11, spec H30)."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction

from oncall.domain.escalation import STEP_KIND
from oncall.models import EscalationRun, Incident
from oncall.services.incidents import acknowledge_incident
from portal.core import clock
from portal.engine.models import Attempt, Deadline, Delivery
from portal.engine.services.delivering import deliver
from portal.engine.services.firing import Selection, fire_batch
from tests.app.oncall.house import WAKE, House, breaks, make_house

if TYPE_CHECKING:
    from collections.abc import Callable


def _race(house: House, incident: Incident) -> Any:
    """One thread acknowledges, another fires the due step and sends what it made; the instant after the commit."""
    gate = threading.Barrier(2)
    faults: list[Exception] = []
    done: list[Any] = []

    def run(act: Callable[[], None]) -> None:
        try:
            gate.wait(5)
            act()
        except Exception as fault:  # noqa: BLE001 (handed to the test)
            faults.append(fault)
        finally:
            connection.close()

    def fire() -> None:
        fired = fire_batch(selection=Selection(only=[STEP_KIND]), by="race")
        deliver(delivery_ids=[str(pk) for pk, _ in fired.due])

    def acknowledge() -> None:
        acknowledge_incident(actor=house.jonas, incident=incident, at=clock.now())
        with connection.cursor() as cursor:
            cursor.execute("SELECT portal_now()")
            done.append(cursor.fetchone()[0])

    threads = [threading.Thread(target=run, args=(act,)) for act in (fire, acknowledge)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert faults == []
    return done[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("races", [100, pytest.param(1000, marks=pytest.mark.slow)])
def test_nothing_is_claimed_after_the_acknowledge_committed(races: int) -> None:
    house = make_house()
    at = clock.now()
    house.agree("growth_daily", WAKE, at=at - timedelta(days=1))
    for number in range(races):
        with transaction.atomic():
            incident = breaks(house, "growth_daily", key=f"race-{number}", at=clock.now()).incident
        assert incident is not None
        done_at = _race(house, incident)
        late = Attempt.objects.filter(phase="claimed", at__gt=done_at, delivery__notice__subject_id=incident.pk)
        queued = Delivery.objects.filter(notice__subject_id=incident.pk, notice__kind="oncall.page", state="queued")
        armed = Deadline.objects.filter(subject_id=incident.pk, kind=STEP_KIND, state="armed")
        running = EscalationRun.objects.filter(incident=incident, state="running")
        state = Incident.objects.get(pk=incident.pk).state
        assert (state, late.count(), queued.count(), armed.count(), running.count()) == ("acknowledged", 0, 0, 0, 0)
        Incident.objects.filter(pk=incident.pk).update(state="resolved", resolved_at=clock.now(), cause="fixed_cause")
