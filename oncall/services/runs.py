"""Starting and stopping the ladder of an incident (spec oncall 6, engine calls of 11)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from oncall.domain.escalation import DEFAULT_STEPS, STEP_KIND, Position, delay_before, from_json, to_json
from oncall.models import EscalationPolicyVersion, EscalationRun, Incident
from portal.engine.domain.subjects import Subject
from portal.engine.services.arming import arm_deadline, cancel_deadlines

if TYPE_CHECKING:
    from datetime import datetime


def subject(incident: Incident) -> Subject:
    """The incident as the engine knows it."""
    return Subject("oncall.incident", incident.pk)


def start_run(*, incident: Incident, at: datetime, first_step: int = 0) -> EscalationRun:
    """Begin a ladder with the policy as it is now; its first step is due after its own delay. One runs at a time.

    Call it under the incident's lock.
    """
    stop_run(incident=incident, reason="a new run", at=at)
    version = EscalationPolicyVersion.objects.filter(policy__team=incident.team_id).order_by("-number").first()
    run = EscalationRun.objects.create(
        incident=incident, policy_version=version, snapshot=version.steps if version else to_json(DEFAULT_STEPS),
        repeat=version.repeat if version else 0, started_at=at,
    )  # fmt: skip
    run.step = min(first_step, len(run.snapshot) - 1)
    run.save(update_fields=["step"])
    position = Position(0, run.step)
    begins = at + timedelta(seconds=0 if first_step else delay_before(position, from_json(run.snapshot)))
    arm_deadline(
        actor=None, kind=STEP_KIND, subject=subject(incident), step=position.number(len(run.snapshot)), due_at=begins,
        payload={"run": run.pk}, at=at,
    )  # fmt: skip
    return run


def stop_run(*, incident: Incident, reason: str, at: datetime, actor: Any = None) -> None:
    """No further step of this incident fires. Idempotent."""
    EscalationRun.objects.filter(incident=incident, state="running").update(state="stopped", ended_at=at)
    cancel_deadlines(actor=actor, subject=subject(incident), kinds=[STEP_KIND], reason=reason, at=at)
