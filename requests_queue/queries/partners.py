"""Teams that depend on a team's plan, and who speaks for them (spec budget 5, additions "input")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, Value

from ownership.domain.states import PRIMARY, Duty, State
from ownership.models import Edge, Ownership
from ownership.queries.ready import A_KEY, A_PERSON, AN_INSTANT, Ready
from portal.accounts.models import Grant, Membership, Person, Team
from requests_queue.models import DataRequest, PlanCandidate, PlanVote, PlanVoter, Supporter
from requests_queue.queries.upkeep import owned_assets

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet

    from requests_queue.models import QuarterPlan

A_PLAN = A_PERSON - 1  # the stand-in of a plan


@dataclass(frozen=True)
class Ballot:
    """One partner team: who may cast its points, and how many it has given."""

    team: Team
    voters: tuple[Person, ...]
    points: int

    @property
    def has_voted(self) -> bool:
        return self.points > 0


def partner_teams(plan: QuarterPlan, at: datetime, viewer: Any = None) -> list[Any]:
    """Teams with a request to the team, data below its data, a wish in the plan, or an invitation; by name.

    One query. Each has `is_mine`: whether `viewer` casts its points.
    """
    if viewer is None:
        return list(_partners(plan.pk, plan.team_id, None, at))
    given = {"plan": plan.pk, "team": plan.team_id, "viewer": viewer.pk, "day": at.date()}
    return [_team_of(row) for row in _PARTNERS.rows(given)]


def _partners(plan: int, team: int, viewer: int | None, at: datetime) -> QuerySet[Team]:
    public = DataRequest.objects.filter(team=team, is_private=False)
    wishes = PlanCandidate.objects.filter(plan=plan)
    held = _held_below(team, at)
    homes = Membership.objects.filter(
        person__in=held.exclude(person=None).values("person_id"), is_main=True, during__contains=at.date()
    )
    depends = (
        Q(pk__in=public.exclude(requester_team=None).values("requester_team_id"))
        | Q(pk__in=Supporter.objects.filter(request__in=public).exclude(team=None).values("team_id"))
        | Q(pk__in=wishes.exclude(sponsor_team=None).values("sponsor_team_id"))
        | Q(pk__in=wishes.exclude(invited=None).values("invited"))
        | Q(pk__in=held.exclude(team=None).values("team_id"))
        | Q(pk__in=homes.values("team_id"))
    )
    rows = Team.objects.filter(depends, archived_at=None, is_system=False).exclude(pk=team)
    return rows.annotate(is_mine=_casts(viewer, at)).order_by("name")


_FIELDS = tuple(one.attname for one in Team._meta.concrete_fields)  # noqa: SLF001 (the public name of the fields)
_PARTNERS = Ready(
    lambda each: _partners(each["plan"], each["team"], each["viewer"], AN_INSTANT).values_list(*_FIELDS, "is_mine"),
    {"plan": A_PLAN, "team": A_KEY, "viewer": A_PERSON, "day": AN_INSTANT.date()},
)


def _team_of(row: tuple[Any, ...]) -> Any:
    found: Any = Team.from_db("default", list(_FIELDS), row[:-1])
    found.is_mine = row[-1]
    return found


def ballots_of(plan: QuarterPlan, teams: Collection[Team], at: datetime) -> list[Ballot]:
    """Each partner with its voters and its points."""
    voters = voters_of(teams, at)
    points: dict[int, int] = {}
    for team_id, given in PlanVote.objects.filter(candidate__plan=plan).values_list("team_id", "points"):
        points[team_id] = points.get(team_id, 0) + given
    return [Ballot(team, tuple(voters.get(team.pk, ())), points.get(team.pk, 0)) for team in teams]


def people_to_name(teams: Collection[Team], at: datetime) -> dict[int, list[Person]]:
    """Everybody of each team who could be its voter, by name; one query."""
    rows = Membership.objects.filter(team__in=teams, during__contains=at.date(), person__state="active")
    found: dict[int, list[Person]] = {}
    for row in rows.select_related("person").order_by("person__name"):
        found.setdefault(row.team_id, []).append(row.person)
    return found


def voters_of(teams: Collection[Team], at: datetime) -> dict[int, list[Person]]:
    """The named voter of each team, else its leads, by handle."""
    found: dict[int, list[Person]] = {}
    for row in PlanVoter.objects.filter(team__in=teams, person__state="active").select_related("person"):
        found[row.team_id] = [row.person]
    rest = [team for team in teams if team.pk not in found]
    leads = Membership.objects.filter(team__in=rest, role="lead", during__contains=at.date(), person__state="active")
    for lead in leads.select_related("person").order_by("person__handle"):
        found.setdefault(lead.team_id, []).append(lead.person)
    return found


def _casts(viewer: int | None, at: datetime) -> Any:
    """Whether the viewer is the named voter, leads, or holds the vote of the team at hand."""
    if viewer is None:
        return Value(False)  # noqa: FBT003 (a value of SQL)
    on = at.date()
    mine = {"person": viewer, "team": OuterRef("pk")}
    named = PlanVoter.objects.filter(**mine)
    leading = Membership.objects.filter(**mine, role="lead", during__contains=on)
    granted = Grant.objects.filter(**mine, name="vote", revoked_at=None, during__contains=on)
    return Exists(named) | Exists(leading) | Exists(granted)


def _held_below(team: int, at: datetime) -> QuerySet[Ownership]:
    """Who holds an asset one step below one of the team's."""
    below = Edge.objects.filter(src__in=owned_assets(team, at).values("pk"), closed_at=None)
    return Ownership.objects.filter(
        asset__in=below.values("dst_id"), state=State.ACCEPTED.value, duty=Duty.TECHNICAL, rank=PRIMARY,
        valid__upper_inf=True,
    )  # fmt: skip
