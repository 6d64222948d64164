"""/api/v1/plans/: a quarter, its lines, wishes, votes, lock and what-ifs (spec budget 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from portal.core.api.viewsets import ActionViewSet
from portal.core.domain.quarter import quarter_called, quarter_of
from portal.core.errors import NotVisible
from portal.core.policies import require
from requests_queue.api import plan_shapes as shapes
from requests_queue.domain.scenarios import names_a_person, read_changes, slips, write_changes
from requests_queue.models import PlanItem, QuarterPlan
from requests_queue.policies import can_rank
from requests_queue.queries.partners import ballots_of, partner_teams
from requests_queue.queries.plan_facts import require_teams, what_if
from requests_queue.queries.plans import (
    candidate_called,
    plan_called,
    plan_view,
    scenarios_of,
    suggestion_for,
    team_named,
    votes_of,
    with_sources,
)
from requests_queue.queries.targets import assets_called, person_called
from requests_queue.queries.upkeep import growth_of
from requests_queue.services.candidates import Wish, add_candidate
from requests_queue.services.plan_life import NewLine, add_line
from requests_queue.services.plan_locking import LockChoices, lock_plan
from requests_queue.services.plan_opening import reopen_plan
from requests_queue.services.plan_ranking import rank_items, set_upkeep
from requests_queue.services.plan_scenarios import keep_scenario
from requests_queue.services.plan_sharing import share_plan, start_plan
from requests_queue.services.plan_votes import cast_vote, name_voter, remind_voters

if TYPE_CHECKING:
    from datetime import datetime

    from rest_framework.request import Request

    from requests_queue.domain.scenarios import Outcome

RANKING = (
    "rank", "lock", "reopen", "share", "remind", "upkeep", "add_item", "what_if", "draft", "voter",
)  # fmt: skip


@extend_schema(tags=["plans"])
class PlanViewSet(ActionViewSet):
    """A plan by team and quarter, such as `plans/core-data/2027q1`."""

    queryset = QuarterPlan.objects.none()
    serializer_class = shapes.PlanOut
    lookup_field = "quarter"
    filter_backends = ()
    scopes = {
        "read": "plans:read", "write": "plans:write", **dict.fromkeys(RANKING, "plans:lock"),
    }  # fmt: skip

    def find(self, key: str) -> Any:
        try:
            return plan_called(self.request.user, str(self.kwargs["team"]), key)
        except NotVisible:
            raise Http404 from None

    def retrieve(self, _request: Request, **_: str) -> Response:
        """State, dates and figures."""
        return self._shown(self.get_object())

    @extend_schema(request=None, responses={201: shapes.PlanOut})
    @action(detail=True, methods=["post"])
    def draft(self, request: Request, **_: str) -> Response:
        """Draft the quarter with the deferred requests that wait."""
        team, quarter = team_named(str(self.kwargs["team"]), "team"), quarter_called(str(self.kwargs["quarter"]))
        return self._shown(start_plan(actor=request.user, team=team, quarter=quarter, at=self.at), status=201)

    @extend_schema(responses=shapes.ItemOut(many=True))
    @action(detail=True, methods=["get"])
    def items(self, request: Request, **_: str) -> Response:
        """Upkeep and on-call, then the ranked lines with their side of the cuts."""
        view = plan_view(self.get_object(), request.user, self.at)
        sides = {line.item.pk: (line.placed.side, line.points) for line in view.lines}
        rows: Any = [_with_side(item, sides) for item in view.items]
        return Response({"next": None, "results": shapes.ItemOut(rows, many=True).data})

    @extend_schema(request=shapes.ItemIn, responses={201: shapes.ChangeOut})
    @items.mapping.post
    def add_item(self, request: Request, **_: str) -> Response:
        """Work that comes into a locked plan; answers with the change."""
        given = self.read(shapes.ItemIn)
        reason = given.pop("reason")
        change = add_line(actor=request.user, plan=self.get_object(), line=NewLine(**given), reason=reason, at=self.at)
        return Response(shapes.ChangeOut(change).data, status=201)

    @extend_schema(responses=shapes.CandidateOut(many=True))
    @action(detail=True, methods=["get"])
    def candidates(self, _request: Request, **_: str) -> Response:
        """The wishes of the quarter in the order they came, a page at a time."""
        rows: Any = self.paginate_queryset(with_sources(self.get_object().candidates.all()))
        return self.get_paginated_response(shapes.CandidateOut(rows, many=True).data)

    @extend_schema(request=shapes.CandidateIn, responses={201: shapes.CandidateOut})
    @candidates.mapping.post
    def add_candidate(self, request: Request, **_: str) -> Response:
        """Propose work; it stands in the next plan of the team that is still open."""
        given = self.read(shapes.CandidateIn)
        plan = self.get_object()
        wish = Wish(**given | {"assets": assets_called(given["assets"], request.user)})
        made = add_candidate(actor=request.user, team=plan.team, wish=wish, at=self.at)
        return Response(shapes.CandidateOut(made).data, status=201)

    @extend_schema(responses=shapes.VoteOut(many=True))
    @action(detail=True, methods=["get"])
    def votes(self, _request: Request, **_: str) -> Response:
        """The points by team; votes are public by team."""
        return self._voted(self.get_object())

    @extend_schema(request=shapes.VoteIn, responses=shapes.VoteOut(many=True))
    @votes.mapping.post
    def cast(self, request: Request, **_: str) -> Response:
        """Give a wish so many of the team's ten points; 0 takes them back."""
        given = self.read(shapes.VoteIn)
        plan, candidate = self.get_object(), candidate_called(request.user, given["candidate"])
        if candidate.plan_id != plan.pk:
            raise Http404
        team = team_named(given["team"], "team")
        cast_vote(actor=request.user, candidate=candidate, team=team, points=given["points"], at=self.at)
        return self._voted(plan)

    @extend_schema(responses=shapes.BallotOut(many=True))
    @action(detail=True, methods=["get"])
    def ballots(self, _request: Request, **_: str) -> Response:
        """Partner teams with their voters and how many points they gave."""
        plan = self.get_object()
        rows: Any = ballots_of(plan, partner_teams(plan, self.at), self.at)
        return Response({"next": None, "results": shapes.BallotOut(rows, many=True).data})

    @extend_schema(request=shapes.RankIn)
    @action(detail=True, methods=["post"])
    def rank(self, request: Request, **_: str) -> Response:
        """Put the lines into this order; `If-Match` holds the version against the newest."""
        order = self.read(shapes.RankIn)["order"]
        plan = rank_items(
            actor=request.user, plan=self.get_object(), ordered_ids=order, plan_version=self.if_match, at=self.at
        )
        return self._shown(plan)

    @extend_schema(responses=dict)
    @action(detail=True, methods=["get"], url_path="suggestion")
    def suggest(self, request: Request, **_: str) -> Response:
        """The order that points and cost of delay suggest; nothing is written."""
        return Response({"order": suggestion_for(plan_view(self.get_object(), request.user, self.at))})

    @extend_schema(request=shapes.LockIn)
    @action(detail=True, methods=["post"])
    def lock(self, request: Request, **_: str) -> Response:
        """Promise the lines and answer every wish."""
        given = self.read(shapes.LockIn)
        refusals = {int(key): text for key, text in given["refusals"].items() if str(key).isdecimal()}
        choices = LockChoices(given["set_below_aside"], given["mark_at_risk"], refusals)
        plan = lock_plan(
            actor=request.user, plan=self.get_object(), choices=choices, version=self.if_match, at=self.at
        )  # fmt: skip
        return self._shown(plan)

    @extend_schema(request=shapes.PlanReasonIn)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, **_: str) -> Response:
        """An admin takes a lock back before the quarter starts."""
        reason = self.read(shapes.PlanReasonIn)["reason"]
        return self._shown(reopen_plan(actor=request.user, plan=self.get_object(), reason=reason, at=self.at))

    @extend_schema(request=None, responses=dict)
    @action(detail=True, methods=["post"])
    def share(self, request: Request, **_: str) -> Response:
        """Open it for input and tell every voter; answers to how many."""
        return Response({"told": share_plan(actor=request.user, plan=self.get_object(), at=self.at)})

    @extend_schema(request=None, responses=dict)
    @action(detail=True, methods=["post"])
    def remind(self, request: Request, **_: str) -> Response:
        """Ask the voters of teams without a vote."""
        return Response({"told": remind_voters(actor=request.user, plan=self.get_object(), at=self.at)})

    @extend_schema(request=shapes.UpkeepIn, responses=shapes.ItemOut)
    @action(detail=True, methods=["post"])
    def upkeep(self, request: Request, **_: str) -> Response:
        """Set upkeep or on-call by hand; the suggestion stays."""
        item = set_upkeep(actor=request.user, plan=self.get_object(), at=self.at, **self.read(shapes.UpkeepIn))
        return Response(shapes.ItemOut(item).data)

    @extend_schema(request=shapes.VoterIn, responses=dict)
    @action(detail=True, methods=["post"])
    def voter(self, request: Request, **_: str) -> Response:
        """Name who casts a team's points."""
        given = self.read(shapes.VoterIn)
        team, person = team_named(given["team"], "team"), person_called(given["person"], "person")
        name_voter(actor=request.user, team=team, person=person, at=self.at)
        return Response({"team": team.slug, "person": person.handle})

    @extend_schema(responses=shapes.ChangeOut(many=True))
    @action(detail=True, methods=["get"])
    def changes(self, _request: Request, **_: str) -> Response:
        """What changed after the lock."""
        rows = self.get_object().changes.select_related("approver").order_by("seq")
        return Response({"next": None, "results": shapes.ChangeOut(rows, many=True).data})

    @extend_schema(responses=shapes.ScenarioOut(many=True))
    @action(detail=True, methods=["get"])
    def scenarios(self, request: Request, **_: str) -> Response:
        """What-ifs that are kept; one that names a person is shown to the lead."""
        plan = self.get_object()
        rows: Any = scenarios_of(plan, sees_people=bool(can_rank(request.user, plan.team, self.at)))
        return Response({"next": None, "results": shapes.ScenarioOut(rows, many=True).data})

    @extend_schema(request=shapes.WhatIfIn, responses=dict)
    @action(detail=True, methods=["post"], url_path="what-if")
    def what_if(self, request: Request, **_: str) -> Response:
        """Work out changes; with a name they are kept beside the plan. What names a person is the lead's to try."""
        return worked_out(self.get_object(), self.read(shapes.WhatIfIn), request.user, self.at)

    @extend_schema(responses=dict)
    @action(detail=True, methods=["get"])
    def growth(self, _request: Request, **_: str) -> Response:
        """Upkeep as a share of capacity: the last quarters and the next eight."""
        plan = self.get_object()
        seen = growth_of(plan.team, quarter_of(plan.quarter_start), self.at)
        line = [{"quarter": one.label, "minutes": one.maintenance, "share": round(one.share, 4),
                 "is_projected": one.is_ahead} for one in seen.line]  # fmt: skip
        return Response({"line": line, "net_pipelines": seen.net_pipelines, "squeezed_in": seen.squeezed_in or None})

    def _voted(self, plan: QuarterPlan) -> Response:
        rows: Any = votes_of(plan)
        return Response({"next": None, "results": shapes.VoteOut(rows, many=True).data})

    def _shown(self, plan: QuarterPlan, status: int = 200) -> Response:
        view = plan_view(plan, self.request.user, self.at)
        self.version = plan.version
        viewer = self.request.user
        over = view.overbooked(view.outcome, sees_all=True)
        if over and not can_rank(viewer, plan.team, self.at):
            over = view.overbooked(view.outcome, sees_all=False)
        numbers = figures(view.outcome) | {"overbooked_minutes": over}
        shown: Any = _Shown(plan, quarter_of(plan.quarter_start).label, numbers)
        return Response(shapes.PlanOut(shown).data, status=status)


def worked_out(plan: QuarterPlan, given: dict[str, Any], viewer: Any, at: datetime) -> Response:
    """The figures after some changes and the lines that change their side; kept beside the plan with a name."""
    changes = read_changes(given["text"]) if given["text"] else given["changes"]
    if names_a_person(changes):
        require(can_rank(viewer, plan.team, at))
    require_teams(changes)
    view = plan_view(plan, viewer, at)
    outcome = what_if(plan, view.facts, changes)
    if given["name"]:
        keep_scenario(actor=viewer, plan=plan, name=given["name"], changes=changes, at=at)
    moved = [{"title": slip.title, "was": slip.was, "now": slip.now} for slip in slips(view.outcome, outcome)]
    return Response(figures(outcome) | {"slips": moved, "text": write_changes(changes)})


def figures(outcome: Outcome) -> dict[str, Any]:
    """The figures of an outcome by the names of the API."""
    uses = outcome.uses
    return {
        "capacity_minutes": uses.capacity, "maintenance_minutes": uses.maintenance, "oncall_minutes": uses.oncall,
        "floor_minutes": uses.floor, "cap_minutes": uses.cap, "line_1_minutes": uses.line_1,
        "line_2_minutes": uses.line_2, "planned_minutes": outcome.planned, "minutes_over": outcome.minutes_over,
        "forecast_minutes": outcome.forecast, "band_state": outcome.state,
    }  # fmt: skip


class _Shown:
    """A plan beside its figures, as one object for the serializer."""

    def __init__(self, plan: QuarterPlan, label: str, numbers: dict[str, Any]) -> None:
        self.plan, self.label = plan, label
        self.__dict__.update(numbers)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plan, name)


def _with_side(item: PlanItem, sides: dict[int, tuple[str, int]]) -> Any:
    shown: Any = item
    shown.side, shown.points = sides.get(item.pk, ("", 0))
    return shown
