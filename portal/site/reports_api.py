"""/api/v1/reports/: the rows of the pages, by the names of their columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from portal.core.api.router import Router, endpoint
from portal.core.api.viewsets import ActionViewSet, ReadViewSet
from portal.core.errors import NotVisible
from portal.core.models import Setting
from portal.site.queries.load import loads_of
from portal.site.queries.reports import all_reports, report_of

if TYPE_CHECKING:
    from rest_framework.request import Request


class ReportOut(serializers.Serializer[Any]):
    """A report and the question it answers."""

    key = serializers.CharField()
    title = serializers.CharField()
    question = serializers.CharField()


@extend_schema(tags=["reports"])
class ReportViewSet(ReadViewSet):
    """Reports by key; `?quarter=2027q1&team=core-data` choose what of."""

    queryset = Setting.objects.none()
    serializer_class = ReportOut
    lookup_field = "key"
    lookup_value_regex = "[a-z-]{1,40}"
    query_parameters = frozenset({"quarter", "team"})
    scopes = {"read": "reports:read"}

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every report."""
        self.filter_queryset(self.get_queryset())
        del request, args, kwargs
        rows: Any = all_reports()
        return Response({"next": None, "results": ReportOut(rows, many=True).data})

    @extend_schema(responses=dict)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The rows of a report."""
        self.filter_queryset(self.get_queryset())
        del args
        quarter, team = request.query_params.get("quarter", ""), request.query_params.get("team", "")
        try:
            report = report_of(str(kwargs["key"]), quarter, team, request.user, self.at)
        except NotVisible:
            raise Http404 from None
        names = [column.key for column in report.entry.columns]
        return Response({
            "key": report.entry.key, "quarter": report.scope.quarter.label, "team": team or None,
            "columns": [{"key": one.key, "label": one.label, "kind": one.kind} for one in report.entry.columns],
            "rows": [dict(zip(names, row, strict=True)) for row in report.rows],
        })  # fmt: skip


@extend_schema(tags=["me"])
class MyLoadViewSet(ActionViewSet):
    """What you carry; there is no way to read another person's."""

    queryset = Setting.objects.none()
    serializer_class = ReportOut
    filter_backends = ()
    scopes = {"list": "me:read"}

    @extend_schema(responses=dict)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Four weeks, thirteen weeks and the usual, for each load."""
        del args, kwargs
        viewer: Any = request.user
        cells = loads_of([viewer], viewer, self.at)[0].cells
        rows = [
            {"key": one.column.key, "label": one.column.label, "unit": one.column.unit, "four_weeks": one.short,
             "thirteen_weeks": one.long, "usual": one.usual, "limit": one.column.limit}
            for one in cells
        ]  # fmt: skip
        return Response({"next": None, "results": rows})


router = Router()
router.register("reports", ReportViewSet, basename="report")
own_load = endpoint("me/load", MyLoadViewSet.as_view({"get": "list"}), "me-load")
