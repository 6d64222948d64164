"""/api/v1/oncall/rest: rest until noon after a broken night (spec additions, "rest")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from oncall.queries.burden import rest_offered
from oncall.services.resting import rest_until_noon
from portal.accounts.models import Absence
from portal.core.api.viewsets import ActionViewSet

if TYPE_CHECKING:
    from rest_framework.request import Request


class RestOut(serializers.Serializer[Any]):
    """Until when the caller may rest or rests; null after a calm night."""

    until = serializers.DateTimeField(allow_null=True)


@extend_schema(tags=["oncall"])
class RestViewSet(ActionViewSet):
    """The caller's own rest; nobody asks for somebody else."""

    queryset = Absence.objects.none()
    serializer_class = RestOut
    scopes = {"read": None, "write": None}

    @extend_schema(responses={200: forced_singular_serializer(RestOut)})
    def list(self, request: Request) -> Response:
        """What is offered now."""
        viewer: Any = request.user
        return Response(RestOut({"until": rest_offered(viewer, self.at)}).data)

    @extend_schema(request=None, responses={201: RestOut})
    def create(self, request: Request) -> Response:
        """Take it: cover follows at once, and the lead hears until when."""
        actor: Any = request.user
        row = rest_until_noon(actor=actor, at=self.at)
        return Response(RestOut({"until": row.during.upper}).data, status=201)
