"""What may become planned work: deferred requests, models out of questions, wishes of members and partners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max

from portal.core.services.audit import record_audit
from requests_queue.models import PlanCandidate, PlanItem
from requests_queue.services.plan_opening import next_open_plan

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.models import DataRequest, QuarterPlan

MODEL = "model_from_requests"


@transaction.atomic
def nominate_candidate(*, actor: Any, request: DataRequest, at: datetime) -> PlanCandidate | None:
    """Make a deferred request a candidate of its team's next open plan; the same request again gives the same row.

    None for a private request: plans are public, so it waits without a candidate (spec budget 14.19). Locks the plan.
    """
    if request.is_private:
        return None
    standing = PlanCandidate.objects.filter(source_type="request", source_id=request.pk, status="open").first()
    if standing is not None:
        return standing
    plan = next_open_plan(actor=actor, team=request.team, at=at)
    candidate = PlanCandidate.objects.create(
        plan=plan, title=request.title, why=request.decision_served[:500], source_type="request", source_id=request.pk,
        sponsor=request.requester, sponsor_team=request.requester_team, estimate_minutes=request.estimate_minutes,
        created_at=at,
    )  # fmt: skip
    candidate.requests.add(request)
    candidate.assets.set(request.assets.values_list("asset_id", flat=True).distinct())
    _enter(actor, plan, candidate, at)
    return candidate


def append_item(*, plan: QuarterPlan, candidate: PlanCandidate) -> PlanItem | None:
    """The candidate as the last line of the ranked list; none while nobody has estimated it. Under the plan's lock."""
    if candidate.estimate_minutes is None:
        return None
    last = PlanItem.objects.filter(plan=plan).aggregate(last=Max("rank"))["last"] or 0
    return PlanItem.objects.create(
        plan=plan, rank=last + 1, kind=MODEL if candidate.source_type == "cluster" else "project",
        title=candidate.title, minutes=candidate.estimate_minutes, spread_minutes=candidate.spread_minutes,
        candidate=candidate, adds_pipelines=candidate.adds_pipelines,
    )  # fmt: skip


def _enter(actor: Any, plan: QuarterPlan, candidate: PlanCandidate, at: datetime) -> None:
    append_item(plan=plan, candidate=candidate)
    record_audit(
        actor=actor, verb="requests.candidate_nominated", subject=candidate, at=at,
        after={"plan": str(plan.quarter_start), "source": candidate.source_type},
    )  # fmt: skip
