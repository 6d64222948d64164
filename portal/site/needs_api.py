"""/api/v1/needs/: what only the caller can move, and what they put off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from portal.core.api.router import Router
from portal.core.api.viewsets import ActionViewSet
from portal.core.models import Later
from portal.site.queries.day import need_called, need_key, needs_of, put_off_by
from portal.site.services.later import put_off, take_back

if TYPE_CHECKING:
    from rest_framework.request import Request


class WaitingOut(serializers.Serializer[Any]):
    """A row of "Needs you"; `key` names it as long as its fact stands, `until_at` is set while it is put off."""

    key = serializers.CharField()
    subject = serializers.CharField()
    sentence = serializers.CharField()
    verb = serializers.CharField()
    url = serializers.CharField()
    due_at = serializers.DateTimeField(allow_null=True)
    since = serializers.DateTimeField()
    until_at = serializers.DateTimeField(allow_null=True)


class LaterIn(serializers.Serializer[Any]):
    """One of the next ten working days."""

    day = serializers.DateField()


@extend_schema(tags=["me"])
class NeedViewSet(ActionViewSet):
    """Due first, then the longest waiting; then what is put off."""

    queryset = Later.objects.none()
    serializer_class = WaitingOut
    lookup_field = "key"
    lookup_value_regex = "[0-9a-f]{32}"
    filter_backends = ()
    scopes = {"read": "me:read", "write": "me:write"}

    def find(self, key: str) -> Any:
        return need_called(self.request.user, key, self.at)

    @extend_schema(responses=WaitingOut(many=True))
    def list(self, request: Request) -> Response:
        """Everything that waits for the caller."""
        rows = [_row(need_key(need), need, None) for need in needs_of(request.user, self.at)]
        rows += [_row(one.key, one.need, one.until_at) for one in put_off_by(request.user, self.at)]
        return Response({"next": None, "results": WaitingOut(rows, many=True).data})

    @extend_schema(request=LaterIn, responses=WaitingOut)
    @action(detail=True, methods=["post"])
    def later(self, request: Request, key: str) -> Response:
        """Let it come back on a working day, at most twice."""
        need, day = self.get_object(), self.read(LaterIn)["day"]
        row = put_off(actor=request.user, key=key, day=day, at=self.at)
        return Response(WaitingOut(_row(key, need, row.until_at)).data)

    @extend_schema(request=None, responses=WaitingOut)
    @action(detail=True, methods=["post"])
    def back(self, request: Request, key: str) -> Response:
        """Show it again now."""
        need = self.get_object()
        take_back(actor=request.user, key=key, at=self.at)
        return Response(WaitingOut(_row(key, need, None)).data)


def _row(key: str, need: Any, until_at: Any) -> Any:
    return {**vars(need), "key": key, "until_at": until_at}


router = Router()
router.register("needs", NeedViewSet, basename="need")
