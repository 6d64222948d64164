"""Firing the steps of ladders: resolved when they fire, never cut short by silence (spec oncall 6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from oncall.domain.escalation import STEP_KIND, Position, delay_before, following, from_json
from oncall.domain.incident_states import State
from oncall.models import EscalationRun, Incident
from oncall.queries.incidents import told_by
from oncall.queries.targets import Meant, duty_of
from oncall.services.moving import note_event
from oncall.services.runs import subject
from oncall.services.wording import page_context
from portal.accounts.queries.people import fallback_recipients
from portal.engine.domain.alarms import alarm_drafts
from portal.engine.domain.catch_up import rebased
from portal.engine.domain.drafts import DeadlineDraft, FireResult, NoticeDraft, Recipient

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from oncall.domain.escalation import Step
    from oncall.models import IncidentEvent
    from oncall.queries.incidents import Ladder
    from oncall.queries.targets import Duty
    from portal.engine.domain.drafts import DueDeadline

PAGE_KIND = "oncall.page"
MOST_SHOWN = 2


@dataclass
class _Climb:
    """What one firing does: it goes on by itself past steps that reach nobody."""

    incident: Incident
    run: EscalationRun
    steps: Sequence[Step]
    duty: Duty
    at: datetime
    told: set[int] = field(default_factory=set)
    notices: list[NoticeDraft] = field(default_factory=list)
    named: list[str] = field(default_factory=list)


def fire_steps(*, deadlines: Sequence[DueDeadline], at: datetime) -> dict[int, FireResult]:
    """Page the targets of each due step and arm the next one.

    Runs in the engine's transaction; locks the incidents and leaves out those that somebody else has. A step whose
    incident is no longer paging ends as `nothing`.
    """
    ids = [deadline.subject.id for deadline in deadlines]
    rows = Incident.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=ids)
    incidents = {row.pk: row for row in rows.select_related("team", "rota", "root_asset").order_by("pk")}
    runs = {run.incident_id: run for run in EscalationRun.objects.filter(incident__in=incidents, state="running")}
    results = {}
    for deadline in deadlines:
        incident = incidents.get(deadline.subject.id)
        if incident is not None:
            results[deadline.id] = _fire(deadline, incident, runs.get(incident.pk), at)
    gone = set(ids) - set(Incident.objects.filter(pk__in=ids).values_list("pk", flat=True))
    return results | {each.id: FireResult("nothing", "gone") for each in deadlines if each.subject.id in gone}


def _fire(deadline: DueDeadline, incident: Incident, run: EscalationRun | None, at: datetime) -> FireResult:
    if run is None or run.pk != deadline.payload.get("run") or incident.state != State.TRIGGERED:
        return FireResult("nothing", f"it is {incident.state}")
    climb = _Climb(incident, run, from_json(run.snapshot), duty_of(incident, at), at, _told(incident, run))
    position = Position(run.loop, run.step)
    reached = _page(climb, position)
    after = following(position, climb.steps, run.repeat)
    while not reached and after is not None:
        climb.notices += _alarm(climb, position)
        position = after
        reached = _page(climb, position)
        after = following(position, climb.steps, run.repeat)
    if not reached:
        climb.notices += _alarm(climb, position)
    if not climb.named:
        climb.notices.append(_notice(climb, position, Recipient(), "page"))
    return _written(climb, after, rebased(deadline.due_at, at))


def _page(climb: _Climb, position: Position) -> bool:
    """Tell the targets of a step; whether one of them has a way that wakes."""
    step = climb.steps[position.step]
    meant = climb.duty.meant(step.targets, climb.told)
    for each in meant:
        to = Recipient(person_id=each.person_id) if each.person_id is not None else Recipient(endpoint=each.endpoint)
        climb.notices.append(_notice(climb, position, to, step.severity))
        climb.named.append(each.name)
    climb.told |= {each.person_id for each in meant if each.person_id is not None}
    return any(each.wakes for each in meant)


def _notice(climb: _Climb, position: Position, to: Recipient, severity: Any) -> NoticeDraft:
    key = f"{PAGE_KIND}:incident.{climb.incident.pk}:r{climb.run.pk}:v{position.loop}:s{position.step}:{to.key}"
    return NoticeDraft(
        PAGE_KIND, key, subject(climb.incident), to, severity, page_context(climb.incident),
        is_private=climb.incident.is_private,
    )  # fmt: skip


def _alarm(climb: _Climb, position: Position) -> list[NoticeDraft]:
    """The operators hear that a step reached nobody; the page itself has gone on."""
    targets = ", ".join(target.kind.replace("_", " ") for target in climb.steps[position.step].targets)
    text = f"{climb.incident.number}: nobody could be woken as {targets}. The next step fired at once."
    ref = f"incident.{climb.incident.pk}:r{climb.run.pk}:v{position.loop}:s{position.step}"
    found = [
        Recipient(person_id=row.person_id) if row.person_id else Recipient(endpoint=f"endpoint:{row.endpoint_id}")
        for row in fallback_recipients()
    ]
    return [planned.draft for planned in alarm_drafts("oncall_step_unreached", ref, text, found)]


def _written(climb: _Climb, after: Position | None, base: datetime) -> FireResult:
    note_event(
        actor=None, incident=climb.incident, kind="paged", at=climb.at,
        data={"to": climb.named, "people": sorted(climb.told), "run": climb.run.pk},
    )  # fmt: skip
    run = climb.run
    if after is None:
        run.state, run.ended_at = "finished", climb.at
        run.save(update_fields=["state", "ended_at"])
        return FireResult("done", "the ladder is at its end", notices=tuple(climb.notices))
    run.loop, run.step = after.loop, after.step
    run.save(update_fields=["loop", "step"])
    due = base + timedelta(seconds=delay_before(after, climb.steps))
    number = after.number(len(climb.steps))
    following_step = DeadlineDraft(STEP_KIND, subject(climb.incident), due, number, {"run": run.pk})
    return FireResult("done", notices=tuple(climb.notices), deadlines=(following_step,))


def _told(incident: Incident, run: EscalationRun) -> set[int]:
    return told_by(run, incident.events.filter(kind="paged", data__run=run.pk))


def next_people(
    duty: Duty, ladder: Ladder, events: Iterable[IncidentEvent], most: int = MOST_SHOWN
) -> list[tuple[datetime, list[Meant]]]:
    """What the page says will happen: the first steps to come that tell somebody, with their instants.

    `events` is the timeline, which says who was told. Writes nothing.
    """
    run, steps = ladder.run, from_json(ladder.run.snapshot)
    told = told_by(run, events)
    position: Position | None = Position(run.loop, run.step)
    due = ladder.due_at or duty.at
    found: list[tuple[datetime, list[Meant]]] = []
    for _ in steps:
        if position is None or len(found) == most:
            break
        meant = duty.meant(steps[position.step].targets, told)
        told |= {each.person_id for each in meant if each.person_id is not None}
        if meant:
            found.append((due, meant))
        position = following(position, steps, run.repeat)
        due += timedelta(seconds=delay_before(position, steps) if position is not None else 0)
    return found
