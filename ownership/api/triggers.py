"""How a pipeline is called, for programs: `/api/v1/assets/{id}/trigger`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from ownership.domain.triggering import TRIGGER_KINDS
from ownership.queries.triggers import trigger_of, webhooks_for
from ownership.services.triggers import remove_pipeline_trigger, require_planner, set_pipeline_trigger
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from datetime import datetime

    from rest_framework.request import Request

    from ownership.models import PipelineTrigger


class PipelineTriggerInput(serializers.Serializer[Any]):
    """A webhook of a team that you lead, by its slug; without `authorization` the header that is there stays."""

    kind = serializers.ChoiceField(choices=list(TRIGGER_KINDS))
    endpoint = serializers.CharField(max_length=60)
    job = serializers.CharField(max_length=250, required=False, default="", allow_blank=True)
    authorization = serializers.CharField(
        max_length=2000, required=False, default=None, allow_null=True, allow_blank=True, write_only=True
    )


class PipelineTriggerShown(serializers.Serializer[Any]):
    """The header itself is never shown again."""

    kind = serializers.CharField()
    endpoint = serializers.CharField(source="endpoint.slug")
    is_active = serializers.BooleanField(source="endpoint.is_active")
    job = serializers.CharField()
    has_authorization = serializers.SerializerMethodField()

    def get_has_authorization(self, row: PipelineTrigger) -> bool:
        return bool(row.authorization)


class AssetCalling:
    """Mixed into the viewset of assets."""

    get_object: Any
    read: Any
    at: datetime

    @extend_schema(request=PipelineTriggerInput, responses=PipelineTriggerShown)
    @action(detail=True, methods=["get", "put", "delete"])
    def trigger(self, request: Request, key: str) -> Response:
        """How it is told to run after what is above it was rebuilt; PUT says it, DELETE: by hand again."""
        del key
        asset, actor = self.get_object(), _actor(request)
        if request.method == "DELETE":
            remove_pipeline_trigger(actor=actor, pipeline=asset, at=self.at)
            return Response(status=204)
        if request.method == "PUT":
            require_planner(actor, asset, self.at)
            given = self.read(PipelineTriggerInput)
            endpoint = webhooks_for(actor, self.at).filter(slug=given.pop("endpoint")).first()
            if endpoint is None:
                raise DomainError("ownership.bad_endpoint", "Choose a webhook of a team that you lead.", "endpoint")
            set_pipeline_trigger(actor=actor, pipeline=asset, endpoint=endpoint, at=self.at, **given)
        found = trigger_of(asset)
        if found is None:
            raise Http404
        return Response(PipelineTriggerShown(found).data)


def _actor(request: Request) -> Any:
    """The person behind the session or token; the permission class has let nobody else in."""
    return request.user
