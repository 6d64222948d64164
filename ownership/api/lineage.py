"""`POST /api/v1/lineage` and `/lineage/batch`: where OpenLineage clients send (spec import_formats 4.1).

Answers are those the clients understand: 200 after commit, 503 with Retry-After under load, 4xx only for what no
reader could use, and never a redirect.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import InterfaceError, OperationalError
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from ownership import policies
from ownership.api.bodies import EventParser
from ownership.services.hearing import SOURCE, take_events
from portal.core import clock
from portal.core.api.viewsets import ActionViewSet
from portal.core.errors import BadRequest, DomainError, TooLarge, TooMany
from portal.core.limits import MIB
from portal.core.policies import require
from portal.core.services.rates import take
from portal.engine.services.inbound import is_flooded

if TYPE_CHECKING:
    from rest_framework.request import Request

EVENT_BYTES = 10 * MIB
MOST_EVENTS = 1000
MOST_WAITING = 200_000
BURST, PER_SECOND = 2000, 200
TOO_BUSY = 30


class Overloaded(DomainError):
    """Clients try again after a while; 429 they would take for final."""

    status = 503


@dataclass(frozen=True)
class Message:
    """One event as it is stored: the hash of its canonical form makes a retry the same message."""

    id: str
    body: dict[str, Any]


class EventInput(serializers.Serializer[Any]):
    """An OpenLineage RunEvent, JobEvent or DatasetEvent; unknown keys and facets are welcome."""

    eventTime = serializers.DateTimeField(required=False)  # noqa: N815 (the standard's name)
    eventType = serializers.CharField(required=False)  # noqa: N815 (the standard's name)
    run = serializers.DictField(required=False)
    job = serializers.DictField(required=False)
    dataset = serializers.DictField(required=False)
    inputs = serializers.ListField(required=False)
    outputs = serializers.ListField(required=False)


class StoredShown(serializers.Serializer[Any]):
    id = serializers.CharField()


class BatchCounts(serializers.Serializer[Any]):
    received = serializers.IntegerField()
    successful = serializers.IntegerField()
    failed = serializers.IntegerField()
    retriable = serializers.IntegerField()
    non_retriable = serializers.IntegerField()


class BatchFault(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    reason = serializers.CharField()
    retriable = serializers.BooleanField()


class BatchShown(serializers.Serializer[Any]):
    """How many events of a batch were taken, and what no reader could use."""

    status = serializers.ChoiceField(choices=["success", "partial_success"])
    summary = BatchCounts()
    failed_events = BatchFault(many=True)


class LineageViewSet(ActionViewSet):
    """Stored and answered at once, worked on later."""

    serializer_class = StoredShown
    parser_classes = (EventParser,)
    scopes = {"read": "lineage:write", "write": "lineage:write"}
    inputs = {"create": EventInput, "batch": EventInput}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """The bucket of this door instead of the general one."""
        GenericViewSet.initial(self, request, *args, **kwargs)
        self.at = clock.now()
        who = request.auth.pk if request.auth is not None else f"person-{request.user.pk}"
        try:
            take(key=f"lineage:{who}", capacity=BURST, per_seconds=BURST / PER_SECOND, at=self.at)
        except TooMany as refusal:
            again = refusal.extra.get("retry_after", TOO_BUSY)
            raise Overloaded("ownership.overloaded", refusal.message, retry_after=again) from None
        if is_flooded(source=SOURCE, limit=MOST_WAITING):
            message = "Too many events wait to be read. Send it again later."
            raise Overloaded("ownership.overloaded", message, retry_after=TOO_BUSY)

    def handle_exception(self, exc: Exception) -> Response:
        """Without its database the door says 503, so that clients keep the event and try again."""
        if isinstance(exc, OperationalError | InterfaceError):
            exc = Overloaded("ownership.overloaded", "The database is away for a moment.", retry_after=1)
        return super().handle_exception(exc)

    def create(self, request: Request) -> Response:
        """Take one event."""
        require(policies.ownerships.can_propose(request.user))
        event = request.data
        if isinstance(event, list) or not isinstance(event, dict):
            raise BadRequest("core.unparsable", "The body is one event, a JSON object. Batches go to /lineage/batch.")
        if why := why_refused(event):
            raise DomainError("ownership.unusable_event", why, "job")
        message = message_of(event)
        take_events(actor=request.user, messages=[(message.id, message.body)], at=self.at)
        return Response({"id": message.id})

    @extend_schema(request=EventInput(many=True), responses={200: BatchShown})
    @action(detail=False, methods=["post"])
    def batch(self, request: Request) -> Response:
        """Take up to 1,000 events; those that no reader could use are named by index."""
        require(policies.ownerships.can_propose(request.user))
        events = request.data
        if not isinstance(events, list):
            raise BadRequest("core.unparsable", "The body is a JSON list of events.")
        if len(events) > MOST_EVENTS:
            raise TooLarge("core.limit_events", f"More than {MOST_EVENTS:,} events in one batch.", limit=MOST_EVENTS)
        faults = {n: why for n, event in enumerate(events) if (why := why_refused(event))}
        messages = [message_of(event) for n, event in enumerate(events) if n not in faults]
        take_events(actor=request.user, messages=[(each.id, each.body) for each in messages], at=self.at)
        return Response(_summary(len(events), faults))


def why_refused(event: Any) -> str:
    """Why no reader could use it; "" for one that is stored."""
    if not isinstance(event, dict):
        return "An event is a JSON object."
    named = [event.get(name) for name in ("job", "dataset")]
    if not any(isinstance(found, dict) and isinstance(found.get("name"), str) for found in named):
        return "An event names a job or a dataset, each with namespace and name."
    return ""


def message_of(event: dict[str, Any]) -> Message:
    """The event under the hash of its canonical form; raises `TooLarge` above 10 MB."""
    text = json.dumps(event, sort_keys=True, separators=(",", ":"))
    if len(text) > EVENT_BYTES:
        raise TooLarge("core.limit_body", f"The event is larger than {EVENT_BYTES // MIB} MB.", limit=EVENT_BYTES)
    return Message(hashlib.sha256(text.encode()).hexdigest(), event)


def _summary(count: int, faults: dict[int, str]) -> dict[str, Any]:
    return {
        "status": "partial_success" if faults else "success",
        "summary": {
            "received": count, "successful": count - len(faults), "failed": len(faults), "retriable": 0,
            "non_retriable": len(faults),
        },
        "failed_events": [{"index": n, "reason": why, "retriable": False} for n, why in sorted(faults.items())],
    }  # fmt: skip
