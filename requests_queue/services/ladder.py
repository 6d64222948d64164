"""Firing the steps of promises: set-based, from the events, each step once for ever (spec sla 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.engine.domain.drafts import DeadlineDraft, FireResult, NoticeDraft, Recipient
from portal.engine.domain.subjects import subject_of
from requests_queue.domain.ladder import Due, due_steps, steps_of
from requests_queue.domain.states import State
from requests_queue.models import SlaClock, SlaStepFire
from requests_queue.queries.audience import DESK_BACKUP, Directory, told_of
from requests_queue.queries.clocks import planned_steps, readings_of
from requests_queue.services.clocks import STEP_KIND
from requests_queue.services.telling import context_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from portal.engine.domain.drafts import DueDeadline
    from requests_queue.domain.ladder import Step
    from requests_queue.queries.audience import Told
    from requests_queue.queries.clocks import Reading

STEP_NOTICE = "requests.sla_step"
OUTAGE = "outage"
UNTAKEN = " Nobody has taken it for triage; whoever stands by may take it."
RELATED = (
    "policy_version", "request", "request__team", "request__team__parent", "request__requester", "request__assignee",
)  # fmt: skip
PROMISES = {
    "first_response": "First reply", "decision": "Decision", "resolution": "Result", "next_update": "Next word",
}  # fmt: skip


@dataclass(frozen=True)
class Rung:
    """A clock whose deadline fell due, with what it owes."""

    reading: Reading
    planned: Mapping[int, datetime | None]
    due: Due


def fire_due_steps(*, deadlines: Sequence[DueDeadline], at: datetime) -> dict[int, FireResult]:
    """Tell the highest step that each clock has reached, store the lower ones as passed over, arm the next.

    Runs in the engine's transaction; locks the clocks and skips those that somebody else has, which stay armed.
    A clock that moved meanwhile is only armed again. Re-evaluated from events, never from the cached columns.
    """
    ids = {deadline.subject.id: deadline.id for deadline in deadlines}
    rows = SlaClock.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=ids)
    clocks = list(rows.select_related(*RELATED).order_by("id"))
    fired = _fired(clocks)
    rungs = [_rung(reading, fired.get(reading.clock.pk, set()), at) for reading in readings_of(clocks, at)]
    directory = Directory(at)
    told = {rung.reading.clock.pk: _told(rung, directory) for rung in rungs}
    SlaStepFire.objects.bulk_create([row for rung in rungs for row in _rows(rung, told[rung.reading.clock.pk], at)])
    for rung in rungs:
        rung.reading.clock.next_step = rung.due.next.index if rung.due.next else None
    SlaClock.objects.bulk_update([rung.reading.clock for rung in rungs], ["next_step"])
    results = {ids[rung.reading.clock.pk]: _result(rung, told[rung.reading.clock.pk]) for rung in rungs}
    gone = set(ids) - set(SlaClock.objects.filter(pk__in=ids).values_list("pk", flat=True))
    return results | {ids[pk]: FireResult("nothing", "the clock is gone") for pk in gone}


def _rung(reading: Reading, fired: Collection[int], at: datetime) -> Rung:
    planned = planned_steps(reading.view)
    is_live = reading.view.state in {"running", "paused"}
    steps = steps_of(reading.clock.policy_version.ladder) if is_live else ()
    return Rung(reading, planned, due_steps(steps, planned, fired, at))


def _told(rung: Rung, directory: Directory) -> Told | None:
    if rung.due.told is None:
        return None
    audience = (*rung.due.told.audience, DESK_BACKUP) if _is_untaken(rung.reading.clock) else rung.due.told.audience
    return told_of(rung.reading.clock.request, audience, directory)


def _is_untaken(clock: SlaClock) -> bool:
    """Nobody has taken it for triage while the decision runs out: whoever stands by is asked (spec requests 5)."""
    return clock.kind == "decision" and clock.request.state == State.NEW and clock.request.assignee_id is None


def _rows(rung: Rung, told: Told | None, at: datetime) -> list[SlaStepFire]:
    if rung.due.told is None or told is None:
        return []
    skipped = [_row(rung, step, at, status="skipped", skip_reason=OUTAGE) for step in rung.due.skipped]
    status = "unrouted" if told.is_unrouted else "sent"
    return [*skipped, _row(rung, rung.due.told, at, status=status, audience=list(told.people))]


def _row(
    rung: Rung, step: Step, at: datetime, *, status: str, audience: list[int] | None = None, skip_reason: str = ""
) -> SlaStepFire:
    return SlaStepFire(
        clock=rung.reading.clock, step=step.index, percent=step.percent, planned_at=rung.planned[step.index] or at,
        fired_at=at, audience=audience or [], status=status, skip_reason=skip_reason,
    )  # fmt: skip


def _result(rung: Rung, told: Told | None) -> FireResult:
    clock, step = rung.reading.clock, rung.due.told
    following = rung.due.next and rung.planned[rung.due.next.index]
    deadlines = (DeadlineDraft(STEP_KIND, subject_of(clock), following),) if following else ()
    if step is None or told is None:
        return FireResult("nothing", "the clock has moved", deadlines=deadlines)
    recipients = [Recipient(person_id=pk) for pk in told.people] or ([] if clock.request.is_private else [Recipient()])
    notices = tuple(_notice(rung, step, to) for to in recipients)
    return FireResult("done", f"{step.percent} %", notices=notices, deadlines=deadlines)


def _notice(rung: Rung, step: Step, to: Recipient) -> NoticeDraft:
    clock = rung.reading.clock
    request = clock.request
    passed = ", ".join(f"{lower.percent} %" for lower in rung.due.skipped)
    offer = UNTAKEN if _is_untaken(clock) else ""
    context = context_of(request, _line(rung)) | {
        "promise": PROMISES[clock.kind], "percent": str(step.percent),
        "passed": (f" {passed} passed before anybody could be told." if passed else "") + offer,
    }  # fmt: skip
    if request.is_private:
        context = context_of(request, "")
    return NoticeDraft(
        STEP_NOTICE, f"{STEP_NOTICE}:{clock.pk}:c{clock.cycle}:s{step.index}:{to.key}", subject_of(clock), to, "warn",
        context, is_private=request.is_private,
    )  # fmt: skip


def _line(rung: Rung) -> str:
    due_at = rung.reading.view.due_at
    when = f"{due_at:%a %d %b %H:%M} UTC" if due_at else "when it goes on"
    return f"was due {when}" if rung.reading.view.is_breached else f"is due {when}"


def _fired(clocks: Sequence[SlaClock]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for clock_id, step in SlaStepFire.objects.filter(clock__in=clocks).values_list("clock_id", "step"):
        found.setdefault(clock_id, set()).add(step)
    return found
