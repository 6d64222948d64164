"""/api/v1/sla/: clocks, why their dates are what they are, and the preview of a promise (spec sla 9)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from portal.core.api.viewsets import ActionViewSet, PortalViewSet
from portal.core.domain.calendars import parse_calendar
from portal.core.errors import BadRequest, DomainError
from portal.core.models import CalendarVersion
from portal.core.queries.calendars import load_calendar
from requests_queue.api import serializers as shapes
from requests_queue.domain.preview import Question, preview
from requests_queue.filters import ClockFilter
from requests_queue.models import SlaClock
from requests_queue.queries.explaining import explain_clock
from requests_queue.queries.listing import listed_clocks
from requests_queue.services.clocks import change_target, excuse_breach

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from portal.core.domain.working_time import Calendar
    from requests_queue.domain.preview import Preview
    from requests_queue.queries.explaining import Explanation

FIRST_YEAR, LAST_YEAR = 1970, 2200
MOST_PAUSES = 1000


@extend_schema_field({"type": "string", "format": "date-time"})
class InstantField(serializers.Field[datetime, Any, Any, Any]):
    """An ISO 8601 instant with its offset, in the years 1970 to 2200."""

    def to_internal_value(self, data: Any) -> datetime:
        try:
            instant = datetime.fromisoformat(data) if isinstance(data, str) else None
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            raise serializers.ValidationError("Write an instant with its offset, such as 2026-11-24T09:00:00Z.")
        if not FIRST_YEAR <= instant.year <= LAST_YEAR:
            message = f"Between {FIRST_YEAR} and {LAST_YEAR}."
            raise serializers.ValidationError(message)
        return instant.astimezone(UTC)

    def to_representation(self, value: Any) -> Any:
        return value


class PauseIn(serializers.Serializer[Any]):
    """`to` may be null: it lasts."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"from": InstantField(), "to": InstantField(allow_null=True, required=False, default=None)}


class PreviewIn(serializers.Serializer[Any]):
    """A calendar by version id or inline, a start and a duration in counted seconds."""

    calendar = serializers.JSONField(required=False, default=None)
    calendar_version = serializers.IntegerField(required=False, default=None, allow_null=True)
    start = InstantField()
    duration_seconds = serializers.IntegerField(min_value=1, max_value=31_536_000)
    pauses = PauseIn(many=True, required=False)
    percents = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=400), required=False, default=list, max_length=8
    )
    stop_at = InstantField(required=False, default=None, allow_null=True)


@extend_schema(tags=["sla"])
class ClockViewSet(PortalViewSet):
    """Promises, soonest due first; a clock without a due instant stands by its start."""

    queryset = SlaClock.objects.none()
    serializer_class = shapes.ClockLineOut
    filterset_class = ClockFilter
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"
    order = ("start_at",)
    scopes = {"read": "sla:read", "write": "requests:approve"}

    def get_queryset(self) -> QuerySet[SlaClock]:
        return listed_clocks(self.request.user)

    @extend_schema(responses=dict)
    @action(detail=True, methods=["get"])
    def explain(self, _request: Request, **_: str) -> Response:
        """Why this date: stretches, events, steps and totals."""
        return Response(_explained(explain_clock(self.get_object(), self.at)))

    @extend_schema(request=shapes.ReasonIn)
    @action(detail=True, methods=["post"])
    def excuse(self, request: Request, **_: str) -> Response:
        reason = self.read(shapes.ReasonIn)["reason"]
        return self.shown(excuse_breach(actor=request.user, clock=self.get_object(), reason=reason, at=self.at))

    @extend_schema(request=shapes.TargetIn)
    @action(detail=True, methods=["post"])
    def target(self, request: Request, **_: str) -> Response:
        """Another target from now on; what was counted stands."""
        given = self.read(shapes.TargetIn)
        return self.shown(change_target(actor=request.user, clock=self.get_object(), at=self.at, **given))


@extend_schema(tags=["sla"])
class PreviewViewSet(ActionViewSet):
    """The function of the clocks, for the asking; stores nothing."""

    queryset = CalendarVersion.objects.none()
    serializer_class = PreviewIn
    scopes = {"create": "sla:read"}
    filter_backends = ()

    @extend_schema(request=PreviewIn, responses=dict)
    def create(self, _request: Request) -> Response:
        given = self.read(PreviewIn)
        pauses = [(pause["from"], pause["to"]) for pause in given.get("pauses", [])]
        if len(pauses) > MOST_PAUSES or any(end is not None and end < begin for begin, end in pauses):
            raise DomainError("sla.bad_pause", "At most 1,000 pauses, each with `to` after `from`.", "pauses")
        calendar = _calendar(given)
        asked = Question(given["start"], given["duration_seconds"], pauses, given["percents"], given["stop_at"])
        return Response(_shown(preview(calendar, asked), calendar.zone))


def _calendar(given: dict[str, Any]) -> Calendar:
    inline = given["calendar"]
    if given["calendar_version"] is not None:
        try:
            return load_calendar(given["calendar_version"])
        except CalendarVersion.DoesNotExist:
            raise DomainError(
                "sla.unknown_calendar", "There is no such calendar version.", "calendar_version"
            ) from None
    if not isinstance(inline, dict):
        raise BadRequest("sla.no_calendar", "Give `calendar_version`, or `calendar` with zone and weekly.", "calendar")
    return parse_calendar(inline)


def _shown(answer: Preview, zone: Any) -> dict[str, Any]:
    local = ZoneInfo(str(zone))
    return {
        "due_at": _iso(answer.due_at),
        "due_local": answer.due_at.astimezone(local).isoformat() if answer.due_at else None,
        "breach_at": _iso(answer.breach_at),
        "steps": [{"percent": percent, "seconds": seconds, "at": _iso(at)} for percent, seconds, at in answer.steps],
        "counted_at_stop": answer.counted_at_stop,
        "remaining_seconds": answer.remaining_seconds,
        "outcome": answer.outcome,
    }


def _explained(told: Explanation) -> dict[str, Any]:
    return {
        "clock": shapes.ClockLineOut(told.clock).data,
        "segments": [
            {"from": _iso(row.start), "to": _iso(row.end), "kind": row.kind, "seconds": row.seconds, "label": row.label}
            for row in told.stretches
        ],
        "events": [
            {"kind": event.kind, "at": _iso(event.occurred_at), "reason": event.reason} for event in told.events
        ],
        "steps": [{"percent": step.percent, "at": _iso(step.at)} for step in told.view.steps],
        "totals": told.totals,
        "due_at": _iso(told.view.due_at),
        "breach_at": _iso(told.view.breach_at),
        "calendar_version": told.clock.calendar_version_id,
        "policy_version": told.clock.policy_version_id,
    }


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
