"""/api/v1/topics/, /api/v1/events/ and sending events again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from portal.accounts.models import Endpoint
from portal.accounts.policies import endpoints_visible_to
from portal.accounts.queries.people import local_day
from portal.core.api.router import endpoint
from portal.core.api.viewsets import ActionViewSet
from portal.core.errors import BadRequest
from portal.core.models import Setting
from portal.site.domain.topics import TOPICS, Act, envelope, schema
from portal.site.queries.events import MOST, feed
from portal.site.services.events_out import redeliver_events

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from portal.site.domain.topics import Topic


class EventTopicOut(serializers.Serializer[Any]):
    """A topic with the schema of its events and one of them."""

    name = serializers.CharField()
    about = serializers.CharField()
    schema = serializers.DictField()
    example = serializers.DictField()


class OutsideSubjectOut(serializers.Serializer[Any]):
    """What an event is about."""

    type = serializers.CharField()
    id = serializers.CharField()


class OutsideEventOut(serializers.Serializer[Any]):
    """An event: ids and names of fields, never a text."""

    id = serializers.CharField()
    topic = serializers.CharField()
    version = serializers.IntegerField()
    at = serializers.DateTimeField()
    subject = OutsideSubjectOut()
    actor = serializers.CharField(allow_null=True)
    data = serializers.DictField()  # type: ignore[assignment]  # a field: DRF takes it out of the class


class EventFeedOut(serializers.Serializer[Any]):
    """Events in order; `cursor` is where to go on, also when `next` is null."""

    next = serializers.CharField(allow_null=True)
    cursor = serializers.CharField(allow_blank=True)
    results = OutsideEventOut(many=True)


class RedeliverIn(serializers.Serializer[Any]):
    """The span whose events are sent again."""

    after = serializers.DateTimeField()
    until = serializers.DateTimeField()


class RedeliverOut(serializers.Serializer[Any]):
    """How many events are on their way."""

    events = serializers.IntegerField()


@extend_schema(tags=["events"])
class TopicViewSet(ActionViewSet):
    """The catalogue: what an endpoint can ask for, and what the feed tells."""

    queryset = Setting.objects.none()
    serializer_class = EventTopicOut
    filter_backends = ()
    scopes = {"list": "events:read"}

    @extend_schema(responses=EventTopicOut(many=True))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every topic."""
        del request, args, kwargs
        rows = [_shown(topic, self.at) for topic in TOPICS]
        return Response({"next": None, "results": EventTopicOut(rows, many=True).data})


@extend_schema(tags=["events"])
class EventViewSet(ActionViewSet):
    """What happened in the last 30 days, in an order that skips nothing; a repeat is possible."""

    queryset = Setting.objects.none()
    serializer_class = EventFeedOut
    filter_backends = ()
    scopes = {"list": "events:read"}

    @extend_schema(
        parameters=[
            OpenApiParameter("after", str, description="The `cursor` of the answer before; empty: 30 days ago."),
            OpenApiParameter("topic", str, description="A topic or a glob such as oncall.*; several with commas."),
            OpenApiParameter("limit", int, description="1 to 500 events; 100 unless given."),
        ],
        responses=EventFeedOut,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The events after a cursor."""
        del args, kwargs
        asked = request.query_params
        topics = [name for name in asked.get("topic", "").split(",") if name]
        found = feed(after=asked.get("after", ""), topics=topics, limit=_limit(asked.get("limit", "100")), at=self.at)
        return Response({
            "next": found.cursor if found.has_more else None, "cursor": found.cursor, "results": found.events,
        })  # fmt: skip


@extend_schema(tags=["endpoints"])
class RedeliverViewSet(ActionViewSet):
    """Sends events again, under the ids they had."""

    serializer_class = RedeliverOut
    scopes = {"redeliver": "endpoints:write"}
    inputs = {"redeliver": RedeliverIn}

    def get_queryset(self) -> QuerySet[Endpoint]:
        user: Any = self.request.user
        if not user.is_authenticated:
            return Endpoint.objects.none()
        return endpoints_visible_to(user, local_day(user, self.at)).select_related("team")

    @extend_schema(responses={202: RedeliverOut})
    def redeliver(self, request: Request, pk: str) -> Response:
        """Events of a span of the last 30 days, at most 1,000."""
        del pk
        row, span = self.get_object(), self.read(RedeliverIn)
        viewer: Any = request.user
        told = redeliver_events(actor=viewer, endpoint=row, after=span["after"], until=span["until"], at=self.at)
        return Response({"events": told}, status=202)


def _shown(topic: Topic, at: datetime) -> dict[str, Any]:
    act = Act(1, topic.verbs[0], at, topic.subject_type, "41", "ana", ["state"])
    return {"name": topic.name, "about": topic.about, "schema": schema(topic), "example": envelope(act)}


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 5 and 0 < int(text) <= MOST):  # noqa: PLR2004 (digits)
        raise BadRequest("core.bad_page_size", f"limit is a whole number from 1 to {MOST}.", "limit")
    return int(text)


urlpatterns = [
    endpoint("topics", TopicViewSet.as_view({"get": "list"}), "topic-list"),
    endpoint("events", EventViewSet.as_view({"get": "list"}), "event-list"),
    endpoint(
        "endpoints/(?P<pk>[0-9]+)/redeliver", RedeliverViewSet.as_view({"post": "redeliver"}), "endpoint-redeliver"
    ),
]
