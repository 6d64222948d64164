"""What may become planned work: deferred requests, models out of questions, wishes of members and partners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import main_team
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from requests_queue.domain.plan import HIGHEST_DELAY
from requests_queue.models import PlanCandidate, PlanItem, RequestCluster
from requests_queue.policies import can_propose, can_rank
from requests_queue.queries.plans import deferred_without_a_plan
from requests_queue.services.plan_opening import next_open_plan, next_rank, open_to_change, touch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ownership.models import Asset
    from portal.accounts.models import Team
    from requests_queue.models import DataRequest, QuarterPlan

MODEL = "model_from_requests"
MOST_ASSETS = 50
MOST_MINUTES = 1_000_000


@dataclass(frozen=True)
class Wish:
    """A candidate as somebody proposes it; `cost_of_delay` None means that nobody said."""

    title: str
    why: str = ""
    estimate_minutes: int | None = None
    cost_of_delay: int | None = None
    assets: Sequence[Asset] = ()
    source_type: str = "member"
    source_id: int | None = None
    cluster: RequestCluster | None = None


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
    enter(actor=actor, plan=plan, candidate=candidate, at=at)
    return candidate


@transaction.atomic
def gather_deferred(*, actor: Any, team: Team, at: datetime) -> int:
    """Every public deferred request without a place in a plan becomes a candidate of the next one; returns how many."""
    waiting = list(deferred_without_a_plan(team).select_related("team", "requester", "requester_team").order_by("pk"))
    for request in waiting:
        nominate_candidate(actor=actor, request=request, at=at)
    return len(waiting)


@transaction.atomic
def add_candidate(*, actor: Any, team: Team, wish: Wish, at: datetime) -> PlanCandidate:
    """Propose work to a team's next open plan. Raises `NotAllowed`, or `DomainError` naming the field.

    A wish with a source (`source_type`, `source_id`) stands once in a plan: the same again gives the same row.
    """
    if actor is not None:
        require(can_propose(actor))
    _check(wish)
    plan = next_open_plan(actor=actor, team=team, at=at)
    if wish.source_id is not None:
        known = plan.candidates.filter(source_type=wish.source_type, source_id=wish.source_id).first()
        if known is not None:
            return known
    home = main_team(actor, local_day(actor, at)) if actor is not None else None
    candidate = PlanCandidate.objects.create(
        plan=plan, title=wish.title.strip(), why=wish.why.strip(), source_type=wish.source_type,
        source_id=wish.source_id, sponsor=actor, sponsor_team=home, estimate_minutes=wish.estimate_minutes,
        cost_of_delay=wish.cost_of_delay, cluster=wish.cluster, created_at=at,
    )  # fmt: skip
    candidate.assets.set(wish.assets)
    enter(actor=actor, plan=plan, candidate=candidate, at=at)
    return candidate


@transaction.atomic
def say_delay(*, actor: Any, candidate: PlanCandidate, cost: int, why: str, at: datetime) -> PlanCandidate:
    """What waiting costs, 1 to 5 with one sentence: by the sponsor, a requester behind it, or the lead."""
    plan = open_to_change(candidate.plan)
    standing = _open_candidate(plan, candidate)
    if standing.sponsor_id != actor.pk and not standing.requests.filter(requester=actor).exists():
        require(can_rank(actor, plan.team, at))
    if not 1 <= cost <= HIGHEST_DELAY:
        raise DomainError("plan.bad_delay", "From 1 (can wait) to 5 (costs every week).", "cost_of_delay")
    if not why.strip():
        raise DomainError("plan.no_reason", "Say in one sentence what waiting costs.", "why")
    before = {"cost_of_delay": standing.cost_of_delay}
    standing.cost_of_delay, standing.why = cost, why.strip()[:500]
    standing.save(update_fields=["cost_of_delay", "why"])
    touch(plan)
    record_audit(
        actor=actor, verb="requests.delay_said", subject=standing, before=before, after={"cost_of_delay": cost}, at=at
    )
    return standing


@transaction.atomic
def estimate_candidate(
    *, actor: Any, candidate: PlanCandidate, minutes: int, spread_minutes: int = 0, at: datetime
) -> PlanItem:
    """How much work it is, by the lead; it becomes the last line of the list if it is none yet."""
    require(can_rank(actor, candidate.plan.team, at))
    plan = open_to_change(candidate.plan)
    standing = _open_candidate(plan, candidate)
    if not 1 <= minutes <= MOST_MINUTES or not 0 <= spread_minutes <= minutes:
        raise DomainError("plan.bad_minutes", f"Between 1 and {MOST_MINUTES:,} minutes; the spread is less.", "minutes")
    standing.estimate_minutes, standing.spread_minutes = minutes, spread_minutes
    standing.save(update_fields=["estimate_minutes", "spread_minutes"])
    item = PlanItem.objects.filter(candidate=standing).first()
    if item is None:
        item = append_item(plan=plan, candidate=standing)
    else:
        item.minutes, item.spread_minutes = minutes, spread_minutes
        item.save(update_fields=["minutes", "spread_minutes"])
    touch(plan)
    record_audit(
        actor=actor, verb="requests.candidate_estimated", subject=standing, after={"minutes": minutes}, at=at
    )  # fmt: skip
    return item


def append_item(*, plan: QuarterPlan, candidate: PlanCandidate) -> PlanItem:
    """The candidate, which has an estimate, as the last line of the ranked list. Under the plan's lock."""
    if candidate.estimate_minutes is None:
        raise DomainError("plan.no_estimate", f"{candidate.number} needs an estimate first.", "minutes")
    return PlanItem.objects.create(
        plan=plan, rank=next_rank(plan), kind=MODEL if candidate.source_type == "cluster" else "project",
        title=candidate.title, minutes=candidate.estimate_minutes, spread_minutes=candidate.spread_minutes,
        candidate=candidate, adds_pipelines=candidate.adds_pipelines,
    )  # fmt: skip


def enter(*, actor: Any, plan: QuarterPlan, candidate: PlanCandidate, at: datetime) -> None:
    """A new candidate stands at the end of the list if it is estimated, beside it otherwise."""
    if candidate.estimate_minutes is not None:
        append_item(plan=plan, candidate=candidate)
    touch(plan)
    record_audit(
        actor=actor, verb="requests.candidate_nominated", subject=candidate, at=at,
        after={"plan": str(plan.quarter_start), "source": candidate.source_type},
    )  # fmt: skip


@transaction.atomic
def forget_request(*, request: DataRequest) -> int:
    """A request became private: what stood of it in plans and themes goes; returns how many candidates were touched.

    A candidate that stood on this request alone loses its text; open lines are taken off, locked ones keep minutes.
    No audit row of its own: it would tell the outside that something was here.
    """
    _leave_themes(request)
    touched = list(PlanCandidate.objects.filter(requests=request))
    for candidate in touched:
        candidate.requests.remove(request)
        if candidate.source_type == "request" and candidate.source_id == request.pk:
            _erase(candidate)
    cut = PlanCandidate.objects.filter(source_type="shortcut", source_id__in=request.shortcuts.values("pk"))
    for candidate in cut:
        _erase(candidate)
        touched.append(candidate)
    return len(touched)


def _leave_themes(request: DataRequest) -> None:
    """Out of every theme; one that was called by its words is called by another's, and an empty one is gone."""
    for cluster in RequestCluster.objects.filter(members__request=request):
        cluster.members.filter(request=request).delete()
        left = cluster.members.select_related("request").order_by("pk").first()
        if left is None:
            cluster.name, cluster.state = "A theme without questions", "gone"
        elif cluster.name == request.title[:200]:
            cluster.name = left.request.title[:200]
        cluster.save(update_fields=["name", "state"])


def _erase(candidate: PlanCandidate) -> None:
    item = PlanItem.objects.filter(candidate=candidate).select_related("plan").first()
    if item is None or item.plan.is_open:
        PlanItem.objects.filter(candidate=candidate).delete()
        candidate.votes.all().delete()
        candidate.delete()
        return
    item.title = candidate.title = "Work of the team"
    item.save(update_fields=["title"])
    candidate.why, candidate.source_id, candidate.source_type = "", None, "member"
    candidate.sponsor = candidate.sponsor_team = None
    candidate.save(update_fields=["title", "why", "source_id", "source_type", "sponsor", "sponsor_team"])


def _open_candidate(plan: QuarterPlan, candidate: PlanCandidate) -> PlanCandidate:
    standing = plan.candidates.select_for_update(of=("self",)).filter(pk=candidate.pk, status="open").first()
    if standing is None:
        raise Conflict("plan.locked", f"{candidate.number} has been decided.")
    return standing


def _check(wish: Wish) -> None:
    if not wish.title.strip() or len(wish.title.strip()) > 200:  # noqa: PLR2004 (the column's length)
        raise DomainError("plan.no_title", "A title of up to 200 characters.", "title")
    if len(wish.why) > 500:  # noqa: PLR2004 (the column's length)
        raise DomainError("plan.too_long", "At most 500 characters.", "why")
    if wish.estimate_minutes is not None and not 1 <= wish.estimate_minutes <= MOST_MINUTES:
        raise DomainError("plan.bad_minutes", f"Between 1 and {MOST_MINUTES:,} minutes.", "minutes")
    if wish.cost_of_delay is not None and not 1 <= wish.cost_of_delay <= HIGHEST_DELAY:
        raise DomainError("plan.bad_delay", "From 1 (can wait) to 5 (costs every week).", "cost_of_delay")
    if len(wish.assets) > MOST_ASSETS:
        raise DomainError("plan.too_many_assets", f"At most {MOST_ASSETS} assets.", "assets")
