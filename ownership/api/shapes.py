"""`/api/v1/people/{handle}/bus-test` and `/api/v1/teams/{slug}/shape`: who would be missed, and what if."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from ownership import policies
from ownership.domain.bus import OUTCOMES
from ownership.domain.kinds import kind_of
from ownership.queries.bus_test import beside_assets, run_bus_test
from ownership.queries.parties import leads_one_of, teams_of_person
from ownership.queries.shapes import shapes_of, what_if
from ownership.shape_forms import WhatIfForm
from portal.accounts.policies import people_visible_to, teams_visible_to
from portal.core.api.viewsets import ReadViewSet
from portal.core.errors import BadRequest
from portal.core.policies import require

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from ownership.domain.shape import Shape

MOST = 500


class StakeShown(serializers.Serializer[Any]):
    """An asset of the person; `could_step_in` names backups, those who have worked on it first."""

    asset = serializers.CharField(source="slug")
    kind = serializers.SerializerMethodField()
    tier = serializers.IntegerField(allow_null=True)
    is_primary = serializers.BooleanField()
    outcome = serializers.ChoiceField(choices=list(OUTCOMES))
    could_step_in = serializers.ListField(child=serializers.CharField(), source="heirs")

    def get_kind(self, stake: Any) -> str:
        return kind_of(stake.kind).name


class BesideShown(serializers.Serializer[Any]):
    """What rests on the person in one room beside assets, in sentences."""

    what = serializers.CharField()
    says = serializers.ListField(child=serializers.CharField())


class BusTestShown(serializers.Serializer[Any]):
    """`left_behind` would miss somebody, by tier and the worst first, at most 500; `counts` are of all."""

    person = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    left_behind = StakeShown(many=True)
    beside = BesideShown(many=True)


class ShapeShown(serializers.Serializer[Any]):
    """The figures of one team; `uncovered_days` are of the next 60."""

    people = serializers.IntegerField()
    primaries = serializers.IntegerField()
    primaries_a_person = serializers.FloatField(allow_null=True)
    backed_share = serializers.FloatField(allow_null=True)
    islands = serializers.IntegerField()
    uncovered_days = serializers.IntegerField()
    crossings = serializers.IntegerField()


class TeamFiguresShown(serializers.Serializer[Any]):
    """A team as it is; `then` is there only with a question."""

    team = serializers.CharField()
    model = serializers.CharField()
    now = ShapeShown()
    then = ShapeShown(allow_null=True)


class TeamShapeShown(serializers.Serializer[Any]):
    teams = TeamFiguresShown(many=True)


class BusTestViewSet(ReadViewSet):
    """Of a person, for that person, who leads them, and admins."""

    serializer_class = BusTestShown
    scopes = {"read": "ownership:read"}
    lookup_field = "handle"

    def get_queryset(self) -> QuerySet[Any]:
        return people_visible_to(self.request.user)

    @extend_schema(responses=BusTestShown)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What would be without an owner or without a backup who can step in, if the person were gone now."""
        del args, kwargs
        person: Any = self.get_object()
        viewer: Any = request.user
        require(policies.shapes.can_run_bus_test(viewer, person, leads=leads_one_of(viewer, person, self.at)))
        found = run_bus_test(person, self.at)
        beside = [{"what": what, "says": says} for what, says in beside_assets(person, self.at)]
        told = {
            "person": person.handle, "counts": found.counts, "left_behind": found.left_behind[:MOST], "beside": beside,
        }  # fmt: skip
        return Response(BusTestShown(told).data)


class TeamShapeViewSet(ReadViewSet):
    """Of a team, for its members, leads, admins and auditors."""

    serializer_class = TeamShapeShown
    scopes = {"read": "ownership:read"}
    lookup_field = "slug"
    query_parameters = frozenset({"person", "to"})

    def get_queryset(self) -> QuerySet[Any]:
        return teams_visible_to(self.request.user).filter(archived_at=None)

    @extend_schema(parameters=[OpenApiParameter("person", str), OpenApiParameter("to", str)], responses=TeamShapeShown)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The figures; with `person` (a handle of the team) and `to` (another team) both teams before and after."""
        del args, kwargs
        team: Any = self.get_object()
        viewer: Any = request.user
        require(policies.shapes.can_see(viewer, team, teams_of_person(viewer, self.at)))
        asked = {name: request.query_params[name] for name in ("person", "to") if name in request.query_params}
        if not asked:
            return _answer([(team, shapes_of([team], self.at)[team.pk], None)])
        form = WhatIfForm(asked, team=team, at=self.at)
        if not form.is_valid():
            field = next(iter(form.errors))
            raise BadRequest("core.bad_filter", "Name a member of the team and another team.", field)
        person, target = form.cleaned_data["person"], form.cleaned_data["to"]
        found = what_if(person, team, target, self.at)
        return _answer([(each, *found[each.pk]) for each in (team, target)])


def _answer(rows: list[tuple[Any, Shape, Shape | None]]) -> Response:
    teams = [{"team": team.slug, "model": team.model, "now": now, "then": then} for team, now, then in rows]
    return Response(TeamShapeShown({"teams": teams}).data)
