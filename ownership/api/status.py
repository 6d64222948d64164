"""`/api/v1/status`: what is late, and the results of dbt without a dry run."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from ownership.api.bodies import EventParser
from ownership.queries.status import AssetStanding, late_assets
from portal.core.api.viewsets import ActionViewSet
from portal.core.errors import BadRequest, DomainError
from portal.core.queries.imports import fatal_issue
from portal.core.services.imports import FileToImport, apply_import, plan_import
from portal.core.services.rates import take

if TYPE_CHECKING:
    from rest_framework.request import Request

    from portal.core.models import ImportRun

A_MINUTE, PARTS = 60, ("run_results", "sources")


class DbtResults(serializers.Serializer[Any]):
    """Both files of dbt's target folder, or one of them, as they are."""

    run_results = serializers.DictField(required=False)
    sources = serializers.DictField(required=False)


class StandingShown(serializers.Serializer[AssetStanding]):
    asset = serializers.CharField(source="asset.slug")
    late = serializers.BooleanField(source="standing.is_late")
    since = serializers.DateTimeField(source="standing.since", allow_null=True)
    last_landed_at = serializers.DateTimeField(source="standing.last_landed_at", allow_null=True)
    promise = serializers.SerializerMethodField()
    on_time_90d = serializers.FloatField(source="on_time", allow_null=True)
    incident = serializers.CharField(allow_null=True)

    def get_promise(self, found: AssetStanding) -> int | None:
        """Seconds within which new data lands; null when nothing is promised."""
        promise = found.standing.promise
        return None if promise is None else int(promise.total_seconds())


class LateShown(serializers.Serializer[Any]):
    """What is late now."""

    results = StandingShown(many=True)


class StatusViewSet(ActionViewSet):
    """The state of data."""

    serializer_class = StandingShown
    parser_classes = (EventParser,)
    scopes = {"read": "ownership:read", "write": "imports:write"}
    inputs = {"dbt": DbtResults}

    @extend_schema(responses=LateShown)
    @action(detail=False, methods=["get"], pagination_class=None, filter_backends=())
    def late(self, request: Request) -> Response:
        """Everything that failed or is overdue, most important first, at most 500."""
        found = late_assets(request.user, self.at)
        return Response({"results": [StandingShown(each).data for each in found]})

    @action(detail=False, methods=["post"])
    def dbt(self, request: Request) -> Response:
        """Take run_results and sources at once, without a dry run; 60 calls a minute a token."""
        who = f"token-{request.auth.pk}" if request.auth is not None else f"person-{request.user.pk}"
        take(key=f"status-dbt:{who}", capacity=A_MINUTE, per_seconds=A_MINUTE, at=self.at)
        runs = {part: self._take(request, value) for part, value in _parts(request.data).items()}
        return Response({part: _shown(run) for part, run in runs.items()})

    def _take(self, request: Request, value: Any) -> ImportRun:
        file = io.BytesIO(json.dumps(value).encode())
        run = plan_import(actor=request.user, given=FileToImport("dbt_results", file, "dbt results"), at=self.at)
        if issue := fatal_issue(run):
            raise DomainError("ownership.unreadable_results", issue.message, "run_results", pointer=issue.pointer)
        return apply_import(actor=request.user, run=run, at=self.at)


def _parts(body: Any) -> dict[str, Any]:
    """Both files under their names, or one file as it is."""
    if not isinstance(body, dict):
        raise BadRequest("core.unparsable", "The body is a JSON object with run_results, sources or both.")
    found = {part: body[part] for part in PARTS if isinstance(body.get(part), dict)}
    if not found and "metadata" in body:
        return {"results": body}
    if not found:
        raise DomainError("ownership.no_results", "Send run_results, sources or both.", "run_results")
    return found


def _shown(run: ImportRun) -> dict[str, Any]:
    return {"import": run.pk, "statuses": run.counts.get("statuses", 0), "unknown": run.plan.get("absent", 0)}
