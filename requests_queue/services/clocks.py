"""Every change of a clock: an event, the cache worked out again, the next step armed (spec sla 4, 6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.drafts import DeadlineDraft
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadlines, cancel_deadlines
from portal.engine.services.notices import settle_notices
from requests_queue.domain.ladder import steps_of
from requests_queue.domain.sla_clock import reopened_target
from requests_queue.models import ClockEvent, DataRequest, SlaClock, SlaStepFire
from requests_queue.policies import can_judge_clock
from requests_queue.queries.clocks import events_of, planned_steps, read_clock
from requests_queue.queries.promises import target_of
from requests_queue.services.summing import sum_again

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from requests_queue.queries.promises import Expected

STEP_KIND = "requests.sla_step"
LEAST_TARGET = 60
LEAST_REASON, MOST_REASON = 20, 500
CACHED = ["state", "elapsed_seconds", "allowance_seconds", "due_at", "breach_at", "stopped_at", "next_step",
          "is_excused"]  # fmt: skip


@dataclass(frozen=True)
class Happening:
    """What happens to some clocks: who, when it occurred, why."""

    kind: str
    actor: Any
    occurred_at: datetime
    reason: str = ""
    data: dict[str, Any] = field(default_factory=dict)


def start_clocks(*, actor: Any, request: DataRequest, expected: Expected, at: datetime) -> list[SlaClock]:
    """The clocks that were promised, to the second; inside the transaction of filing."""
    fresh = [
        SlaClock(
            request=request, kind=promise.kind, policy_version=expected.policy_version,
            calendar_version=expected.calendar_version, start_at=at, target_seconds=promise.target_seconds,
            allowance_seconds=promise.target_seconds,
        )
        for promise in expected.promises
    ]  # fmt: skip
    _begin(fresh, actor, at)
    if request.due_at != expected.first_due:
        order_of_lists(fresh)
    return fresh


def restart_clock(
    *, actor: Any, request: DataRequest, kind: str, factor: float | None = None, at: datetime
) -> SlaClock:
    """A new cycle of one clock, under the versions of its last one; `factor` shortens it to at least an hour."""
    last = request.clocks.filter(kind=kind).select_related("policy_version").order_by("-cycle").first()
    pattern = last or request.clocks.select_related("policy_version").order_by("id")[0]
    target = target_of(pattern.policy_version, kind, request.promised_as)
    if factor is not None:
        target = reopened_target(target, factor)
    clock = SlaClock(
        request=request, kind=kind, cycle=last.cycle + 1 if last else 1, policy_version=pattern.policy_version,
        calendar_version=pattern.calendar_version, start_at=at, target_seconds=target, allowance_seconds=target,
    )  # fmt: skip
    _begin([clock], actor, at)
    order_of_lists([clock])
    return clock


def pause_clocks(*, actor: Any, request: DataRequest, state: str, reason: str, at: datetime) -> None:
    """Resolution and next update stand still from `at`, where the policy counts `state` as a pause."""
    clocks = [
        clock
        for clock in live_clocks(request, ("resolution", "next_update"))
        if clock.state == "running" and state in clock.policy_version.pause_states
    ]
    record(clocks, Happening("pause", actor, at, reason, {"reason": state}), at=at)


def resume_clocks(*, actor: Any, request: DataRequest, reason: str, at: datetime) -> None:
    """What stood still runs again from `at`."""
    clocks = [clock for clock in live_clocks(request) if clock.state == "paused"]
    record(clocks, Happening("resume", actor, at, reason), at=at)


def stop_clocks(*, actor: Any, request: DataRequest, kinds: Collection[str], reason: str, at: datetime) -> None:
    """These promises are kept or broken now; nothing happens to clocks that have ended."""
    record(live_clocks(request, kinds), Happening("stop", actor, at, reason), at=at)


def cancel_clocks(*, actor: Any, request: DataRequest, reason: str, at: datetime) -> None:
    """All open promises are taken back; they count in no figure."""
    record(live_clocks(request), Happening("cancel", actor, at, reason), at=at)


@transaction.atomic
def change_target(*, actor: Any, clock: SlaClock, target_seconds: int, reason: str, at: datetime) -> SlaClock:
    """Another target from now on: what was counted stands, a recorded breach stands (spec sla 4.4).

    Locks the clock. Raises `DomainError` for a target under a minute or a reason under 20 characters.
    """
    standing = _judged(actor, clock, reason, at)
    if not standing.is_live:
        raise Conflict("sla.clock_closed", "This clock has ended; its target stands.")
    if target_seconds < LEAST_TARGET:
        raise DomainError("sla.bad_target", "A promise is at least one minute.", "target_seconds")
    change_running_target(actor=actor, clock=standing, target_seconds=target_seconds, reason=reason, at=at)
    _audit(actor, standing, "requests.target_changed", reason, at)
    return standing


def shorten_targets(*, actor: Any, request: DataRequest, targets: Mapping[str, int], reason: str, at: datetime) -> None:
    """Running clocks of these kinds get a shorter target from now on; a longer one changes nothing (spec sla 4.4).

    Inside a transaction; the request is locked.
    """
    for clock in live_clocks(request, list(targets)):
        if targets[clock.kind] < clock.target_seconds:
            change_running_target(actor=actor, clock=clock, target_seconds=targets[clock.kind], reason=reason, at=at)


def change_running_target(*, actor: Any, clock: SlaClock, target_seconds: int, reason: str, at: datetime) -> None:
    """Another target of a locked running clock; the ratchet keeps what was counted."""
    data = {"target_seconds": target_seconds, "grace_seconds": clock.policy_version.grace_seconds}
    record([clock], Happening("target_changed", actor, at, reason, data), at=at)


@transaction.atomic
def excuse_breach(*, actor: Any, clock: SlaClock, reason: str, at: datetime) -> SlaClock:
    """The breach stays; figures show it beside the excused ones. Locks the clock; a reason has 20 characters."""
    standing = _judged(actor, clock, reason, at)
    if standing.breach_at is None or standing.breach_at > at:
        raise Conflict("sla.not_breached", "This promise is not broken; there is nothing to excuse.")
    record([standing], Happening("excuse", actor, at, reason), at=at)
    sum_again(request=standing.request, at=at)
    _audit(actor, standing, "requests.breach_excused", reason, at)
    return standing


def live_clocks(request: DataRequest, kinds: Collection[str] | None = None) -> list[SlaClock]:
    """The running and paused clocks of a request under lock, first filed first."""
    rows = request.clocks.select_for_update(of=("self",)).filter(state__in=["running", "paused"])
    if kinds is not None:
        rows = rows.filter(kind__in=kinds)
    return list(rows.select_related("policy_version").order_by("id"))


def record(clocks: Sequence[SlaClock], happening: Happening, *, at: datetime) -> None:
    """Append one event to each clock, work its cache out again and arm its next step. Clocks are locked."""
    if not clocks:
        return
    standing = events_of(clocks)
    fresh = [
        ClockEvent(
            clock=clock, seq=len(standing[clock.pk]) + 1, kind=happening.kind, occurred_at=happening.occurred_at,
            recorded_at=at, actor=happening.actor, reason=happening.reason[:MOST_REASON], data=happening.data,
        )
        for clock in clocks
    ]  # fmt: skip
    ClockEvent.objects.bulk_create(fresh)
    refresh_clocks(actor=happening.actor, clocks=clocks, at=at)
    order_of_lists(clocks)


def refresh_clocks(*, actor: Any, clocks: Sequence[SlaClock], at: datetime) -> None:
    """Store what the events say, and arm one deadline for each clock that runs towards a step."""
    events = events_of(clocks)
    fired = _fired(clocks)
    drafts = []
    for clock in clocks:
        view = read_clock(clock, events[clock.pk], at)
        clock.state, clock.elapsed_seconds, clock.allowance_seconds = (
            view.state, view.elapsed_seconds, view.allowance_seconds,
        )  # fmt: skip
        clock.due_at, clock.breach_at = view.due_at, view.breach_at
        ends = [event.occurred_at for event in events[clock.pk] if event.kind in {"stop", "cancel"}]
        clock.stopped_at = ends[0] if ends else None
        clock.is_excused = any(event.kind == "excuse" for event in events[clock.pk])
        drafts += _next_step(clock, planned_steps(view), fired.get(clock.pk, set()))
    SlaClock.objects.bulk_update(clocks, CACHED)
    keep = {draft.subject.id for draft in drafts}
    for clock in clocks:
        if clock.pk not in keep:
            cancel_deadlines(
                actor=actor, subject=subject_of(clock), kinds=[STEP_KIND], reason=f"clock {clock.state}", at=at
            )
        if not clock.is_live:
            settle_notices(actor=actor, subject=subject_of(clock), reason=f"clock {clock.state}", at=at)
    arm_deadlines(drafts=drafts, at=at)


def order_of_lists(clocks: Iterable[SlaClock]) -> None:
    """Keep `DataRequest.due_at` at the earliest due instant of its running clocks."""
    ids = {clock.request_id for clock in clocks}
    soonest: dict[int, datetime] = {}
    rows = SlaClock.objects.filter(request_id__in=ids, state="running").exclude(due_at=None)
    for request_id, due_at in rows.values_list("request_id", "due_at"):
        if due_at is None:
            continue
        soonest[request_id] = min(due_at, soonest.get(request_id, due_at))
    for request_id, due_at in soonest.items():
        DataRequest.objects.filter(pk=request_id).exclude(due_at=due_at).update(due_at=due_at)


def _begin(clocks: list[SlaClock], actor: Any, at: datetime) -> None:
    SlaClock.objects.bulk_create(clocks)
    ClockEvent.objects.bulk_create([
        ClockEvent(
            clock=clock, seq=1, kind="start", occurred_at=at, recorded_at=at, actor=actor,
            data={"target_seconds": clock.target_seconds, "calendar": clock.calendar_version_id},
        )
        for clock in clocks
    ])  # fmt: skip
    refresh_clocks(actor=actor, clocks=clocks, at=at)


def _next_step(clock: SlaClock, planned: dict[int, datetime | None], fired: set[int]) -> list[DeadlineDraft]:
    """The lowest unfired step; a step of the past is due at once and the handler picks the highest."""
    clock.next_step = None
    if not clock.is_live:
        return []
    ahead = [step for step in steps_of(clock.policy_version.ladder) if step.index not in fired]
    for step in ahead:
        due_at = planned.get(step.index)
        if due_at is not None:
            clock.next_step = step.index
            return [DeadlineDraft(STEP_KIND, subject_of(clock), due_at)]
    return []


def _fired(clocks: Iterable[SlaClock]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    ids = [clock.pk for clock in clocks]
    for clock_id, step in SlaStepFire.objects.filter(clock_id__in=ids).values_list("clock_id", "step"):
        found.setdefault(clock_id, set()).add(step)
    return found


def _judged(actor: Any, clock: SlaClock, reason: str, at: datetime) -> SlaClock:
    require(can_judge_clock(actor, clock.request, at))
    if not LEAST_REASON <= len(reason.strip()) <= MOST_REASON:
        raise DomainError("sla.reason_too_short", "Say why in 20 to 500 characters.", "reason")
    return SlaClock.objects.select_for_update(of=("self",)).select_related("policy_version", "request").get(pk=clock.pk)


def _audit(actor: Any, clock: SlaClock, verb: str, reason: str, at: datetime) -> None:
    record_audit(
        actor=actor, verb=verb, subject=clock.request, reason=reason, at=at,
        after={"clock": clock.kind, "cycle": clock.cycle, "due_at": clock.due_at and clock.due_at.isoformat()},
        compartment=clock.request.number if clock.request.is_private else "",
    )  # fmt: skip
