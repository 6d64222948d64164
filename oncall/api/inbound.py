"""The doors by which alerts and heartbeats come in (spec oncall 7, security 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from oncall.services.doors import check_key, find_by_routing_key, find_door, limit_beats, limit_door, take_in
from oncall.services.expecting import hash_token, record_beat
from portal.core import clock
from portal.core.api.parsers import parse_json
from portal.core.errors import DomainError, TooLarge

if TYPE_CHECKING:
    from rest_framework.request import Request

MAX_BYTES = 512 * 1024
JSON = "application/json"


class WrongType(DomainError):
    """Only JSON is read."""

    status = 415

    def __init__(self) -> None:
        super().__init__("core.unsupported_media_type", "Send application/json.")


class TakenOut(serializers.Serializer[Any]):
    """A message that is stored; what comes of it is a job's work."""

    status = serializers.CharField()
    id = serializers.CharField()
    dedup_key = serializers.CharField()


class PagerdutyOut(serializers.Serializer[Any]):
    """The form of the PagerDuty Events API v2."""

    status = serializers.CharField()
    message = serializers.CharField()
    dedup_key = serializers.CharField()


class BeatIn(serializers.Serializer[Any]):
    partition = serializers.CharField(required=False, allow_blank=True, default="", max_length=100)


class _Door(APIView):
    """No session and no token: each door has a key of its own."""

    authentication_classes = ()
    permission_classes = ()

    def raw(self, request: Request) -> bytes:
        """The bytes as they came, at most 512 KiB, which say that they are JSON."""
        sent: Any = request._request  # noqa: SLF001 (DRF keeps Django's request there)
        if int(sent.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES:
            raise TooLarge("core.limit_body", f"The body is larger than {MAX_BYTES:,} bytes.", limit=MAX_BYTES)
        if sent.content_type != JSON:
            raise WrongType
        body: bytes = sent.body
        if len(body) > MAX_BYTES:
            raise TooLarge("core.limit_body", f"The body is larger than {MAX_BYTES:,} bytes.", limit=MAX_BYTES)
        return body


def _headers(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request._request.headers.items()}  # noqa: SLF001 (as above)


@extend_schema(tags=["inbound"])
class InboundView(_Door):
    """Rate, size, type, key, then stored before the answer."""

    @extend_schema(request=dict, responses={202: TakenOut})
    def post(self, request: Request, kind: str, slug: str) -> Response:
        """Take a message of an alertmanager, airflow, pagerduty or generic sender."""
        at = clock.now()
        integration = find_door(kind=kind, slug=slug)
        limit_door(integration=integration, at=at)
        raw = self.raw(request)
        message_id = check_key(integration=integration, headers=_headers(request), raw=raw, at=at)
        pk, keys = take_in(integration=integration, message_id=message_id, body=parse_json(raw), at=at)
        return Response({"status": "accepted", "id": str(pk), "dedup_key": keys[0]}, status=202)


@extend_schema(tags=["inbound"])
class EnqueueView(_Door):
    """PagerDuty Events API v2: the routing key is in the body."""

    @extend_schema(request=dict, responses={202: PagerdutyOut})
    def post(self, request: Request) -> Response:
        """Trigger, acknowledge or resolve, in that API's own words."""
        at = clock.now()
        raw = self.raw(request)
        body = parse_json(raw)
        integration = find_by_routing_key(body=body)
        limit_door(integration=integration, at=at)
        headers = _headers(request) | {"x-routing-key": str(body["routing_key"])}
        message_id = check_key(integration=integration, headers=headers, raw=raw, at=at)
        _, keys = take_in(integration=integration, message_id=message_id, body=body, at=at)
        return Response({"status": "success", "message": "Event processed", "dedup_key": keys[0]}, status=202)


@extend_schema(tags=["inbound"])
class HeartbeatView(APIView):
    """A write-only right to mark one expectation; the token stands in the path and is masked in logs."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(request=BeatIn, responses={204: None})
    def post(self, request: Request, token: str) -> Response:
        """The data came; `partition` names which, so that an older one satisfies nothing newer."""
        at = clock.now()
        limit_beats(token_hash=hash_token(token), at=at)
        given = BeatIn(data=request.data)
        given.is_valid(raise_exception=True)
        record_beat(token=token, partition=given.validated_data["partition"], at=at)
        return Response(status=204)
