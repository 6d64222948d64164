"""When a crossing that persists is brought up: 30, 90 and 180 days, and the end of an acceptance (spec ownership 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ownership.domain.scores import step_instants
from portal.engine.domain.drafts import DeadlineDraft
from portal.engine.domain.subjects import Subject
from portal.engine.models import Deadline
from portal.engine.services.arming import arm_deadlines

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ownership.models import Crossing

STEP, ACCEPTANCE = "ownership.crossing_step", "ownership.crossing_acceptance"
TYPE = "ownership.crossing"


def arm_steps(*, crossings: Iterable[Crossing], at: datetime) -> None:
    """One deadline a step that is still to come."""
    drafts = [
        DeadlineDraft(STEP, Subject(TYPE, row.pk), due_at, step=days)
        for row in crossings
        for days, due_at in step_instants(row.opened_at).items()
        if due_at > at
    ]
    arm_deadlines(drafts=drafts, at=at)


def cancel_steps(*, crossings: Iterable[Crossing], at: datetime) -> None:
    """The crossing has ended: nothing about it is brought up any more."""
    ids = [row.pk for row in crossings]
    if ids:
        Deadline.objects.filter(state="armed", subject_type=TYPE, subject_id__in=ids).update(
            state="cancelled", cancelled_at=at, cancel_reason="ended"
        )


def cancel_acceptance(*, crossings: Iterable[Crossing], at: datetime) -> None:
    """The accepted time no longer counts."""
    rows = Deadline.objects.filter(state="armed", kind=ACCEPTANCE, subject_id__in=[row.pk for row in crossings])
    rows.update(state="cancelled", cancelled_at=at, cancel_reason="dismissed")
