"""`/api/v1/teams/{slug}/suggested-owners`: the fairest matrix, and asking the people in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from ownership import policies
from ownership.queries.parties import teams_of_person
from ownership.queries.suggested import suggested_owners
from ownership.services.asking import ask_suggested
from portal.accounts.policies import teams_visible_to
from portal.core.api.viewsets import PortalViewSet
from portal.core.policies import require

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from ownership.queries.suggested import Line, TeamMatrix


class SuggestedLineShown(serializers.Serializer[Any]):
    """Null where nobody knows the asset enough; `familiarity` is 0 to 3 by handle."""

    asset = serializers.CharField()
    tier = serializers.IntegerField(allow_null=True)
    primary = serializers.CharField(allow_null=True)
    backup = serializers.CharField(allow_null=True)
    is_asked = serializers.BooleanField()
    familiarity = serializers.DictField(child=serializers.IntegerField())


class SuggestedOwnersShown(serializers.Serializer[Any]):
    """`points` and `load` are what the matrix would add to each person."""

    lines = SuggestedLineShown(many=True)
    points = serializers.DictField(child=serializers.FloatField())
    load = serializers.DictField(child=serializers.FloatField())
    is_cut = serializers.BooleanField()


class AskSuggestedInput(serializers.Serializer[Any]):
    """Slugs of lines."""

    assets = serializers.ListField(child=serializers.CharField(max_length=200), min_length=1, max_length=200)


class AskedSuggestedShown(serializers.Serializer[Any]):
    asked = serializers.IntegerField()


class SuggestedOwnersViewSet(PortalViewSet):
    """For members, leads, admins and auditors; a lead of the team or an admin asks."""

    serializer_class = SuggestedOwnersShown
    scopes = {"read": "ownership:read", "write": "ownership:write"}
    inputs = {"ask": AskSuggestedInput}
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet[Any]:
        return teams_visible_to(self.request.user).filter(archived_at=None)

    @extend_schema(responses=SuggestedOwnersShown)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who in the team could own what nobody in person answers for; nothing is stored."""
        del args, kwargs
        team, viewer = self.get_object(), request.user
        require(policies.shapes.can_see(viewer, team, teams_of_person(viewer, self.at)))
        return Response(SuggestedOwnersShown(_told(suggested_owners(team, self.at))).data)

    @extend_schema(request=AskSuggestedInput, responses=AskedSuggestedShown)
    def ask(self, request: Request, slug: str) -> Response:
        """Ask primary and backup of these lines; all or none."""
        del slug
        actor: Any = request.user
        given = self.read(AskSuggestedInput)["assets"]
        asked = ask_suggested(actor=actor, team=self.get_object(), slugs=given, at=self.at)
        return Response(AskedSuggestedShown({"asked": asked}).data)


def _told(matrix: TeamMatrix) -> dict[str, Any]:
    return {
        "lines": [_line(line) for line in matrix.lines],
        "points": matrix.points,
        "load": matrix.load,
        "is_cut": matrix.is_cut,
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "asset": line.asset.slug,
        "tier": line.asset.tier,
        "primary": line.primary.handle if line.primary else None,
        "backup": line.backup.handle if line.backup else None,
        "is_asked": line.is_asked,
        "familiarity": dict(line.knows),
    }
