"""`/plan/<team>/<quarter>/voters`: who speaks for each partner team, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.views.decorators.http import require_safe

from portal.core import clock
from portal.core.web.csv_export import csv_response
from portal.core.web.presentation import Badge, Empty, Row, avatar, count_words, date_words
from portal.core.web.views import DomainFormMixin
from requests_queue import planning_forms as forms
from requests_queue.domain.plan import REMIND_VOTERS
from requests_queue.policies import can_name_voter, can_rank
from requests_queue.queries.partners import ballots_of, partner_teams, people_to_name
from requests_queue.web import plan_shown as shown
from requests_queue.web.plan import find_plan
from requests_queue.web.plan_acts import PLAN_ACTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.http import HttpRequest, StreamingHttpResponse

    from portal.accounts.models import Person, Team
    from requests_queue.models import QuarterPlan
    from requests_queue.queries.partners import Ballot

HEADER = ("team", "voters", "points", "has_voted")


@dataclass(frozen=True)
class VoterForm:
    """For who leads a partner team: the people of the team, and who gives its points now."""

    team: Team
    people: Sequence[Person]
    current: str


class VotersView(DomainFormMixin):
    """Partner teams with their voters; a lead names who gives the points of the own team."""

    nav_key = "plan"
    template_name = "requests_queue/plan/voters.html"
    form_class = forms.VoterForm

    @cached_property
    def plan(self) -> QuarterPlan:
        return find_plan(self.request, str(self.kwargs["team"]), str(self.kwargs["quarter"]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown_now = voters_context(self.plan, self.request.user, clock.now())
        return super().get_context_data(**kwargs) | shown_now | {"refusals": shown.refusals_of(kwargs.get("form"))}

    def perform(self, form: Any, at: datetime) -> str:
        plan = self.plan
        PLAN_ACTS["voter"].run(self.request.user, plan, form.cleaned_data, at)
        return f"{shown.plan_path(plan)}/voters"


@require_safe
def export_voters(request: HttpRequest, team: str, quarter: str) -> StreamingHttpResponse:
    """The partner teams as CSV."""
    plan, at = find_plan(request, team, quarter), clock.now()
    rows = [
        (one.team.slug, " ".join(voter.handle for voter in one.voters), one.points, one.has_voted)
        for one in ballots_of(plan, partner_teams(plan, at), at)
    ]
    return csv_response(f"voters-{team}-{quarter}", HEADER, rows, count=len(rows))


def voters_context(plan: QuarterPlan, viewer: Any, at: datetime) -> dict[str, Any]:
    """Everything on the page of the voters."""
    teams = partner_teams(plan, at, viewer)
    ballots = ballots_of(plan, teams, at)
    own = [team for team in teams if team.is_mine and can_name_voter(viewer, team, at)]
    people = people_to_name(own, at) if own else {}
    current = {one.team.pk: one.voters[0].handle if one.voters else "" for one in ballots}
    return shown.plan_head(plan) | {
        "voted": f"{sum(one.has_voted for one in ballots)} of {count_words(len(ballots), 'team')} voted",
        "ballots": [_row(one) for one in ballots], "dates": _dates(plan, viewer.zone),
        "voter_forms": [VoterForm(team, people.get(team.pk, ()), current[team.pk]) for team in own],
        "missing": [one for one in ballots if not one.has_voted], "can_rank": bool(can_rank(viewer, plan.team, at)),
        "none": Empty("No team depends on this plan yet", "Teams with data below the team's, or with a request, vote.",
                      "users"),
    }  # fmt: skip


def _row(ballot: Ballot) -> Row:
    names = ", ".join(voter.name for voter in ballot.voters)
    badge = (
        Badge(count_words(ballot.points, "point"), "ok", "check") if ballot.has_voted else Badge("No points", "warn")
    )
    return Row(
        title=ballot.team.name, url=f"/teams/{ballot.team.slug}", badges=[badge],
        avatar=avatar(ballot.voters[0]) if ballot.voters else None, icon="users",
        facts=[f"{names} gives the points" if names else "nobody leads it, so nobody votes"],
    )  # fmt: skip


def _dates(plan: QuarterPlan, zone: str) -> str:
    closes = plan.input_closes_at
    days = [date_words((closes - timedelta(days=days)).date()) for days in REMIND_VOTERS]
    return (
        f"Points count until {shown.closing_words(plan, zone)}. Who has given none is reminded on {' and '.join(days)}."
    )
