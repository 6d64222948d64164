"""/api/v1/urgency/<team>/<quarter>/: how often a team asked urgently, and how soon it looked at what it got."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from portal.accounts.models import Team
from portal.core.api.viewsets import ActionViewSet
from portal.core.domain.quarter import quarter_called
from portal.core.errors import DomainError, NotVisible
from requests_queue.queries.urgency import UrgencyReport, urgency_report

if TYPE_CHECKING:
    from rest_framework.request import Request


class ExemptCountOut(serializers.Serializer[dict[str, object]]):
    kind = serializers.CharField()
    count = serializers.IntegerField()


class UrgencyOut(serializers.Serializer[UrgencyReport]):
    """Counts of one asking team; the seconds until it opened what was urgent are null below five."""

    filed = serializers.IntegerField()
    urgent = serializers.IntegerField()
    tokens_used = serializers.IntegerField(source="used")
    tokens_returned = serializers.IntegerField(source="returned")
    tokens = serializers.IntegerField(source="quota")
    exempt = serializers.SerializerMethodField()
    opened_median_seconds = serializers.IntegerField(source="honesty.median_seconds", allow_null=True)
    opened_p85_seconds = serializers.IntegerField(source="honesty.p85_seconds", allow_null=True)
    opened = serializers.IntegerField(source="honesty.n")

    @extend_schema_field(ExemptCountOut(many=True))
    def get_exempt(self, report: UrgencyReport) -> list[dict[str, object]]:
        return [{"kind": kind, "count": count} for kind, count in report.exempt]


@extend_schema(tags=["reports"])
class UrgencyViewSet(ActionViewSet):
    """The urgency of an asking team in a quarter such as 2027q1; private requests stand in none of the counts."""

    queryset = Team.objects.none()
    serializer_class = UrgencyOut
    filter_backends = ()
    lookup_field = "quarter"
    lookup_value_regex = "[0-9]{4}q[1-4]"
    scopes = {"read": "requests:read"}

    @extend_schema(responses=UrgencyOut)
    def retrieve(self, _request: Request, team: str, quarter: str) -> Response:
        found = Team.objects.filter(slug=team).first()
        try:
            asked = quarter_called(quarter)
        except DomainError:
            raise NotVisible from None
        if found is None:
            raise NotVisible
        return Response(UrgencyOut(urgency_report(found, asked)).data)
