"""/api/v1/ of runbooks, upstream tickets and pre-checks (spec oncall 9, 13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from oncall.api import keeping_shapes as shapes
from oncall.api.shapes import NoteIn
from oncall.filters.incidents import TicketFilter
from oncall.filters.keeping import PreCheckFilter, RunbookFilter
from oncall.models import PreCheck, Runbook, UpstreamTicket
from oncall.policies import is_reader
from oncall.queries.named import asset_called, incident_called, team_called
from oncall.queries.tickets import listed_tickets
from oncall.services.checking import Checking, create_precheck, evaluate, pause_precheck, record_check
from oncall.services.runbooks import Used, archive_runbook, draft_runbook, publish_runbook, record_use
from oncall.services.tickets import Asking, advance_ticket, answer_ticket, link_ticket, open_upstream_ticket
from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import main_team
from portal.core.api.viewsets import PortalViewSet

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from rest_framework.request import Request

SCOPES = {"read": "oncall:read", "write": "oncall:write"}
LONGEST_PK = 18


@extend_schema(tags=["upstream"])
class TicketViewSet(PortalViewSet):
    """Tickets by number, such as UP-12."""

    queryset = UpstreamTicket.objects.none()
    serializer_class = shapes.TicketOut
    filterset_class = TicketFilter
    lookup_field = "pk"
    lookup_url_kwarg = "number"
    order = ("-opened_at",)
    scopes = SCOPES

    def get_queryset(self) -> QuerySet[UpstreamTicket]:
        return listed_tickets(self.request.user)

    def find(self, key: str) -> Any:
        pk = key.upper().removeprefix("UP-")
        found = self.get_queryset().filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < LONGEST_PK else None
        if found is None:
            raise Http404
        return found

    @extend_schema(request=shapes.TicketIn, responses={201: shapes.TicketOut})
    def create(self, request: Request) -> Response:
        """Ask the owner of an asset; with an incident the ticket hangs on it."""
        given = self.read(shapes.TicketIn)
        viewer: Any = request.user
        incident = incident_called(given["incident"], viewer) if given["incident"] else None
        asking = Asking(
            given["problem"], given["title"], asset_called(given["asset"], viewer), incident=incident,
            asking_team=main_team(viewer, local_day(viewer, self.at)), evidence=given["evidence"],
        )  # fmt: skip
        made = open_upstream_ticket(actor=viewer, asking=asking, at=self.at)
        return self.created(self.find(str(made.pk)), f"/api/v1/upstream/{made.number}/")

    @extend_schema(request=shapes.MoveIn)
    @action(detail=True, methods=["post"])
    def move(self, _request: Request, **_: str) -> Response:
        """Unblocked is said by who waits; fixed needs a cause, declined a reason."""
        return self._do(advance_ticket, **self.read(shapes.MoveIn))

    @extend_schema(request=NoteIn)
    @action(detail=True, methods=["post"])
    def answer(self, _request: Request, **_: str) -> Response:
        return self._do(answer_ticket, **self.read(NoteIn))

    @extend_schema(request=shapes.TicketLinkIn)
    @action(detail=True, methods=["post"])
    def link(self, _request: Request, **_: str) -> Response:
        return self._do(link_ticket, **self.read(shapes.TicketLinkIn))

    def _do(self, verb: Callable[..., Any], **given: Any) -> Response:
        standing = self.get_object()
        verb(actor=self.request.user, ticket=standing, at=self.at, **given)
        return self.shown(self.find(str(standing.pk)))


@extend_schema(tags=["prechecks"])
class PreCheckViewSet(PortalViewSet):
    """Checks before a run; a pipeline asks `evaluate` and may refuse to start."""

    queryset = PreCheck.objects.none()
    serializer_class = shapes.PreCheckOut
    filterset_class = PreCheckFilter
    order = ("id",)
    scopes = SCOPES

    def get_queryset(self) -> QuerySet[PreCheck]:
        rows = PreCheck.objects.select_related("upstream_asset", "consumer_asset")
        return rows if is_reader(self.request.user) else rows.none()

    @extend_schema(request=shapes.PreCheckIn, responses={201: shapes.PreCheckOut})
    def create(self, request: Request) -> Response:
        given = self.read(shapes.PreCheckIn)
        upstream, consumer = (asset_called(given.pop(name), request.user, name) for name in ("upstream", "consumer"))
        made = create_precheck(actor=request.user, checking=Checking(upstream, consumer, **given), at=self.at)
        return self.created(self.find(str(made.pk)), f"/api/v1/prechecks/{made.pk}/")

    @extend_schema(request=shapes.CheckResultIn, responses={200: shapes.PreCheckOut})
    @action(detail=True, methods=["post"])
    def results(self, request: Request, **_: str) -> Response:
        """What a check said; a failed one is an alert on the consumer and opens a ticket."""
        standing = self.get_object()
        record_check(actor=request.user, pre_check=standing, at=self.at, **self.read(shapes.CheckResultIn))
        return self.shown(self.find(str(standing.pk)))

    @extend_schema(request=shapes.PreCheckPauseIn)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, **_: str) -> Response:
        """Stop asking it before a run, or ask it again."""
        standing = self.get_object()
        pause_precheck(actor=request.user, pre_check=standing, at=self.at, **self.read(shapes.PreCheckPauseIn))
        return self.shown(self.find(str(standing.pk)))

    @extend_schema(request=None, responses={200: dict})
    @action(detail=False, methods=["post"], url_path="(?P<consumer>[^/]+)/evaluate")
    def evaluate(self, request: Request, consumer: str) -> Response:
        """Whether the consumer may run, from stored results, with the age of each."""
        return Response(evaluate(asset_called(consumer, request.user, "consumer"), self.at))


@extend_schema(tags=["runbooks"])
class RunbookViewSet(PortalViewSet):
    """Runbooks by slug."""

    queryset = Runbook.objects.none()
    serializer_class = shapes.RunbookOut
    filterset_class = RunbookFilter
    lookup_field = "slug"
    order = ("slug",)
    scopes = SCOPES

    def get_queryset(self) -> QuerySet[Runbook]:
        rows = Runbook.objects.filter(archived_at=None).select_related("asset", "team").prefetch_related("versions")
        return rows if is_reader(self.request.user) else rows.none()

    @extend_schema(request=shapes.RunbookIn, responses={201: shapes.RunbookOut})
    def create(self, request: Request) -> Response:
        """Write the draft of an asset's or a team's runbook; without issues it begins with the templates."""
        given = self.read(shapes.RunbookIn)
        asset = asset_called(given["asset"], request.user) if given["asset"] else None
        team = team_called(given["team"]) if asset is None else None
        draft = draft_runbook(actor=request.user, asset=asset, team=team, issues=given["issues"], at=self.at)
        slug = draft.runbook.slug
        return self.created(self.find(slug), f"/api/v1/runbooks/{slug}/")

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, **_: str) -> Response:
        standing = self.get_object()
        publish_runbook(actor=request.user, runbook=standing, at=self.at)
        return self.shown(self.find(standing.slug))

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, **_: str) -> Response:
        archive_runbook(actor=request.user, runbook=self.get_object(), reason="", at=self.at)
        return Response(status=204)

    @extend_schema(request=shapes.UseIn)
    @action(detail=True, methods=["post"])
    def uses(self, request: Request, **_: str) -> Response:
        """A step that was tried, in an incident or a rehearsal."""
        standing, given = self.get_object(), self.read(shapes.UseIn)
        incident = incident_called(given.pop("incident"), request.user) if given["incident"] else None
        given.pop("incident", None)
        live = standing.versions.filter(state="published").order_by("-number").first()
        if live is None:
            raise Http404
        record_use(actor=request.user, version=live, used=Used(**given), incident=incident, at=self.at)
        return self.shown(self.find(standing.slug))
