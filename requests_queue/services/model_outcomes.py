"""Did the model help? One look after the settling time, then one a month for a year (spec budget 6.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from portal.engine.domain.drafts import FireResult
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import arm_deadline
from requests_queue.domain.outcomes import BASELINE_DAYS, SETTLING_DAYS, Asked, judge
from requests_queue.models import ModelOutcome, PlanItem
from requests_queue.queries.clusters import asked_between, median_minutes
from requests_queue.queries.plan_chain import wish_behind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.engine.domain.drafts import DueDeadline

REVIEW_KIND = "requests.model_review"
MONTH = timedelta(days=30)
LOOKS = 12


def begin_watching(*, item: PlanItem, at: datetime) -> None:
    """Arm the looks of a line that came out of questions; other lines are not watched. In ship_line's transaction."""
    wish = wish_behind(item)
    if wish is None or wish.cluster is None:
        return
    cluster = wish.cluster
    cluster.state = "shipped"
    cluster.save(update_fields=["state"])
    for step in range(1, LOOKS + 1):
        due_at = at + timedelta(days=SETTLING_DAYS) + MONTH * step
        arm_deadline(actor=None, kind=REVIEW_KIND, subject=subject_of(item), step=step, due_at=due_at, at=at)


@transaction.atomic
def look_at_outcome(*, item: PlanItem, at: datetime) -> ModelOutcome | None:
    """Count the questions before the proposal and after the settling time, and keep the verdict as a row.

    None for a line that did not come out of questions or has not shipped. Idempotent for one instant.
    """
    wish = wish_behind(item)
    if wish is None or wish.cluster is None or item.ended_at is None or item.state != "done":
        return None
    cluster, proposed, shipped = wish.cluster, wish.created_at, item.ended_at
    settled = shipped + timedelta(days=SETTLING_DAYS)
    before = Asked(asked_between(cluster, proposed - timedelta(days=BASELINE_DAYS), proposed), BASELINE_DAYS)
    days = max(0, (at - settled).days)
    after = Asked(asked_between(cluster, settled, at) if days else 0, days)
    verdict = judge(before, after, median_minutes(cluster))
    made, _ = ModelOutcome.objects.get_or_create(
        item=item, looked_at=at,
        defaults={
            "cluster": cluster, "proposed_at": proposed, "shipped_at": shipped, "before": before.count,
            "before_days": before.days, "after": after.count, "after_days": after.days,
            "probability": verdict.probability, "verdict": verdict.word, "minutes_saved": verdict.minutes_saved,
        },
    )  # fmt: skip
    return made


def fire_reviews(*, deadlines: Sequence[DueDeadline], at: datetime) -> dict[int, FireResult]:
    """The monthly looks, for the engine."""
    rows = PlanItem.objects.select_related("candidate__cluster").in_bulk([one.subject.id for one in deadlines])
    results = {}
    for deadline in deadlines:
        item = rows.get(deadline.subject.id)
        made = look_at_outcome(item=item, at=at) if item is not None else None
        results[deadline.id] = FireResult("done" if made is not None else "nothing")
    return results
