"""/api/v1/comp-days/: one's own days off for own public holidays that were served (spec oncall 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action

from oncall.filters.shifts import CompDayFilter
from oncall.models import CompDay
from oncall.queries.board import listed_comp_days
from oncall.services.serving import take_comp_day
from portal.core.api.viewsets import PortalViewSet

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response


class CompDayShown(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    rota = serializers.CharField(source="rota.slug")
    earned_on = serializers.DateField()
    due_by = serializers.DateField()
    taken_on = serializers.DateField(allow_null=True)
    state = serializers.ChoiceField(choices=["open", "taken"])


class CompDayTaken(serializers.Serializer[Any]):
    on = serializers.DateField()


@extend_schema(tags=["oncall"])
class CompDayViewSet(PortalViewSet):
    """The caller's own days; others' are nobody's business."""

    queryset = CompDay.objects.none()
    serializer_class = CompDayShown
    filterset_class = CompDayFilter
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"
    order = ("due_by",)
    scopes = {"read": "oncall:read", "write": "oncall:write"}
    inputs = {"take": CompDayTaken}

    def get_queryset(self) -> QuerySet[CompDay]:
        viewer: Any = self.request.user
        return listed_comp_days(viewer)

    @extend_schema(request=CompDayTaken)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str) -> Response:
        """The day off was taken; 409 `oncall.comp_taken` when it was taken before."""
        del pk
        on = self.read(CompDayTaken)["on"]
        return self.shown(take_comp_day(actor=request.user, comp=self.get_object(), on=on, at=self.at))
