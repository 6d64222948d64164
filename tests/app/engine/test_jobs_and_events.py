"""Long work under a lease, events in order, periodic work that cannot be forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from portal.core import registries as core
from portal.core.clock import now
from portal.core.errors import DomainError
from portal.engine import registries as engine
from portal.engine.domain.subjects import Subject
from portal.engine.models import Deadline, EngineEvent, Job, Notice
from portal.engine.services.draining import drain_events
from portal.engine.services.enqueueing import enqueue_job
from portal.engine.services.events import publish_event
from portal.engine.services.hinting import Hinter
from portal.engine.services.inbound import claim_inbound, receive_inbound, settle_inbound
from portal.engine.services.periodic import ensure_periodic
from portal.engine.services.sweeping import sweep
from portal.engine.services.ticking import tick
from portal.engine.services.working import run_job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.app.engine.house import House
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard(house: House) -> Iterator[list[tuple[int, Any]]]:
    """What the handler of `house.changed` was told; a payload `{"bad": true}` makes it raise."""
    told: list[tuple[int, Any]] = []

    def handle(*, subject: Subject, payload: dict[str, Any], at: Any) -> None:
        del at
        if payload.get("bad"):
            raise ZeroDivisionError
        told.append((subject.id, payload["n"]))

    with core.reopened():
        core.register_topic("house.changed", "house.thing", {"n": 1})
        engine.register_event_handler("house.changed", "listener", handle)
        engine.register_job_kind("house.work", _work)
        engine.register_periodic("house.nightly", job_kind="house.work", every_seconds=3600)
        yield told


def _work(args: Any, progress: engine.JobProgress) -> dict[str, Any]:
    progress.tell(done=1)
    if args.get("fail"):
        raise ZeroDivisionError
    return {"sum": sum(args.get("numbers", []))}


def _publish(number: int, **payload: Any) -> int:
    return publish_event(
        actor=None, topic="house.changed", subject=Subject("house.thing", number), payload=payload, at=now()
    )


def test_two_events_of_one_subject_both_arrive_in_order(heard: list[tuple[int, Any]]) -> None:
    for n in (1, 2, 3):
        assert _publish(7, n=n) == 1
    while drain_events():
        pass
    assert (heard, EngineEvent.objects.count()) == ([(7, 1), (7, 2), (7, 3)], 0)


def test_a_failing_event_holds_back_its_own_subject_only(heard: list[tuple[int, Any]]) -> None:
    _publish(1, bad=True)
    _publish(1, n=2)
    _publish(2, n=3)
    while drain_events():
        pass
    assert heard == [(2, 3)]
    head = EngineEvent.objects.order_by("id")[0]
    assert (head.failures, head.last_error) == (1, "ZeroDivisionError: ")
    assert Notice.objects.filter(context__code="event_failed").count() == 1


def test_a_failed_event_is_tried_again_before_its_successors(heard: list[tuple[int, Any]], clock: MovableClock) -> None:
    _publish(1, bad=True)
    _publish(1, n=2)
    drain_events()
    EngineEvent.objects.filter(payload__bad=True).update(payload={"n": 1})
    clock.advance(seconds=61)
    while drain_events():
        pass
    assert heard == [(1, 1), (1, 2)]


def test_an_unknown_topic_is_refused(heard: list[tuple[int, Any]]) -> None:
    with pytest.raises(DomainError, match="topic"):
        publish_event(actor=None, topic="no.such", subject=Subject("x", 1), payload={}, at=now())


def test_a_job_runs_once_and_keeps_its_result(heard: list[tuple[int, Any]]) -> None:
    job = enqueue_job(actor=None, kind="house.work", args={"numbers": [1, 2]}, at=now())
    assert run_job(job_id=job.pk) is not None
    assert run_job(job_id=job.pk) is None
    job.refresh_from_db()
    assert (job.state, job.result, job.progress) == ("done", {"sum": 3}, {"done": 1})


def test_a_live_unique_key_gives_the_first_job(heard: list[tuple[int, Any]]) -> None:
    jobs = [enqueue_job(actor=None, kind="house.work", unique_key="one", at=now()) for _ in range(2)]
    assert jobs[0].pk == jobs[1].pk
    run_job()
    assert enqueue_job(actor=None, kind="house.work", unique_key="one", at=now()).pk != jobs[0].pk


def test_a_failing_job_is_tried_three_times_then_alarms(heard: list[tuple[int, Any]], clock: MovableClock) -> None:
    job = enqueue_job(actor=None, kind="house.work", args={"fail": True}, at=now())
    for _ in range(4):
        run_job()
        clock.advance(seconds=400)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == ("failed", 3, "ZeroDivisionError: ")
    assert Notice.objects.filter(context__code="job_failed").count() == 1


def test_a_job_whose_runner_died_is_queued_again(heard: list[tuple[int, Any]], clock: MovableClock) -> None:
    job = enqueue_job(actor=None, kind="house.work", at=now())
    Job.objects.filter(pk=job.pk).update(
        state="running", attempts=1, lease_until=now(), lease_token="0190a000-0000-7000-8000-000000000001"
    )
    clock.advance(seconds=1)
    sweep(hinter=Hinter())
    assert run_job() is not None
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 2)


def test_missed_runs_of_periodic_work_collapse_into_one(heard: list[tuple[int, Any]], clock: MovableClock) -> None:
    assert ensure_periodic(at=now()) >= 1
    assert ensure_periodic(at=now()) == 0
    clock.advance(hours=5)
    tick(component="engine")
    assert Job.objects.filter(kind="house.work").count() == 1
    due = Deadline.objects.get(kind="engine.periodic", state="armed", payload__name="house.nightly").due_at
    assert 3590 < (due - clock.now()).total_seconds() <= 3600


def test_an_inbound_message_is_kept_once_and_given_up_after_five_tries(house: House) -> None:
    at = now()
    first = receive_inbound(source="alerts:x", message_id="1", body={"a": 1}, at=at)
    again = receive_inbound(source="alerts:x", message_id="1", body={"a": 1}, at=now())
    assert (first[1], again) == (True, (first[0], False))
    for _ in range(5):
        (message,) = claim_inbound(source="alerts:x")
        settle_inbound(message=message, error="no such asset")
    assert claim_inbound(source="alerts:x") == []
