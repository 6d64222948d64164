"""Talk, accept until, dismiss: what leads do about a crossing (spec ownership 7)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ownership.domain.crossing_states import FOLLOWS
from ownership.handlers.boundaries import AcceptanceEnds, CrossingSteps, TalkReminders
from ownership.models import Asset, Crossing, Domain, Ownership, Talk
from ownership.queries.sides import grouped
from ownership.services.crossing_acts import accept_crossing, dismiss_crossing
from ownership.services.refreshing import refresh_touched
from ownership.services.talks import Result, TalkDraft, close_talk, start_talk
from portal.core.errors import Conflict, DomainError, NotAllowed
from portal.engine.domain.drafts import DueDeadline
from portal.engine.domain.subjects import subject_of
from portal.engine.models import Deadline
from tests.world import make_person

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def erin(world: World) -> Person:
    """Leads Analytics."""
    return make_person("erin", team=world.analytics, discipline="DA", role="lead")


@pytest.fixture
def crossing(world: World, erin: Person, clock: MovableClock) -> Crossing:
    """Alice (data engineer) owns a metric of Analytics' domain."""
    del erin
    at = clock.now()
    domain = Domain.objects.create(name="Shop", slug="shop", lead_team=world.analytics)
    churn = Asset.objects.create(
        kind=30, slug="churn", name="churn", domain=domain, created_at=at, updated_at=at, attrs={}
    )
    Ownership.objects.create(
        asset=churn, person=world.alice, duty=1, rank=1, state="accepted", valid=(at, None), origin="portal",
        recorded_at=at,
    )  # fmt: skip
    refresh_touched(at=clock.now())
    return Crossing.objects.get()


def fired(handler: Any, row: Any, step: int, at: datetime) -> Any:
    return handler.fire([DueDeadline(5, "x", subject_of(row), step, at, {})], at=at)[5]


def test_a_boundary_is_a_pair_of_teams_not_a_person(world: World, crossing: Crossing, clock: MovableClock) -> None:
    (pair,) = grouped([crossing], clock.now())
    assert (pair.doing, pair.expected, pair.key) == (world.data_platform, world.analytics, "data-platform~analytics")


def test_accepting_counts_when_the_leads_of_both_teams_agree(
    world: World, erin: Person, crossing: Crossing, clock: MovableClock
) -> None:
    until = (clock.now() + timedelta(days=90)).date()
    one = accept_crossing(actor=world.alice, crossing=crossing, until=until, reason="move in Q3", at=clock.now())
    assert one.state == "open"
    both = accept_crossing(actor=erin, crossing=crossing, until=until, reason="move in Q3", at=clock.now())
    assert (both.state, both.accepted_until) == ("accepted", until)
    deadline = Deadline.objects.get(kind="ownership.crossing_acceptance", state="armed")
    assert deadline.due_at.date() == until + timedelta(days=1)


def test_another_day_asks_the_first_lead_again(
    world: World, erin: Person, crossing: Crossing, clock: MovableClock
) -> None:
    day = clock.now().date()
    accept_crossing(actor=world.alice, crossing=crossing, until=day + timedelta(days=9), reason="a", at=clock.now())
    row = accept_crossing(actor=erin, crossing=crossing, until=day + timedelta(days=8), reason="a", at=clock.now())
    assert (row.state, list(row.agreed_by.all())) == ("open", [erin])


def test_when_the_accepted_time_is_over_it_is_open_with_its_age(
    world: World, erin: Person, crossing: Crossing, clock: MovableClock
) -> None:
    opened = crossing.opened_at
    until = (clock.now() + timedelta(days=30)).date()
    for lead in (world.alice, erin):
        accept_crossing(actor=lead, crossing=crossing, until=until, reason="later", at=clock.now())
    at = clock.now() + timedelta(days=30)
    assert fired(CrossingSteps(), crossing, 30, at).outcome == "nothing"
    assert fired(AcceptanceEnds(), crossing, 0, at + timedelta(days=1)).outcome == "done"
    crossing.refresh_from_db()
    assert (crossing.state, crossing.reopened, crossing.opened_at) == ("open", 1, opened)
    told = fired(CrossingSteps(), crossing, 180, opened + timedelta(days=180))
    assert {notice.to.person_id for notice in told.notices} == {world.alice.pk, erin.pk}


@pytest.mark.parametrize("days", [0, -1, 181])
def test_a_day_too_near_or_too_far_is_refused(world: World, crossing: Crossing, clock: MovableClock, days: int) -> None:
    until = clock.now().date() + timedelta(days=days)
    with pytest.raises(DomainError) as refusal:
        accept_crossing(actor=world.alice, crossing=crossing, until=until, reason="later", at=clock.now())
    crossing.refresh_from_db()
    assert (refusal.value.field, crossing.state, crossing.accepted_until) == ("until", "open", None)


def test_who_leads_neither_team_decides_nothing(world: World, crossing: Crossing, clock: MovableClock) -> None:
    for stranger in (world.bob, world.carol, world.dave):
        with pytest.raises(NotAllowed):
            dismiss_crossing(actor=stranger, crossing=crossing, reason="no", at=clock.now())


def test_a_dismissed_rule_stays_away_and_is_not_brought_up(
    world: World, crossing: Crossing, clock: MovableClock
) -> None:
    dismiss_crossing(actor=world.alice, crossing=crossing, reason="does not fit here", at=clock.now())
    refresh_touched(at=clock.now())
    crossing.refresh_from_db()
    assert (crossing.state, crossing.note) == ("dismissed", "does not fit here")
    assert fired(CrossingSteps(), crossing, 30, clock.now()).outcome == "nothing"
    with pytest.raises(Conflict):
        dismiss_crossing(actor=world.alice, crossing=crossing, reason="again", at=clock.now())


def test_a_talk_stands_on_the_agenda_of_both_leads_until_it_has_a_result(
    world: World, erin: Person, crossing: Crossing, clock: MovableClock
) -> None:
    when = clock.now() + timedelta(days=3)
    draft = TalkDraft(world.data_platform, world.analytics, when, "churn")
    talk = start_talk(actor=world.alice, draft=draft, at=clock.now())
    crossing.refresh_from_db()
    assert (crossing.state, set(talk.attendees.all())) == ("talking", {world.alice, erin})
    reminder = Deadline.objects.get(kind="ownership.talk_reminder", state="armed")
    assert reminder.due_at == when - timedelta(days=1)
    told = fired(TalkReminders(), talk, 0, reminder.due_at).notices
    assert {notice.to.person_id for notice in told} == {world.alice.pk, erin.pk}
    with pytest.raises(Conflict):
        start_talk(actor=erin, draft=draft, at=clock.now())
    again = when + timedelta(days=7)
    close_talk(actor=erin, talk=talk, result=Result("none", "not yet", again), at=clock.now())
    assert Talk.objects.get(held_at=None).at == again
    close_talk(actor=erin, talk=Talk.objects.get(held_at=None), result=Result("none"), at=clock.now())
    crossing.refresh_from_db()
    assert crossing.state == "open"


def test_every_state_of_the_table_can_be_reached_and_ends() -> None:
    reached = {after for follows in FOLLOWS.values() for after in follows}
    assert reached == {"open", "talking", "handover", "accepted", "dismissed", "resolved"}
    assert all("resolved" in FOLLOWS[state] for state in ("open", "talking", "handover", "accepted", "dismissed"))
