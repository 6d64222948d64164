"""/api/v1/incidents/: what burns, and one verb for each act (spec oncall 13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from oncall.api import shapes
from oncall.filters.incidents import IncidentFilter
from oncall.models import Incident, IncidentEvent
from oncall.queries.buddies import buddy_of
from oncall.queries.incident_page import before
from oncall.queries.incidents import listed_incidents, whole_incidents
from oncall.queries.named import asset_called, incident_called, person_called, team_called
from oncall.services.backfilling import start_backfill
from oncall.services.failure_rules import correct_kind_for_good
from oncall.services.helping import answer_help, ask_colleague, report_incident, say_impact
from oncall.services.incidents import (
    acknowledge_incident,
    add_note,
    escalate_now,
    resolve_incident,
    sleep_incident,
    wait_for_upstream,
)
from oncall.services.merging import merge_incidents, split_incident
from oncall.services.telling import send_update
from portal.core.api.viewsets import PortalViewSet

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from rest_framework.request import Request


@extend_schema(tags=["incidents"])
class IncidentViewSet(PortalViewSet):
    """Incidents by number, such as INC-41."""

    queryset = Incident.objects.none()
    serializer_class = shapes.IncidentOut
    filterset_class = IncidentFilter
    lookup_field = "pk"
    lookup_url_kwarg = "number"
    order = ("-opened_at",)
    scopes = {"read": "incidents:read", "write": "incidents:write", "acknowledge": "incidents:acknowledge"}

    def get_queryset(self) -> QuerySet[Incident]:
        return listed_incidents(self.request.user) if self.action == "list" else whole_incidents(self.request.user)

    def get_serializer_class(self) -> Any:
        return shapes.IncidentLineOut if self.action == "list" else shapes.IncidentOut

    def find(self, key: str) -> Any:
        pk = key.upper().removeprefix("INC-")
        found = self.get_queryset().filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 18 else None  # noqa: PLR2004 (bigint)
        if found is None:
            raise Http404
        return found

    @extend_schema(request=shapes.IncidentIn, responses={201: shapes.IncidentOut})
    def create(self, request: Request) -> Response:
        """Say that an asset is broken: judged by what was agreed, joined to an open incident of it."""
        given = self.read(shapes.IncidentIn)
        asset = asset_called(given.pop("asset"), request.user)
        made = report_incident(actor=request.user, asset=asset, at=self.at, **given)
        return self.created(self.find(str(made.pk)), f"/api/v1/incidents/{made.number}/")

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def acknowledge(self, _request: Request, **_: str) -> Response:
        return self._do(acknowledge_incident)

    @extend_schema(request=shapes.SleepIn)
    @action(detail=True, methods=["post"])
    def sleep(self, _request: Request, **_: str) -> Response:
        return self._do(sleep_incident, **self.read(shapes.SleepIn))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def escalate(self, _request: Request, **_: str) -> Response:
        return self._do(escalate_now)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def ticket(self, _request: Request, **_: str) -> Response:
        return self._do(wait_for_upstream)

    @extend_schema(request=shapes.IncidentResolveIn)
    @action(detail=True, methods=["post"])
    def resolve(self, _request: Request, **_: str) -> Response:
        return self._do(resolve_incident, **self.read(shapes.IncidentResolveIn))

    @extend_schema(request=shapes.NoteIn)
    @action(detail=True, methods=["post"])
    def note(self, _request: Request, **_: str) -> Response:
        return self._do(add_note, **self.read(shapes.NoteIn))

    @extend_schema(request=shapes.KindIn)
    @action(detail=True, methods=["post"])
    def kind(self, _request: Request, **_: str) -> Response:
        return self._do(correct_kind_for_good, **self.read(shapes.KindIn))

    @extend_schema(request=shapes.TellIn)
    @action(detail=True, methods=["post"])
    def tell(self, _request: Request, **_: str) -> Response:
        return self._do(send_update, **self.read(shapes.TellIn))

    @extend_schema(request=shapes.IncidentMergeIn)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, **_: str) -> Response:
        survivor = incident_called(self.read(shapes.IncidentMergeIn)["into"], request.user, "into")
        return self._do(merge_incidents, survivor=survivor)

    @extend_schema(request=shapes.IncidentSplitIn, responses={201: shapes.IncidentOut})
    @action(detail=True, methods=["post"])
    def split(self, request: Request, **_: str) -> Response:
        standing = self.get_object()
        given = self.read(shapes.IncidentSplitIn)
        alert = standing.alerts.filter(source=given["sender"], dedup_key=given["dedup_key"]).first()
        if alert is None:
            raise Http404
        made = split_incident(actor=request.user, incident=standing, alert=alert, at=self.at)
        return self.created(self.find(str(made.pk)), f"/api/v1/incidents/{made.number}/")

    @extend_schema(request=shapes.HelpIn)
    @action(detail=True, methods=["post"])
    def help(self, _request: Request, **_: str) -> Response:
        given = self.read(shapes.HelpIn)
        return self._do(ask_colleague, person=person_called(given["person"]), text=given["text"])

    @extend_schema(request=shapes.IncidentBackfillIn)
    @action(detail=True, methods=["post"])
    def backfill(self, _request: Request, **_: str) -> Response:
        """Plan the rebuild of the asset; the plan stands at /backfills/<code> and names the incident."""
        return self._do(start_backfill, **self.read(shapes.IncidentBackfillIn))

    @extend_schema(responses=shapes.ColleaguesOut)
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def colleagues(self, request: Request, **_: str) -> Response:
        """Who could be asked: the buddy first, then who has ended something like it."""
        standing = self.get_object()
        buddy = buddy_of(standing.rota, self.at)
        first = [{"handle": buddy.handle, "name": buddy.name, "is_buddy": True}] if buddy is not None else []
        like = before(standing, request.user, self.at).colleagues
        rows = [{"handle": each.handle, "name": each.name, "times": each.times} for each in like]
        return Response(shapes.ColleaguesOut({"results": [*first, *rows]}).data)

    @extend_schema(request=shapes.HelpAnswerIn)
    @action(detail=True, methods=["post"], url_path="answer-help")
    def answer_help(self, _request: Request, **_: str) -> Response:
        """Yes or no, by the one who was asked; a yes is credited by name."""
        return self._do(answer_help, **self.read(shapes.HelpAnswerIn))

    @extend_schema(request=shapes.ImpactIn)
    @action(detail=True, methods=["post"])
    def impact(self, _request: Request, **_: str) -> Response:
        given = self.read(shapes.ImpactIn)
        return self._do(say_impact, team=team_called(given.pop("team")), **given)

    @extend_schema(responses=shapes.IncidentEventOut(many=True))
    @action(detail=True, methods=["get"], filterset_class=None, order=("seq",))
    def events(self, _request: Request, **_: str) -> Response:
        """The timeline."""
        rows = IncidentEvent.objects.filter(incident=self.get_object()).select_related("actor")
        page: Any = self.paginate_queryset(rows)
        return self.get_paginated_response(shapes.IncidentEventOut(page, many=True).data)

    def _do(self, verb: Callable[..., Any], **given: Any) -> Response:
        standing = self.get_object()
        verb(actor=self.request.user, incident=standing, at=self.at, **given)
        return self.shown(self.find(str(standing.pk)))
