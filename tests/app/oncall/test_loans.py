"""More memory at night is a loan: the next plan is told to pay it back (spec additions, runbooks)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from oncall.models import Incident, RunbookVersion
from oncall.services.runbooks import Used, draft_runbook, publish_runbook, record_use
from portal.engine.models import EngineEvent
from portal.engine.services.draining import drain_events
from requests_queue.models import PlanCandidate
from tests.app.oncall.house import NIGHT, WAKE, House, breaks

if TYPE_CHECKING:
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
SKEW, MEMORY, SALT = 0, 1, 2


def night_with_a_runbook(house: House, clock: MovableClock) -> tuple[Incident, RunbookVersion]:
    clock.set(NIGHT)
    house.agree("growth_daily", WAKE, at=NIGHT - timedelta(days=1))
    incident = breaks(house, "growth_daily", failure_kind="skew_oom").incident
    assert incident is not None
    draft = draft_runbook(actor=house.ines, asset=house.assets["growth_daily"], team=None, at=NIGHT)
    return incident, publish_runbook(actor=house.ines, runbook=draft.runbook, at=NIGHT)


def test_more_memory_that_worked_is_a_wish_due_in_a_quarter_and_only_once(house: House, clock: MovableClock) -> None:
    incident, version = night_with_a_runbook(house, clock)
    for outcome in ("did_not", "worked", "worked"):
        record_use(actor=house.jonas, version=version, used=Used(SKEW, MEMORY, outcome), incident=incident, at=NIGHT)
    while drain_events():
        assert not EngineEvent.objects.filter(failures__gt=0).exists()
    wish = PlanCandidate.objects.get(source_type="runbook_loan")
    assert (wish.title, wish.plan.team) == ("Pay back what growth_daily borrowed at night", house.core)
    assert wish.why.startswith(f"Borrowed for {incident.number}: Raise the executors' memory.")
    assert wish.why.endswith("Pay it back by 2027-05-05.")
    assert list(wish.assets.all()) == [house.assets["growth_daily"]]


def test_another_step_a_rehearsal_and_a_private_incident_borrow_nothing(house: House, clock: MovableClock) -> None:
    incident, version = night_with_a_runbook(house, clock)
    record_use(actor=house.jonas, version=version, used=Used(SKEW, SALT, "worked"), incident=incident, at=NIGHT)
    record_use(actor=house.jonas, version=version, used=Used(SKEW, MEMORY, "worked"), at=NIGHT)
    Incident.objects.filter(pk=incident.pk).update(is_private=True)
    record_use(actor=house.jonas, version=version, used=Used(SKEW, MEMORY, "worked"), incident=incident, at=NIGHT)
    assert not EngineEvent.objects.filter(topic="oncall.loan_taken").exists()
