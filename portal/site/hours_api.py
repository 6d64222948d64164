"""/api/v1/me/working-hours: the hours that count for the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import calendar_of_person
from portal.accounts.services.hours import Hours, drop_hours, publish_hours
from portal.core import clock
from portal.core.api.router import endpoint
from portal.core.domain.calendars import WEEKDAYS

if TYPE_CHECKING:
    from rest_framework.request import Request

INTERVALS = 'Intervals such as [["09:00", "17:00"]]; none is closed.'


class HoursExceptionField(serializers.Serializer[Any]):
    """One date: its hours (none: closed), what it is called, and whether it is a public holiday."""

    intervals = serializers.ListField(child=serializers.ListField(child=serializers.CharField(max_length=5)))
    name = serializers.CharField(max_length=80, allow_blank=True, required=False, default="")
    is_public_holiday = serializers.BooleanField(required=False, default=False)


class WorkingHoursIn(serializers.Serializer[Any]):
    """The whole pattern; what is left out is closed."""

    zone = serializers.CharField(max_length=64)
    weekly = serializers.DictField(
        child=serializers.ListField(child=serializers.ListField(child=serializers.CharField(max_length=5))),
        help_text=f"By {', '.join(WEEKDAYS)}. {INTERVALS}",
    )
    exceptions = serializers.DictField(child=HoursExceptionField(), required=False, default=dict, help_text="By date.")


class WorkingHoursOut(WorkingHoursIn):
    """`is_own` is false where the team's hours count; `version` rises with each change."""

    is_own = serializers.BooleanField()
    version = serializers.IntegerField()


@extend_schema(tags=["me"])
class WorkingHoursViewSet(ViewSet):
    """Read, replace, or drop: then the hours of the main team count again."""

    scopes = {"read": "me:read", "write": "me:write"}

    @extend_schema(responses=WorkingHoursOut)
    def retrieve(self, request: Request) -> Response:
        viewer: Any = request.user
        version = calendar_of_person(viewer, local_day(viewer, clock.now()))
        own = {"is_own": viewer.calendar_id is not None, "version": version.n}
        facts = {"zone": version.zone, "weekly": version.weekly, "exceptions": version.exceptions}
        return Response(WorkingHoursOut(facts | own).data)

    @extend_schema(request=WorkingHoursIn, responses=WorkingHoursOut)
    def update(self, request: Request) -> Response:
        viewer: Any = request.user
        given = WorkingHoursIn(data=request.data)
        given.is_valid(raise_exception=True)
        publish_hours(actor=viewer, person=viewer, hours=Hours(**given.validated_data), at=clock.now())
        viewer.refresh_from_db()
        return self.retrieve(request)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request) -> Response:
        viewer: Any = request.user
        drop_hours(actor=viewer, person=viewer, at=clock.now())
        return Response(status=204)


working_hours = endpoint(
    "me/working-hours",
    WorkingHoursViewSet.as_view({"get": "retrieve", "put": "update", "delete": "destroy"}),
    "me-working-hours",
)
