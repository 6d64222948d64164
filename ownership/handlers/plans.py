"""Plans as the engine sees them: deadlines, subjects of notices, an event and a job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership.models import ChangePlan, PlanTrigger, Reference
from ownership.policies import plans as policy
from ownership.services.plan_deadlines import fire_plans, fire_references
from ownership.services.references import collect_of_source
from ownership.services.triggers import follow_runs
from portal.core import clock

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from portal.engine.domain.drafts import DueDeadline, FireResult, NoticeFacts
    from portal.engine.domain.subjects import Subject
    from portal.engine.registries import JobProgress


class PlanDeadlines:
    """Deadlines of kind `ownership.plan_due`."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        return fire_plans(deadlines=deadlines, at=at)


class ReferenceDeadlines:
    """Deadlines of kind `ownership.reference_due`."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        return fire_references(deadlines=deadlines, at=at)


class _ReadOnlySubject:
    """Notices that change nothing by being read; everybody who reads the register sees their subject."""

    model: Any = None

    def lock(self, subject_id: int, *, nowait: bool) -> Any:
        return self.model.objects.select_for_update(nowait=nowait).filter(pk=subject_id).first()

    def acknowledge(self, subject: Any, *, actor: Any, at: datetime) -> Collection[str]:
        del subject, actor, at
        return ()

    def visible_to(self, user: Any, subject_ids: Collection[int]) -> set[int]:
        return set(subject_ids) if policy.visible_to(user).exists() else set()

    def delivery_dead(self, subject_id: int, notice: NoticeFacts, *, at: datetime) -> None:
        """It stands on the page of the plan."""


class PlanSubject(_ReadOnlySubject):
    model = ChangePlan


class ReferenceSubject(_ReadOnlySubject):
    model = Reference


class TriggerSubject(_ReadOnlySubject):
    model = PlanTrigger


def after_import(*, subject: Subject, payload: Mapping[str, Any], at: datetime) -> None:
    """The topic `ownership.import_applied`: plans look at their references again."""
    del subject
    collect_of_source(source_id=payload["source"], at=at)


def run_following(args: Mapping[str, Any], progress: JobProgress) -> Mapping[str, Any]:
    """The job `ownership.follow_runs`, every minute."""
    del args, progress
    return follow_runs(at=clock.now())
