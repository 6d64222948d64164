"""T1: what is due fires once, together with everything that follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from portal.core.clock import now
from portal.core.errors import DomainError
from portal.engine.domain.subjects import Subject
from portal.engine.models import Deadline, Delivery, Notice
from portal.engine.registries import DeadlineKind, deadline_kinds
from portal.engine.services.arming import arm_deadline, cancel_deadlines
from portal.engine.services.firing import fire_batch
from portal.engine.services.ticking import tick
from tests.app.engine.house import KIND, TYPE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.app.engine.house import House
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db


def _kinds() -> dict[str, DeadlineKind]:
    return deadline_kinds._entries


def _with(kind: str, **changes: Any) -> DeadlineKind:
    entry = deadline_kinds.get(kind)
    assert entry is not None
    return replace(entry, **changes)


def test_a_due_deadline_becomes_a_notice_with_its_deliveries(house: House, arm: Callable[..., Deadline]) -> None:
    deadline = arm()
    tick(component="engine")
    deadline.refresh_from_db()
    notice = Notice.objects.get(deadline=deadline)
    assert (deadline.state, deadline.outcome, deadline.fired_by.split(":")[0]) == ("fired", "done", "engine")
    assert (notice.recipient, notice.state, notice.dedup_key) == (
        house.alice, "open", f"house.page:house.thing.1:v1:s0:user.{house.alice.pk}",
    )  # fmt: skip
    ways = Delivery.objects.filter(notice=notice).order_by("channel").values_list("channel", "state")
    assert list(ways) == [("inbox", "delivered"), ("phone", "queued")]


def test_nothing_fires_before_its_time(house: House, arm: Callable[..., Deadline], clock: MovableClock) -> None:
    arm(seconds=60)
    tick(component="engine")
    assert Notice.objects.count() == 0
    clock.advance(seconds=61)
    tick(component="engine")
    assert Notice.objects.filter(recipient=house.alice).count() == 1


def test_one_call_of_the_handler_serves_a_whole_batch(house: House, arm: Callable[..., Deadline]) -> None:
    for number in range(1, 21):
        arm(number)
    assert fire_batch(by="engine:x:1").taken == 20
    assert house.steps.calls == [20]


def test_a_poison_row_delays_only_itself(house: House, arm: Callable[..., Deadline]) -> None:
    rows = [arm(number) for number in range(1, 6)]
    house.steps.poison = {3}
    tick(component="engine")
    states = [Deadline.objects.get(pk=row.pk).state for row in rows]
    assert states == ["fired", "fired", "armed", "fired", "fired"]
    poison = Deadline.objects.get(pk=rows[2].pk)
    assert (poison.failures, poison.last_error) == (1, "ZeroDivisionError: poison")
    assert Notice.objects.filter(kind="engine.alarm", recipient=house.bob).count() == 1


def test_the_fifth_failure_reaches_the_fallback_and_alarms_stay_two(
    house: House, arm: Callable[..., Deadline], clock: MovableClock
) -> None:
    arm(3)
    house.steps.poison = {3}
    for _ in range(6):
        tick(component="engine")
        clock.advance(seconds=901)
    codes = Notice.objects.filter(kind="engine.alarm").order_by("created_at").values_list("context__code", flat=True)
    assert list(codes) == ["handler_failed", "deadline_unhandled"]


def test_a_busy_subject_is_left_armed_for_a_second(house: House, arm: Callable[..., Deadline]) -> None:
    deadline = arm(7)
    house.steps.busy = {7}
    tick(component="engine")
    deadline.refresh_from_db()
    assert (deadline.state, deadline.failures, deadline.run_at > deadline.due_at) == ("armed", 0, True)


def test_nobody_to_tell_means_the_fallback_is_told_and_an_alarm_raised(
    house: House, arm: Callable[..., Deadline]
) -> None:
    house.ways.unreachable = {house.alice.pk}
    arm()
    tick(component="engine")
    page = Notice.objects.get(recipient=house.bob, kind="house.page")
    assert (page.is_unrouted, page.state) == (True, "open")
    assert Notice.objects.filter(kind="engine.alarm", context__code="unrouted").count() == 1


def test_the_same_dedup_key_tells_once(house: House, arm: Callable[..., Deadline]) -> None:
    arm()
    tick(component="engine")
    arm()
    tick(component="engine")
    assert Notice.objects.filter(recipient=house.alice).count() == 1


def test_a_step_arms_its_successor_in_the_same_transaction(house: House, arm: Callable[..., Deadline]) -> None:
    house.steps.last_step = 2
    arm()
    tick(component="engine")
    assert list(Deadline.objects.filter(kind=KIND, state="armed").values_list("step", flat=True)) == [1]


def test_arming_another_time_cancels_the_row_before(house: House, arm: Callable[..., Deadline]) -> None:
    first, again, second = arm(seconds=60), arm(seconds=60), arm(seconds=120)
    first.refresh_from_db()
    assert (first.state, first.cancel_reason, second.state) == ("cancelled", "moved", "armed")
    assert again.pk != second.pk


def test_cancelling_touches_one_subject_only(house: House, arm: Callable[..., Deadline]) -> None:
    arm(1, seconds=60)
    arm(2, seconds=60)
    count = cancel_deadlines(actor=None, subject=Subject(TYPE, 1), reason="done", at=now())
    assert (count, Deadline.objects.filter(kind=KIND, state="armed").get().subject_id) == (1, 2)


@pytest.mark.parametrize("payload", [{"x": "y" * 9000}, {"x": "\x00"}, {"x": "\ud800"}, {"x": float("nan")}])
def test_a_payload_that_cannot_be_kept_is_refused(house: House, payload: dict[str, object]) -> None:
    at = now()
    with pytest.raises(DomainError):
        arm_deadline(actor=None, kind=KIND, subject=house.thing(), due_at=at, payload=payload, at=at)
    assert Deadline.objects.filter(kind=KIND).count() == 0


def test_an_instant_without_zone_is_refused(house: House) -> None:
    at = now()
    with pytest.raises(DomainError, match="zone"):
        arm_deadline(actor=None, kind=KIND, subject=house.thing(), due_at=at.replace(tzinfo=None), at=at)


def test_an_unknown_kind_is_refused_at_arming(house: House) -> None:
    at = now()
    with pytest.raises(DomainError, match="No room"):
        arm_deadline(actor=None, kind="no.such", subject=house.thing(), due_at=at, at=at)


def test_a_late_reminder_expires_and_only_the_highest_step_is_told(
    house: House, arm: Callable[..., Deadline], clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadlines = [arm(1, step=step, seconds=step * 60) for step in range(3)]
    monkeypatch.setitem(_kinds(), KIND, _with(KIND, catch_up="highest"))
    clock.advance(hours=8)
    tick(component="engine")
    outcomes = [Deadline.objects.get(pk=row.pk).outcome for row in deadlines]
    assert outcomes == ["skipped", "skipped", "done"]
    assert Notice.objects.get(recipient=house.alice).context == {"what": "step 2"}


def test_a_reminder_past_its_use_is_not_sent(
    house: House, arm: Callable[..., Deadline], clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadline = arm()
    monkeypatch.setitem(_kinds(), KIND, _with(KIND, catch_up="expire", expire_after=timedelta(hours=1)))
    clock.advance(hours=2)
    tick(component="engine")
    deadline.refresh_from_db()
    assert (deadline.outcome, Notice.objects.count()) == ("expired", 0)
