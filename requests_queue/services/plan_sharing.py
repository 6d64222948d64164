"""The first steps of a plan by hand: drafting it with what waits, and asking partners for input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.policies import require
from portal.core.services.audit import record_audit
from requests_queue.policies import can_rank
from requests_queue.queries.partners import ballots_of, partner_teams
from requests_queue.services.candidates import gather_deferred
from requests_queue.services.plan_finding import gather_found
from requests_queue.services.plan_opening import draft_plan, open_plan, open_to_change, quarter_of_plan
from requests_queue.services.plan_telling import plan_url, tell

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Team
    from portal.core.domain.quarter import Quarter
    from requests_queue.models import QuarterPlan


@transaction.atomic
def start_plan(*, actor: Any, team: Team, quarter: Quarter, at: datetime) -> QuarterPlan:
    """Draft the quarter with what was put off and what the portal found. Raises as `draft_plan` does."""
    plan = draft_plan(actor=actor, team=team, quarter=quarter, at=at)
    gather_deferred(actor=actor, team=team, at=at)
    gather_found(actor=actor, team=team, at=at)
    return plan


@transaction.atomic
def share_plan(*, actor: Any, plan: QuarterPlan, at: datetime) -> int:
    """Show the plan to its partners: open for input, and a word to every voter once a day; returns to how many."""
    require(can_rank(actor, plan.team, at))
    standing = open_to_change(open_plan(actor=actor, plan=plan, at=at))
    gather_deferred(actor=actor, team=standing.team, at=at)
    gather_found(actor=actor, team=standing.team, at=at)
    ballots = ballots_of(standing, partner_teams(standing, at), at)
    people = {voter.pk for ballot in ballots for voter in ballot.voters}
    label = quarter_of_plan(standing).label
    tell(
        plan=standing, people=people, line="See what fits next quarter and give your team's points.",
        key=f"share:{at.date().isoformat()}", url=plan_url(standing, label), at=at,
    )  # fmt: skip
    record_audit(actor=actor, verb="requests.plan_shared", subject=standing, after={"people": len(people)}, at=at)
    return len(people)
