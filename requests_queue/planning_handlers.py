"""What the engine calls when a date of a plan is reached, and the nightly run of the themes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.core import clock
from requests_queue.models import QuarterPlan
from requests_queue.policies import plans_visible_to
from requests_queue.services.clusters import refresh_all_clusters
from requests_queue.services.model_outcomes import fire_reviews
from requests_queue.services.plan_finding import gather_for_open_plans
from requests_queue.services.plan_opening import refresh_open_plans
from requests_queue.services.plan_steps import fire_plan_steps

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from portal.engine.domain.drafts import DueDeadline, FireResult, NoticeFacts
    from portal.engine.registries import JobProgress


class PlanSteps:
    """Deadlines of kind `requests.plan_step`: the dates of a plan."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        return fire_plan_steps(deadlines=deadlines, at=at)


class ModelReviews:
    """Deadlines of kind `requests.model_review`: whether the questions behind a model fell."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        return fire_reviews(deadlines=deadlines, at=at)


class PlanSubject:
    """Notices about a plan: everybody reads it, and reading one changes nothing."""

    def lock(self, subject_id: int, *, nowait: bool) -> Any:
        return QuarterPlan.objects.select_for_update(nowait=nowait).filter(pk=subject_id).first()

    def acknowledge(self, subject: Any, *, actor: Any, at: datetime) -> Collection[str]:
        del subject, actor, at
        return ()

    def visible_to(self, user: Any, subject_ids: Collection[int]) -> set[int]:
        return set(plans_visible_to(user).filter(pk__in=subject_ids).values_list("pk", flat=True))

    def delivery_dead(self, subject_id: int, notice: NoticeFacts, *, at: datetime) -> None:
        """The plan stands on its page; the next reminder tells again."""


def run_clusters(_args: Mapping[str, Any], _progress: JobProgress) -> dict[str, Any]:
    """The nightly job: themes of every team, the suggested upkeep of open plans, and what the portal proposes."""
    at = clock.now()
    return {
        "teams": refresh_all_clusters(at=at), "plans": refresh_open_plans(at=at),
        "gathered": gather_for_open_plans(at=at),
    }  # fmt: skip
