"""/api/v1/sla/: how many promises were kept, and what another policy would have done (spec sla 9, 10)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from portal.core.api.viewsets import ActionViewSet
from portal.core.errors import BadRequest
from requests_queue.models import SlaPolicy
from requests_queue.models.promises import CLOCK_KINDS
from requests_queue.queries.attainment import GROUPS, attainment
from requests_queue.queries.dry_runs import Change, clocks_of_policy, dry_run
from requests_queue.services.promising import PolicyDraft, checked_draft

if TYPE_CHECKING:
    from datetime import date

    from rest_framework.request import Request

MOST_DAYS = 400


class DryRunIn(serializers.Serializer[Any]):
    """A draft: `targets` is `{clock: {normal, urgent}}` in counted seconds, the period half-open days."""

    targets = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()))
    ladder = serializers.ListField(child=serializers.DictField())
    start = serializers.DateField()
    end = serializers.DateField()


@extend_schema(tags=["sla"])
class AttainmentViewSet(ActionViewSet):
    """The share of promises kept, raw and excused."""

    queryset = SlaPolicy.objects.none()
    serializer_class = DryRunIn
    scopes = {"list": "sla:read"}
    filter_backends = ()

    @extend_schema(
        responses=dict,
        parameters=[OpenApiParameter(name) for name in ("from", "to", "team", "group_by")],
    )
    def list(self, request: Request) -> Response:
        """Cells of `[from, to)` days, by `group_by` of team, kind, urgency, clock; never by person."""
        given = request.query_params
        end = _day(given.get("to"), "to", self.at.date() + timedelta(days=1))
        start = _day(given.get("from"), "from", end - timedelta(days=91))
        group_by = [name for name in given.get("group_by", "clock").split(",") if name]
        if not set(group_by) <= set(GROUPS):
            raise BadRequest("core.bad_filter", f"group_by is some of {', '.join(GROUPS)}.", "group_by")
        if not 0 < (end - start).days <= MOST_DAYS:
            raise BadRequest("core.bad_filter", f"Between 1 and {MOST_DAYS} days.", "from")
        cells = attainment(
            start=_midnight(start), end=_midnight(end), group_by=group_by, team=given.get("team", ""), at=self.at
        )
        return Response({"from": start, "to": end, "results": [
            {"by": dict(zip(group_by, cell.key, strict=True)), "decided": cell.decided, "met": cell.met,
             "breached": cell.breached, "excused": cell.excused, "premature": cell.premature, "raw": cell.raw,
             "without_excused": cell.without_excused, "adjusted": cell.adjusted, "p50_seconds": cell.at_share(50),
             "p85_seconds": cell.at_share(85), "p95_seconds": cell.at_share(95)}
            for cell in cells
        ]})  # fmt: skip


@extend_schema(tags=["sla"])
class PolicyViewSet(ActionViewSet):
    """Policies, tried on the past."""

    queryset = SlaPolicy.objects.all()
    serializer_class = DryRunIn
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,9}"
    scopes = {"dry_run": "sla:read"}
    filter_backends = ()

    @extend_schema(request=DryRunIn, responses=dict)
    @action(detail=True, methods=["post"], url_path="dry-run")
    def dry_run(self, request: Request, **_: str) -> Response:
        """What would have been late and told in a period, beside what was; nothing is stored."""
        del request
        policy = SlaPolicy.objects.filter(pk=self.kwargs["pk"]).first()
        if policy is None:
            raise Http404
        given = self.read(DryRunIn)
        content = checked_draft(PolicyDraft(given["targets"], given["ladder"]))
        clocks = clocks_of_policy(policy.pk, _midnight(given["start"]), _midnight(given["end"]))
        change = Change(targets=content["targets"], percents=[row["percent"] for row in content["ladder"]])
        return Response(
            {"clocks": list(CLOCK_KINDS), "effects": [vars(one) for one in dry_run(clocks, change, self.at)]}
        )


def _day(text: str | None, field: str, default: date) -> date:
    if not text:
        return default
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise BadRequest("core.bad_filter", "Write a day such as 2026-11-24.", field) from None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
