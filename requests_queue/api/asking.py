"""`/api/v1/teams/{slug}/asking`: what a team gives in a quarter, and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from portal.accounts.policies import teams_visible_to
from portal.core.api.viewsets import ReadViewSet
from requests_queue.queries.asking import given_by

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request


class AskingTeamShown(serializers.Serializer[Any]):
    """Public requests resolved in 90 days, the median days they took, and the share of the quarter's plan."""

    team = serializers.CharField()
    resolved = serializers.IntegerField()
    median_days = serializers.FloatField(allow_null=True)
    plan_share = serializers.FloatField()


class TeamGivenShown(serializers.Serializer[Any]):
    """`people_days` is null before the quarter has a budget; the largest share first."""

    people_days = serializers.FloatField(allow_null=True)
    askers = AskingTeamShown(many=True)


class TeamAskingViewSet(ReadViewSet):
    """Private requests stand in none of the figures."""

    serializer_class = TeamGivenShown
    scopes = {"read": "requests:read"}
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet[Any]:
        return teams_visible_to(self.request.user).filter(archived_at=None)

    @extend_schema(responses=TeamGivenShown)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """People-days of this quarter, and each asking team with its share and how long it waits."""
        del request, args, kwargs
        return Response(TeamGivenShown(given_by(self.get_object(), self.at)).data)
