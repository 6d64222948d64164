"""GET /api/v1/oncall/proof: would the pager work tonight (spec oncall 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from oncall.models import Rota
from oncall.queries.board import listed_rotas
from oncall.queries.readiness import Finding, Holder, NextGap, nights_of, readiness
from portal.core.api.viewsets import ActionViewSet

if TYPE_CHECKING:
    from rest_framework.request import Request

    from oncall.queries.readiness import Readiness


class ProofHolderOut(serializers.Serializer[Holder]):
    """Somebody with a shift in 60 days."""

    name = serializers.CharField()
    is_verified = serializers.BooleanField()
    is_tested = serializers.BooleanField()
    is_active = serializers.BooleanField()


class ProofFindingOut(serializers.Serializer[Finding]):
    """One thing that would go wrong; `colour` is bad or warn."""

    rota = serializers.CharField(source="rota.slug")
    team = serializers.CharField(source="rota.team.slug")
    sentence = serializers.CharField()
    colour = serializers.CharField(source="css")


class ProofGapOut(serializers.Serializer[NextGap]):
    """The first time within 90 days at which a rota has nobody."""

    rota = serializers.CharField(source="rota.slug")
    role = serializers.CharField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class ProofEngineOut(serializers.Serializer[Any]):
    """The engine's own sign of life; ages and lags in seconds."""

    is_well = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())
    canary_age_seconds = serializers.FloatField(source="figures.canary_age", allow_null=True)
    canary_lag_seconds = serializers.FloatField(source="figures.canary_lag", allow_null=True)
    overdue = serializers.IntegerField(source="figures.deadlines_overdue")
    pages_without_reader = serializers.IntegerField(source="figures.unrouted")


class ProofOut(serializers.Serializer[Any]):
    """Engine, people, the next gap, and what would go wrong."""

    engine = ProofEngineOut(source="health")
    verified = serializers.SerializerMethodField()
    holders = ProofHolderOut(many=True)
    next_gap = ProofGapOut(allow_null=True)
    findings = ProofFindingOut(many=True)

    def get_verified(self, found: Readiness) -> int:
        """How many of the holders can be woken."""
        return sum(holder.is_verified for holder in found.holders)


@extend_schema(tags=["oncall"])
class ProofViewSet(ActionViewSet):
    """The same as `/oncall/proof`, agreements and runbooks among the findings."""

    queryset = Rota.objects.none()
    serializer_class = ProofOut
    query_parameters = frozenset({"team"})
    scopes = {"read": "oncall:read"}

    @extend_schema(
        parameters=[OpenApiParameter("team", str, description="The slug of one team.")],
        responses=forced_singular_serializer(ProofOut),
    )
    def list(self, request: Request) -> Response:
        team = request.query_params.get("team", "")
        rotas = [rota for rota in listed_rotas(request.user) if not team or rota.team.slug == team]
        found = readiness(rotas, self.at)
        body: Any = ProofOut(found).data
        nights: Any = nights_of(rotas, self.at)
        return Response(body | {"findings": [*body["findings"], *ProofFindingOut(nights, many=True).data]})
