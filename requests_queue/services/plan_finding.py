"""Candidates that the portal proposes by itself: boundaries, migrations, incidents, pre-checks, loans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from ownership.models import Asset
from requests_queue.models import PlanCandidate, QuarterPlan
from requests_queue.queries.plan_sources import found_work
from requests_queue.services.candidates import MOST_ASSETS, Wish, add_candidate
from requests_queue.services.plan_opening import next_open_plan, touch

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Team
    from requests_queue.domain.found_work import Found


@transaction.atomic
def gather_found(*, actor: Any, team: Team, at: datetime) -> int:
    """What the portal sees stands beside the list of the team's next open plan, without an estimate; says how many.

    The same twice gives the same rows: a known one gets the newest figures while nobody has made it theirs. What is
    in work, or was refused in the last half year, stays away. Locks the plan.
    """
    del actor
    found = found_work(team, at)
    if not found:
        return 0
    plan = next_open_plan(actor=None, team=team, at=at)
    known = {(one.source_type, one.source_id): one for one in plan.candidates.exclude(source_id=None)}
    for one in found:
        if one.source in known:
            _renew(plan, known[one.source], one)
    waiting = PlanCandidate.objects.filter(plan__team=team, status="open").exclude(source_id=None)
    elsewhere = set(waiting.values_list("source_type", "source_id"))
    for one in found:
        if one.source not in known and one.source not in elsewhere:
            _propose(team, one, at)
    return len(found)


@transaction.atomic
def gather_for_open_plans(*, at: datetime) -> int:
    """The same for every team with a plan that is still open; returns how many teams. For the nightly run."""
    plans = QuarterPlan.objects.filter(state__in=["draft", "open_for_input"]).select_related("team")
    teams = {plan.team_id: plan.team for plan in plans.order_by("pk")}
    for team in teams.values():
        gather_found(actor=None, team=team, at=at)
    return len(teams)


def _propose(team: Team, one: Found, at: datetime) -> None:
    source_type, source_id = one.source
    wish = Wish(
        one.title[:200], one.why[:500], assets=_assets(one), source_type=source_type, source_id=source_id
    )  # fmt: skip
    add_candidate(actor=None, team=team, wish=wish, at=at)


def _renew(plan: QuarterPlan, standing: PlanCandidate, one: Found) -> None:
    """Newer figures and assets; the title and everything people said stay."""
    if standing.status != "open" or standing.sponsor_id is not None:
        return
    standing.assets.set(one.assets[:MOST_ASSETS])
    if standing.why != one.why[:500] and standing.cost_of_delay is None:
        standing.why = one.why[:500]
        standing.save(update_fields=["why"])
        touch(plan)


def _assets(one: Found) -> list[Asset]:
    return list(Asset.objects.filter(pk__in=one.assets[:MOST_ASSETS]))
