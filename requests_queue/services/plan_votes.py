"""Points of partner teams: ten a plan, public, changeable until input closes (spec budget 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Sum

from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import members_of
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from requests_queue.domain.plan import require_points
from requests_queue.models import PlanCandidate, PlanVote, PlanVoter
from requests_queue.policies import can_name_voter, can_rank, can_vote
from requests_queue.queries.partners import ballots_of, partner_teams, voters_of
from requests_queue.services.plan_opening import open_to_change, quarter_of_plan, touch
from requests_queue.services.plan_telling import plan_url, tell

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person, Team
    from requests_queue.models import QuarterPlan


@transaction.atomic
def cast_vote(*, actor: Any, candidate: PlanCandidate, team: Team, points: int, at: datetime) -> int:
    """Give the candidate so many of the team's ten points, 0 takes them back; returns what the team has left.

    Locks the plan, so that two ballots of one team cannot both take the last point. Raises `NotAllowed`, or
    `Conflict` (`plan.locked`, `plan.input_closed`, `plan.not_invited`, `plan.vote_quota`).
    """
    require(can_vote(actor, team, at))
    plan = open_to_change(candidate.plan)
    if at >= plan.input_closes_at:
        raise Conflict("plan.input_closed", "Input to this plan has closed; its order is the lead's now.")
    standing = PlanCandidate.objects.select_for_update(of=("self",)).get(pk=candidate.pk)
    if standing.status != "open" or standing.plan_id != plan.pk:
        raise Conflict("plan.locked", f"{standing.number} has been decided.")
    if team.pk not in {partner.pk for partner in partner_teams(plan, at)}:
        message = f"{team.name} has no data and no request of {plan.team.name}. Its lead can invite you."
        raise Conflict("plan.not_invited", message, "team")
    others = PlanVote.objects.filter(candidate__plan=plan, team=team).exclude(candidate=standing)
    spent = others.aggregate(spent=Sum("points"))["spent"] or 0
    require_points(points, spent)
    before = _set_points(standing, team, points, actor, at)
    record_audit(
        actor=actor, verb="requests.vote_cast", subject=standing, at=at,
        before={"team": team.slug, "points": before}, after={"team": team.slug, "points": points},
    )  # fmt: skip
    touch(plan)
    left: int = 10 - spent - points
    return left


@transaction.atomic
def name_voter(*, actor: Any, team: Team, person: Person, at: datetime) -> PlanVoter:
    """Who casts the team's points from now on. Raises `NotAllowed`, or `DomainError` naming `person`."""
    require(can_name_voter(actor, team, at))
    if not members_of(team, local_day(person, at)).filter(pk=person.pk).exists():
        raise DomainError("requests.not_member", f"{person.name} is not in {team.name}.", "person")
    voter, _ = PlanVoter.objects.update_or_create(team=team, defaults={"person": person, "named_at": at})
    record_audit(actor=actor, verb="requests.voter_named", subject=team, after={"voter": person.handle}, at=at)
    return voter


@transaction.atomic
def remind_voters(*, actor: Any, plan: QuarterPlan, at: datetime) -> int:
    """Ask the voters of teams without a vote, once a day; returns how many are asked."""
    require(can_rank(actor, plan.team, at))
    standing = open_to_change(plan)
    people = missing_voters(standing, at)
    day = at.date().isoformat()
    tell(
        plan=standing, people=people, line="Your team has not given its points yet.", key=f"ask:{day}",
        url=plan_url(standing, quarter_of_plan(standing).label), at=at,
    )  # fmt: skip
    record_audit(actor=actor, verb="requests.voters_reminded", subject=standing, after={"people": len(people)}, at=at)
    return len(people)


@transaction.atomic
def invite_team(*, actor: Any, candidate: PlanCandidate, team: Team, at: datetime) -> bool:
    """Let a team vote that has no data and no request of the planning team; its voters are told once.

    By the lead of the plan. False when the team votes already. Raises `NotAllowed`, `Conflict` (`plan.locked`), or
    `DomainError` naming `team`. Locks the plan.
    """
    require(can_rank(actor, candidate.plan.team, at))
    plan = open_to_change(candidate.plan)
    if team.pk == plan.team_id:
        raise DomainError("plan.own_team", "Name another team: the planning team orders the list itself.", "team")
    if team.pk in {partner.pk for partner in partner_teams(plan, at)}:
        return False
    candidate.invited.add(team)
    touch(plan)
    record_audit(actor=actor, verb="requests.team_invited", subject=candidate, after={"team": team.slug}, at=at)
    tell(
        plan=plan, people=[voter.pk for voters in voters_of([team], at).values() for voter in voters],
        line=f"Your team may give points: {plan.team.name} asks you about “{candidate.title}”.",
        key=f"invite:{candidate.pk}:{team.pk}", url=plan_url(plan, quarter_of_plan(plan).label), at=at,
    )  # fmt: skip
    return True


def missing_voters(plan: QuarterPlan, at: datetime) -> set[int]:
    """Who could still vote for a partner team that has given no point."""
    ballots = ballots_of(plan, partner_teams(plan, at), at)
    return {voter.pk for ballot in ballots if not ballot.has_voted for voter in ballot.voters}


def _set_points(candidate: PlanCandidate, team: Team, points: int, actor: Any, at: datetime) -> int:
    standing = PlanVote.objects.filter(candidate=candidate, team=team).first()
    before = standing.points if standing else 0
    if points == 0:
        PlanVote.objects.filter(candidate=candidate, team=team).delete()
    else:
        PlanVote.objects.update_or_create(
            candidate=candidate, team=team, defaults={"points": points, "cast_by": actor, "cast_at": at}
        )
    return before
