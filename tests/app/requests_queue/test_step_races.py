"""Two engines and two workers at one step: it fires once, and each person is told once (spec sla 15.8)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from portal.accounts.services.teams import TeamProfile, create_team
from portal.core import clock
from portal.core.services.calendars import create_calendar, publish_calendar_version
from portal.engine.models import Notice
from portal.engine.services.firing import fire_batch
from requests_queue.models import SlaStepFire
from requests_queue.services.ladder import STEP_NOTICE
from requests_queue.tasks import fire_sla_steps
from tests.app.requests_queue.desk import filed
from tests.app.requests_queue.test_ledger_races import together
from tests.world import BEFORE, make_person, make_world

if TYPE_CHECKING:
    from portal.accounts.models import Team

pytestmark = pytest.mark.django_db(transaction=True)
# In the suite and in `make test-full`.
ROUNDS = (8, pytest.param(200, marks=pytest.mark.slow))
PAST_HALF = timedelta(minutes=61)  # of the two hours until the first reply to a question


def round_the_clock() -> Team:
    """A team whose hours never end, with two leads, so that the race may run at any hour."""
    calendar = create_calendar(actor=None, name="Always", at=BEFORE)
    publish_calendar_version(
        actor=None, calendar=calendar, weekly={}, exceptions={}, zone="UTC", always_open=True, at=BEFORE
    )
    team = create_team(actor=None, slug="night", profile=TeamProfile(name="Night", calendar_id=calendar.pk), at=BEFORE)
    for handle in ("erin", "frank"):
        make_person(handle, team=team, role="lead")
    return team


@pytest.mark.parametrize("rounds", ROUNDS)
def test_two_engines_and_two_workers_fire_one_step_once_and_tell_each_person_once(rounds: int) -> None:
    world, team = make_world(), round_the_clock()
    for _ in range(rounds):
        request = filed(world, team=team, at=clock.now() - PAST_HALF)
        tickers = (lambda: fire_batch(by="one"), lambda: fire_batch(by="two"))
        assert together(*tickers, fire_sla_steps, fire_sla_steps) == ["ok"] * 4
        assert list(SlaStepFire.objects.filter(clock__request=request).values_list("step", "percent", "status")) == [
            (0, 50, "sent")
        ]
        told = Notice.objects.filter(kind=STEP_NOTICE, subject_id__in=request.clocks.values("pk"))
        heard = sorted(row.recipient.handle for row in told.select_related("recipient") if row.recipient)
        assert heard == ["erin", "frank"]
