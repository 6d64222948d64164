"""The page of an incident: whose shift it is, what was handed over, who could help; and what it costs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oncall.queries.runbooks import runbook_for
from oncall.services.incidents import acknowledge_incident, resolve_incident
from oncall.services.notes import write_shift_note
from oncall.services.runbooks import draft_runbook, publish_runbook
from tests.app.oncall.house import NIGHT, WAKE, House, breaks, run_until, tick
from tests.contract.doors import questions_of

if TYPE_CHECKING:
    from django.test import Client

    from oncall.models import Incident
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
AGO = timedelta(days=30)


def _broken(house: House, clock: MovableClock) -> Incident:
    """It breaks at night and pages; a month ago Maeve ended the same."""
    clock.set(NIGHT - AGO)
    house.agree("growth_daily", WAKE, at=NIGHT - AGO)
    earlier = breaks(house, "growth_daily", at=NIGHT - AGO, key="earlier").incident
    assert earlier is not None
    acknowledge_incident(actor=house.maeve, incident=earlier, at=NIGHT - AGO)
    resolve_incident(actor=house.maeve, incident=earlier, cause="fixed_cause", note="full disk", at=NIGHT - AGO)
    note_at = NIGHT - timedelta(hours=3)
    write_shift_note(actor=house.ines, rota=house.rota, text="Checkout deploys on Mondays.", at=note_at)
    clock.set(NIGHT)
    incident = breaks(house, "growth_daily").incident
    assert incident is not None
    tick(clock, NIGHT + timedelta(seconds=2))
    return incident


def _text(client: Client, person: Person, incident: Incident) -> str:
    client.force_login(person)
    return client.get(incident.get_absolute_url()).content.decode()


def test_the_holder_sees_the_own_shift_and_what_was_handed_over(
    house: House, clock: MovableClock, client: Client
) -> None:
    page = _text(client, house.jonas, _broken(house, clock))
    assert "Your shift" in page
    assert "Handover note from Ines" in page
    assert "Checkout deploys on Mondays." in page


def test_somebody_else_sees_who_is_on_call(house: House, clock: MovableClock, client: Client) -> None:
    page = _text(client, house.kofi, _broken(house, clock))
    assert "Your shift" not in page
    assert "Jonas Example, primary" in page


def test_who_ended_the_same_before_is_suggested_and_not_to_themselves(
    house: House, clock: MovableClock, client: Client
) -> None:
    incident = _broken(house, clock)
    assert '<option value="maeve">' in _text(client, house.jonas, incident)
    assert '<option value="maeve">' not in _text(client, house.maeve, incident)


def test_the_next_two_of_the_ladder_are_named_with_their_time(
    house: House, clock: MovableClock, client: Client
) -> None:
    page = _text(client, house.jonas, _broken(house, clock))
    assert "next is Maeve Example at 03:20, then Kofi Example at 03:35." in page


@pytest.mark.parametrize("after", [timedelta(seconds=2), timedelta(minutes=31)], ids=["at once", "before the lead"])
@pytest.mark.parametrize("viewer", ["jonas", "lucia"])
def test_the_page_asks_at_most_fifteen_questions(
    house: House, clock: MovableClock, client: Client, after: timedelta, viewer: str
) -> None:
    incident = _broken(house, clock)
    run_until(clock, NIGHT + after)
    _text(client, getattr(house, viewer), incident)
    with CaptureQueriesContext(connection) as asked:
        client.get(incident.get_absolute_url())
    assert questions_of(asked) - 1 <= 15


def test_a_runbook_of_another_asset_is_nobody_elses(house: House, clock: MovableClock) -> None:
    _broken(house, clock)
    board, team = house.assets["growth_board"], house.core
    draft = draft_runbook(actor=house.ruth, asset=board, team=None, at=NIGHT)
    publish_runbook(actor=house.ruth, runbook=draft.runbook, at=NIGHT)
    assert runbook_for(board.pk, team.pk) == draft
    assert runbook_for(house.assets["growth_daily"].pk, None) is None
    assert runbook_for(None, team.pk) is None
