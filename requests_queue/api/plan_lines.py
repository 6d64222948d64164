"""/api/v1/plan-lines/, plan-candidates/, plan-needs/, clusters/ and models/outcomes/: one verb a step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from portal.core.api.viewsets import PortalViewSet, ReadViewSet
from requests_queue.api import plan_shapes as shapes
from requests_queue.models import ModelOutcome, PlanCandidate, PlanItem, PlanNeed, RequestCluster
from requests_queue.planning_filters import CandidateFilter, ClusterFilter, LineFilter, NeedFilter, OutcomeFilter
from requests_queue.policies import plans_visible_to, visible_to
from requests_queue.queries.clusters import themes_of
from requests_queue.queries.plans import team_named, with_sources
from requests_queue.queries.targets import person_called, retired_called
from requests_queue.services import plan_life
from requests_queue.services.candidates import estimate_candidate, say_delay
from requests_queue.services.clusters import (
    merge_clusters,
    propose_model,
    reject_cluster,
    rename_cluster,
    split_cluster,
)
from requests_queue.services.plan_needs import answer_need, ask_need
from requests_queue.services.plan_ranking import LineFacts, edit_line, set_aside
from requests_queue.services.plan_votes import invite_team

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

SCOPES = {"read": "plans:read", "write": "plans:lock"}


@extend_schema(tags=["plans"])
class LineViewSet(PortalViewSet):
    """Lines of plans, of every team and quarter."""

    queryset = PlanItem.objects.none()
    serializer_class = shapes.ItemOut
    filterset_class = LineFilter
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"
    scopes = SCOPES

    def get_queryset(self) -> QuerySet[PlanItem]:
        rows = PlanItem.objects.filter(plan__in=plans_visible_to(self.request.user), rank__isnull=False)
        return rows.select_related("plan__team", "owner", "candidate")

    @extend_schema(request=shapes.PlanLineIn)
    @action(detail=True, methods=["post"])
    def edit(self, request: Request, **_: str) -> Response:
        """Change what a line says while its plan is open."""
        given = self.read(shapes.PlanLineIn)
        handle = given.pop("owner")
        owner = person_called(handle, "owner") if handle else None
        tiers = tuple(given.pop("adds_pipelines"))
        retires = retired_called(given.pop("retires"), request.user)
        facts = LineFacts(**given, owner=owner, adds_pipelines=tiers, retires=retires)
        return self.shown(edit_line(actor=request.user, item=self.get_object(), facts=facts, at=self.at))

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def aside(self, request: Request, **_: str) -> Response:
        """Take it off the list; the wish stays."""
        item = self.get_object()
        set_aside(actor=request.user, items=[item], plan=item.plan, at=self.at)
        return Response(status=204)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, **_: str) -> Response:
        return self.shown(plan_life.start_line(actor=request.user, item=self.get_object(), at=self.at))

    @extend_schema(request=shapes.MinutesIn)
    @action(detail=True, methods=["post"])
    def remaining(self, request: Request, **_: str) -> Response:
        """How many minutes are left."""
        given = self.read(shapes.MinutesIn)
        return self.shown(plan_life.set_remaining(actor=request.user, item=self.get_object(), at=self.at, **given))

    @extend_schema(request=shapes.ResultIn)
    @action(detail=True, methods=["post"])
    def ship(self, request: Request, **_: str) -> Response:
        """It is done; the deferred requests behind it are resolved with the result."""
        given = self.read(shapes.ResultIn)
        return self.shown(plan_life.ship_line(actor=request.user, item=self.get_object(), at=self.at, **given))

    @extend_schema(request=shapes.ResizeIn, responses=shapes.ChangeOut)
    @action(detail=True, methods=["post"])
    def resize(self, request: Request, **_: str) -> Response:
        given = self.read(shapes.ResizeIn)
        change = plan_life.resize_line(actor=request.user, item=self.get_object(), at=self.at, **given)
        return Response(shapes.ChangeOut(change).data)

    @extend_schema(request=shapes.MonthIn, responses=shapes.ChangeOut)
    @action(detail=True, methods=["post"])
    def month(self, request: Request, **_: str) -> Response:
        """Another month of the quarter; requesters and voters are told once."""
        given = self.read(shapes.MonthIn)
        change = plan_life.move_month(actor=request.user, item=self.get_object(), at=self.at, **given)
        return Response(shapes.ChangeOut(change).data)

    @extend_schema(request=shapes.PlanReasonIn, responses=shapes.ChangeOut)
    @action(detail=True, methods=["post"])
    def drop(self, _request: Request, **_: str) -> Response:
        """Not this quarter; the wish stands in the next open plan."""
        return self._dropped(is_bumped=False)

    @extend_schema(request=shapes.PlanReasonIn, responses=shapes.ChangeOut)
    @action(detail=True, methods=["post"])
    def bump(self, _request: Request, **_: str) -> Response:
        """Give way to ad-hoc work."""
        return self._dropped(is_bumped=True)

    @extend_schema(request=shapes.NeedIn, responses={201: shapes.NeedOut})
    @action(detail=True, methods=["post"])
    def needs(self, request: Request, **_: str) -> Response:
        """Ask another team for a commitment."""
        given = self.read(shapes.NeedIn)
        team = team_named(given["team"], "team")
        need = ask_need(actor=request.user, item=self.get_object(), team=team, what=given["what"], at=self.at)
        return Response(shapes.NeedOut(need).data, status=201)

    def _dropped(self, *, is_bumped: bool) -> Response:
        reason = self.read(shapes.PlanReasonIn)["reason"]
        change = plan_life.drop_line(
            actor=self.request.user, item=self.get_object(), reason=reason, is_bumped=is_bumped, at=self.at
        )
        return Response(shapes.ChangeOut(change).data)


@extend_schema(tags=["plans"])
class CandidateViewSet(PortalViewSet):
    """Wishes of all plans."""

    queryset = PlanCandidate.objects.none()
    serializer_class = shapes.CandidateOut
    filterset_class = CandidateFilter
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"
    scopes = SCOPES | {"delay": "plans:write"}

    def get_queryset(self) -> QuerySet[PlanCandidate]:
        return with_sources(PlanCandidate.objects.filter(plan__in=plans_visible_to(self.request.user)))

    @extend_schema(request=shapes.DelayIn)
    @action(detail=True, methods=["post"])
    def delay(self, request: Request, **_: str) -> Response:
        """Say what waiting costs."""
        given = self.read(shapes.DelayIn)
        return self.shown(say_delay(actor=request.user, candidate=self.get_object(), at=self.at, **given))

    @extend_schema(request=shapes.EstimateIn, responses=shapes.ItemOut)
    @action(detail=True, methods=["post"])
    def estimate(self, request: Request, **_: str) -> Response:
        """How much work it is; it becomes a line."""
        given = self.read(shapes.EstimateIn)
        item = estimate_candidate(actor=request.user, candidate=self.get_object(), at=self.at, **given)
        return Response(shapes.ItemOut(item).data)

    @extend_schema(request=shapes.InviteIn)
    @action(detail=True, methods=["post"])
    def invite(self, request: Request, **_: str) -> Response:
        """Let a team vote that has no data and no request of the planning team; its voters are told."""
        team = team_named(self.read(shapes.InviteIn)["team"], "team")
        candidate = self.get_object()
        invite_team(actor=request.user, candidate=candidate, team=team, at=self.at)
        return self.shown(candidate)


@extend_schema(tags=["plans"])
class NeedViewSet(PortalViewSet):
    """What lines need of other teams."""

    queryset = PlanNeed.objects.none()
    serializer_class = shapes.NeedOut
    filterset_class = NeedFilter
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"
    scopes = SCOPES

    def get_queryset(self) -> QuerySet[PlanNeed]:
        rows = PlanNeed.objects.filter(item__plan__in=plans_visible_to(self.request.user))
        return rows.select_related("team", "item__plan__team")

    @extend_schema(request=shapes.AnswerIn)
    @action(detail=True, methods=["post"])
    def accept(self, _request: Request, **_: str) -> Response:
        return self._answered(is_accepted=True)

    @extend_schema(request=shapes.AnswerIn)
    @action(detail=True, methods=["post"])
    def decline(self, _request: Request, **_: str) -> Response:
        return self._answered(is_accepted=False)

    def _answered(self, *, is_accepted: bool) -> Response:
        given = self.read(shapes.AnswerIn)
        need = answer_need(
            actor=self.request.user, need=self.get_object(), is_accepted=is_accepted, at=self.at, **given
        )  # fmt: skip
        return self.shown(need)


class ClusterOut(serializers.Serializer[RequestCluster]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    team = serializers.CharField(source="team.slug")
    state = serializers.CharField()
    requests = serializers.SerializerMethodField()

    def get_requests(self, cluster: RequestCluster) -> list[str]:
        return sorted(member.request.number for member in cluster.members.all() if not member.request.is_private)


class ModelIn(serializers.Serializer[Any]):
    title = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    minutes = serializers.IntegerField(required=False, allow_null=True, default=None)


class NameIn(serializers.Serializer[Any]):
    name = serializers.CharField(allow_blank=True, max_length=200)


class NumbersIn(serializers.Serializer[Any]):
    requests = serializers.ListField(child=serializers.CharField(max_length=16), max_length=50)


class OtherIn(serializers.Serializer[Any]):
    other = serializers.IntegerField()


@extend_schema(tags=["plans"])
class ClusterViewSet(PortalViewSet):
    """Questions that ask for one thing; private ones are in none."""

    queryset = RequestCluster.objects.none()
    serializer_class = ClusterOut
    filterset_class = ClusterFilter
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"
    scopes = SCOPES | {"propose": "plans:write"}

    def get_queryset(self) -> QuerySet[RequestCluster]:
        rows = RequestCluster.objects.exclude(state="gone").select_related("team")
        return rows.prefetch_related("members__request")

    @extend_schema(responses=dict)
    @action(detail=True, methods=["get"])
    def standing(self, _request: Request, **_: str) -> Response:
        """Asks, teams and minutes of the last 90 days, and what that makes it."""
        theme = next(iter(themes_of([self.get_object()], self.at)), None)
        if theme is None:
            return Response({"asks": 0, "teams": 0, "minutes": 0, "is_recurring": False, "is_candidate": False})
        known = theme.standing
        return Response({"asks": known.asks, "teams": known.teams, "minutes": known.minutes,
                         "is_recurring": known.is_recurring, "is_candidate": known.is_candidate})  # fmt: skip

    @extend_schema(request=ModelIn, responses={201: shapes.CandidateOut})
    @action(detail=True, methods=["post"])
    def propose(self, request: Request, **_: str) -> Response:
        """One model instead of many questions."""
        made = propose_model(actor=request.user, cluster=self.get_object(), at=self.at, **self.read(ModelIn))
        return Response(shapes.CandidateOut(made).data, status=201)

    @extend_schema(request=shapes.PlanReasonIn)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, **_: str) -> Response:
        reason = self.read(shapes.PlanReasonIn)["reason"]
        return self.shown(reject_cluster(actor=request.user, cluster=self.get_object(), reason=reason, at=self.at))

    @extend_schema(request=NameIn)
    @action(detail=True, methods=["post"])
    def rename(self, request: Request, **_: str) -> Response:
        name = self.read(NameIn)["name"]
        return self.shown(rename_cluster(actor=request.user, cluster=self.get_object(), name=name, at=self.at))

    @extend_schema(request=NumbersIn)
    @action(detail=True, methods=["post"])
    def split(self, request: Request, **_: str) -> Response:
        """Take questions out into a theme of their own; answers with it."""
        numbers = self.read(NumbersIn)["requests"]
        rows = list(visible_to(request.user).filter(number__in=numbers, is_private=False))
        return self.shown(split_cluster(actor=request.user, cluster=self.get_object(), requests=rows, at=self.at))

    @extend_schema(request=OtherIn)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, **_: str) -> Response:
        other = self.find(str(self.read(OtherIn)["other"]))
        return self.shown(merge_clusters(actor=request.user, cluster=self.get_object(), other=other, at=self.at))


class OutcomeOut(serializers.Serializer[ModelOutcome]):
    """One look: counts, days, the probability of so few by chance, and the word."""

    item = serializers.IntegerField(source="item_id")
    title = serializers.CharField(source="item.title")
    team = serializers.CharField(source="item.plan.team.slug")
    proposed_at = serializers.DateTimeField()
    shipped_at = serializers.DateTimeField()
    looked_at = serializers.DateTimeField()
    before = serializers.IntegerField()
    before_days = serializers.IntegerField()
    after = serializers.IntegerField()
    after_days = serializers.IntegerField()
    probability = serializers.FloatField()
    verdict = serializers.CharField()
    minutes_saved = serializers.IntegerField()


@extend_schema(tags=["plans"])
class OutcomeViewSet(ReadViewSet):
    """Whether the questions fell after a model shipped; every look that was taken."""

    queryset = ModelOutcome.objects.none()
    serializer_class = OutcomeOut
    filterset_class = OutcomeFilter
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"
    order = ("looked_at",)
    scopes = {"read": "plans:read"}

    def get_queryset(self) -> QuerySet[ModelOutcome]:
        rows = ModelOutcome.objects.filter(item__plan__in=plans_visible_to(self.request.user))
        return rows.select_related("item__plan__team")
