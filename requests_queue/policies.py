"""Who may see a request and in which part somebody may move it (spec requests 16, security 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from portal.accounts.models import Grant, Membership, Team
from portal.accounts.policies import may, standings
from portal.accounts.queries.people import local_day
from portal.core.policies import ALLOWED, Decision, is_outside, refused
from requests_queue.domain.states import Actor
from requests_queue.models import (
    CompartmentMember,
    DataRequest,
    ExemptKind,
    PlanVoter,
    QuarterPlan,
    SlaClock,
    SlaPolicy,
    TeamDesk,
)

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

QUESTION = "question"


def visible_to(user: Any) -> QuerySet[DataRequest]:
    """Everything that is not private, and what is private to this person; programs never see private ones."""
    if not user.is_authenticated:
        return DataRequest.objects.none()
    public = Q(is_private=False)
    if is_outside(user):
        return DataRequest.objects.filter(public)
    own = CompartmentMember.objects.filter(person=user, removed_at=None).values("request_id")
    return DataRequest.objects.filter(public | Q(pk__in=own))


def visible_clocks(user: Any) -> QuerySet[SlaClock]:
    """The clocks of requests this person may see."""
    return SlaClock.objects.filter(request__in=visible_to(user))


def taking_teams() -> QuerySet[Team]:
    """Teams that can be asked."""
    closed = TeamDesk.objects.filter(takes_requests=False).values("team_id")
    return Team.objects.filter(archived_at=None, is_system=False).exclude(pk__in=closed)


def exempt_kinds() -> QuerySet[ExemptKind]:
    """The kinds of exempt work that somebody may claim."""
    return ExemptKind.objects.filter(is_archived=False).order_by("name")


def desk_teams(person: Any, at: datetime) -> QuerySet[Team]:
    """The teams whose triage is this person's: as a member, or by grant where the team says so."""
    on = local_day(person, at)
    member = Membership.objects.filter(person=person, during__contains=on)
    lead = member.filter(role="lead").values("team_id")
    granted = Grant.objects.filter(person=person, name="triage", revoked_at=None, during__contains=on).values("team_id")
    narrow = TeamDesk.objects.filter(triage_by_grant=True).values("team_id")
    return Team.objects.filter(
        Q(pk__in=lead) | Q(pk__in=granted) | Q(pk__in=member.values("team_id")) & ~Q(pk__in=narrow)
    )


def leads_anywhere(person: Any, at: datetime) -> bool:
    """Whether the person leads some team today; which one, each act asks again."""
    rows = Membership.objects.filter(person=person, role="lead", during__contains=local_day(person, at))
    return rows.exists()


def parts_of(person: Any, request: DataRequest, at: datetime) -> frozenset[Actor]:
    """In which parts this person may act on the request; nobody (None) is the system."""
    if person is None:
        return frozenset({Actor.SYSTEM})
    parts = set[Actor]()
    if request.requester_id == person.pk:
        parts.add(Actor.REQUESTER)
    if request.assignee_id == person.pk:
        parts.add(Actor.ASSIGNEE)
    parts |= _parts_in_team(person, request.team, at)
    if Actor.MEMBER not in parts and is_partner(person, request):
        parts.add(Actor.PARTNER)
    return frozenset(parts)


def is_partner(person: Any, request: DataRequest) -> bool:
    """Whether this person is the analytics partner of the desk, who may answer its questions."""
    return request.kind == QUESTION and TeamDesk.objects.filter(team=request.team_id, partner=person).exists()


def can_keep_desk(person: Any, team: Team, at: datetime) -> Decision:
    """How a desk answers, its band and its sizes are the lead's, a deputy's, or an administrator's."""
    return ALLOWED if person.is_admin else may(person, "approve", team, at)


def can_file(person: Any) -> Decision:
    """Everybody but auditors asks."""
    if person.is_auditor:
        return refused("requests.auditor", "An auditor reads and does not ask.")
    return ALLOWED


def can_note(person: Any, request: DataRequest, at: datetime) -> Decision:
    """Internal notes are the owning team's."""
    if Actor.MEMBER in parts_of(person, request, at):
        return ALLOWED
    return refused("requests.not_team", f"Only {request.team.name} writes internal notes here.")


def can_make_private(person: Any, request: DataRequest, at: datetime) -> Decision:
    """The requester and the owning team close a request to others."""
    if parts_of(person, request, at) & {Actor.REQUESTER, Actor.MEMBER}:
        return ALLOWED
    return refused("requests.not_yours", "The requester or somebody of the owning team can do this.")


def can_judge_clock(person: Any, request: DataRequest, at: datetime) -> Decision:
    """Excusing a breach and changing a target are the lead's, or by grant."""
    granted = any(row.grant == "excuse_clock" for row in standings(person, request.team, at))
    if granted or Actor.LEAD in parts_of(person, request, at):
        return ALLOWED
    return refused("requests.not_lead", f"The lead of {request.team.name} can do this.")


def can_see_notes(person: Any, request: DataRequest, at: datetime) -> bool:
    """Internal notes are read by the owning team and by auditors."""
    return bool(person.is_auditor) or _is_member(person, request.team, at)


def _is_member(person: Any, team: Team, at: datetime) -> bool:
    """Own place in the team; a deputy's is not lent."""
    return any(row.person_id == person.pk and row.role for row in standings(person, team, at))


def _parts_in_team(person: Any, team: Team, at: datetime) -> set[Actor]:
    """A deputy of the lead acts as lead; a member's place is not lent."""
    rows = standings(person, team, at)
    own = {row.role for row in rows if row.person_id == person.pk and row.role}
    leads = any(row.role == "lead" for row in rows)
    parts = {Actor.MEMBER} if own else set[Actor]()
    if leads:
        return parts | {Actor.LEAD, Actor.TRIAGER}
    if any(row.grant == "triage" for row in rows):
        return parts | {Actor.TRIAGER}
    if own and not TeamDesk.objects.filter(team=team, triage_by_grant=True).exists():
        parts.add(Actor.TRIAGER)
    return parts


def can_confirm_exemption(person: Any, request: DataRequest, at: datetime) -> Decision:
    """A holder of the grant, and one of the named confirmers where the kind names some; never who asked."""
    if request.requester_id == person.pk:
        return refused("requests.not_yours", "Somebody else than the requester confirms this.")
    decision = may(person, "exempt", request.team, at)
    if not decision or request.exemption is None:
        return decision
    named = set(request.exemption.confirmers.values_list("pk", flat=True))
    if named and person.pk not in named:
        return refused("requests.not_yours", f"“{request.exemption.name}” names others who confirm it.")
    return ALLOWED


def plans_visible_to(user: Any) -> QuerySet[QuarterPlan]:
    """Everyone signed in reads plans: nothing private ever stands in one."""
    return QuarterPlan.objects.all() if user.is_authenticated else QuarterPlan.objects.none()


def can_rank(person: Any, team: Team, at: datetime) -> Decision:
    """Order, lines, commitments, life of a line and the lock are the lead's, a deputy's, or by grant."""
    return may(person, "lock_plan", team, at)


def can_reopen(person: Any, at: datetime) -> Decision:
    """A locked plan is opened again by an admin alone, before its quarter starts."""
    return may(person, "administer", None, at)


def can_vote(person: Any, team: Team, at: datetime) -> Decision:
    """The named voter of a team, its lead, or who holds the vote."""
    if person is not None and PlanVoter.objects.filter(team=team, person=person).exists():
        return ALLOWED
    return may(person, "vote", team, at)


def can_name_voter(person: Any, team: Team, at: datetime) -> Decision:
    """The lead of a team says who votes for it."""
    return may(person, "sign_agreement", team, at)


def can_propose(person: Any) -> Decision:
    """Everybody but auditors and programs proposes."""
    return can_file(person)


def can_rank_policies(person: Any) -> Decision:
    """Which policy applies to what, and running promises, are an administrator's."""
    if person.is_admin:
        return ALLOWED
    return refused("core.not_allowed", "An administrator decides which policy applies.")


def can_promise(person: Any, team: Team, at: datetime) -> Decision:
    """What one team alone promises is its lead's as well."""
    if person.is_admin:
        return ALLOWED
    return may(person, "excuse_clock", team, at)


def can_edit_policy(person: Any, policy: SlaPolicy, at: datetime) -> Decision:
    """An administrator; a lead where every rule of the policy is for a team they lead."""
    if person.is_admin:
        return ALLOWED
    matches = list(policy.matches.select_related("team"))
    led = [row.team is not None and may(person, "excuse_clock", row.team, at).allowed for row in matches]
    if led and all(led):
        return ALLOWED
    return refused("core.not_allowed", "An administrator, or the lead whose teams alone it is for, edits this policy.")
