"""The steps of a promise: who is told, once, and what an outage passes over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from portal.accounts.models import Organization
from portal.engine.models import Deadline, Notice
from portal.engine.services.firing import fire_batch
from requests_queue.models import DataRequest, SlaStepFire
from requests_queue.services.assigning import assign_request
from requests_queue.services.clocks import change_target
from requests_queue.services.filing import Filing, file_request
from requests_queue.services.ladder import STEP_NOTICE
from requests_queue.services.privacy import make_private
from requests_queue.services.triage import claim_for_triage
from requests_queue.services.working import resolve_request
from requests_queue.tasks import fire_sla_steps
from tests.app.oncall.house import make_house
from tests.app.requests_queue.desk import TUESDAY, accepted, filed, started
from tests.world import make_person

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def told() -> list[tuple[str, str]]:
    rows = Notice.objects.filter(kind=STEP_NOTICE).order_by("created_at", "recipient__handle")
    return [(row.context["percent"], row.recipient.handle) for row in rows if row.recipient]


def fires(kind: str) -> list[tuple[int, str]]:
    return list(SlaStepFire.objects.filter(clock__kind=kind).order_by("step").values_list("percent", "status"))


def test_nothing_is_told_before_half_of_the_time(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    accepted(world)
    clock.set(TUESDAY + timedelta(minutes=59))
    fire_batch(by="test")
    assert told() == []


def test_half_of_the_time_is_told_to_the_assignee(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    accepted(world)
    clock.set(TUESDAY + timedelta(minutes=61))
    fire_batch(by="test")
    assert told() == [("50", "alice")]
    assert Deadline.objects.filter(kind="requests.sla_step", state="armed").count() == 2


def test_a_breach_reaches_assignee_backup_and_lead(world: World, clock: MovableClock) -> None:
    erin = make_person("erin", team=world.data_platform)
    frank = make_person("frank", team=world.data_platform)
    clock.set(TUESDAY)
    request = accepted(world)
    assign_request(actor=world.alice, request=request, assignee=erin, at=TUESDAY)
    DataRequest.objects.update(backup=frank)
    clock.set(TUESDAY + 2 * HOUR + timedelta(seconds=1))
    fire_batch(by="test")
    first_reply = Notice.objects.filter(kind=STEP_NOTICE, context__promise="First reply")
    assert sorted(row.recipient.handle for row in first_reply if row.recipient) == ["alice", "erin", "frank"]


def test_after_an_outage_only_the_highest_step_is_told(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    accepted(world)
    clock.set(TUESDAY + 2 * HOUR + timedelta(minutes=1))
    fire_batch(by="test")
    assert fires("first_response") == [(50, "skipped"), (80, "skipped"), (100, "sent")]
    assert Notice.objects.get(kind=STEP_NOTICE, context__percent="100").context["passed"] == (
        " 50 %, 80 % passed before anybody could be told."
    )


def test_a_step_is_told_once_however_often_somebody_ticks(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    accepted(world)
    clock.set(TUESDAY + timedelta(minutes=61))
    for _ in range(3):
        fire_batch(by="test")
    assert told() == [("50", "alice")]


def test_a_promise_kept_in_time_is_told_to_nobody(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    request = started(world)
    resolve_request(actor=world.alice, request=request, result="Done", at=TUESDAY)
    clock.set(TUESDAY + timedelta(days=5))
    fire_batch(by="test")
    assert told() == []


def test_the_head_of_data_hears_of_twice_the_time(world: World, clock: MovableClock) -> None:
    head = make_person("hedy")
    Organization.objects.update(head_of_data=head)
    clock.set(TUESDAY)
    filed(world)
    clock.set(TUESDAY + 4 * HOUR + timedelta(seconds=1))
    fire_batch(by="test")
    assert ("200", "hedy") in told()


def test_a_longer_target_moves_the_steps_that_are_left(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    request = accepted(world)
    promise = request.clocks.get(kind="first_response")
    change_target(
        actor=world.alice, clock=promise, target_seconds=8 * 3600, reason="agreed with bob on the phone", at=TUESDAY
    )
    clock.set(TUESDAY + 3 * HOUR)
    fire_batch(by="test")
    assert fires("first_response") == []


def test_a_private_request_is_told_to_its_members_alone(world: World, clock: MovableClock) -> None:
    gina = make_person("gina", team=world.data_platform)
    clock.set(TUESDAY)
    request = filed(world)
    make_private(actor=world.bob, request=request, people=[gina], reason="legal matter", at=TUESDAY)
    clock.set(TUESDAY + 2 * HOUR + timedelta(seconds=1))
    fire_batch(by="test")
    notices = Notice.objects.filter(kind=STEP_NOTICE)
    assert {row.recipient.handle for row in notices if row.recipient} == {"bob", "gina"}
    assert all(set(row.context) == {"number", "url"} and row.is_private for row in notices)


def test_nobody_to_tell_is_marked_and_told_to_the_admins(world: World, clock: MovableClock, admin: object) -> None:
    clock.set(TUESDAY)
    filed(world, team=world.checkout)
    clock.set(TUESDAY + HOUR + timedelta(seconds=1))
    fire_batch(by="test")
    assert fires("first_response") == [(50, "unrouted")]
    assert told() == [("50", "root")]


def test_the_celery_task_fires_what_is_due(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    accepted(world)
    clock.set(TUESDAY + timedelta(minutes=61))
    fire_sla_steps()
    assert told() == [("50", "alice")]


def test_what_nobody_takes_for_triage_is_offered_to_the_second_of_the_rota(clock: MovableClock) -> None:
    house, filed_at = make_house(), datetime(2027, 2, 2, 9, 0, tzinfo=UTC)
    clock.set(filed_at)
    filing = Filing("question", "Why is growth lower than in finance", house.core)
    taken, waits = (file_request(actor=house.bea, filing=filing, at=filed_at) for _ in range(2))
    claim_for_triage(actor=house.kofi, request=taken, at=filed_at + 4 * HOUR + timedelta(minutes=20))
    clock.set(filed_at + 4 * HOUR + timedelta(minutes=31))  # half of the nine hours for a decision
    fire_batch(by="test")
    offered = Notice.objects.filter(kind=STEP_NOTICE, context__promise="Decision").order_by("recipient__handle")
    assert [(one.context["number"], one.recipient.handle) for one in offered if one.recipient] == [
        (waits.number, "jonas"), (taken.number, "kofi"), (waits.number, "maeve"),
    ]  # fmt: skip
    assert {one.context["number"] for one in offered if "Nobody has taken it" in one.context["passed"]} == {
        waits.number
    }
