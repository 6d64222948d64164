"""/api/v1/ of silences, maintenance, expectations, ladders, integrations, dry run and replay (spec oncall 13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from oncall.api import keeping_shapes as shapes
from oncall.api.replaying import ReplayIn, ReplayOut, proposal_of
from oncall.filters.keeping import ExpectationFilter, IntegrationFilter, MaintenanceFilter, SilenceFilter
from oncall.filters.ladders import LadderFilter
from oncall.models import EscalationPolicyVersion, Expectation, Integration, MaintenanceWindow, Silence
from oncall.policies import can_work_in, is_reader
from oncall.queries.ladders import listed_ladders
from oncall.queries.named import asset_called, team_called
from oncall.queries.naming import unknown_names
from oncall.queries.on_assets import menders_of
from oncall.queries.replaying import replay
from oncall.queries.simulating import rehearse
from oncall.queries.trying_doors import try_body
from oncall.services.escalating import publish_escalation
from oncall.services.expecting import create_expectation, pause_expectation
from oncall.services.integrations import change_integration, create_integration, rotate_integration
from oncall.services.quiet import Window, create_maintenance, create_silence, end_quiet
from oncall.services.wording import stored_decision
from portal.core.api.viewsets import ActionViewSet, PortalViewSet
from portal.core.policies import require

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet
    from rest_framework.request import Request

SCOPES = {"read": "oncall:read", "write": "oncall:write"}


class _Kept(PortalViewSet):
    """Rows that everybody reads and the team changes."""

    order = ("id",)
    scopes: Mapping[str, str | None] = SCOPES
    rows: Any = None

    def get_queryset(self) -> QuerySet[Any]:
        found: QuerySet[Any] = self.rows.all() if is_reader(self.request.user) else self.rows.none()
        return found


class _Quiet(_Kept):
    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, **_: str) -> Response:
        """It is over: whatever still fires makes incidents now."""
        standing = self.get_object()
        end_quiet(actor=request.user, quiet=standing, at=self.at)
        return self.shown(self.find(str(standing.pk)))


@extend_schema(tags=["silences"])
class SilenceViewSet(_Quiet):
    """Silences, at most seven days each."""

    queryset = Silence.objects.none()
    rows = Silence.objects.select_related("team")
    serializer_class = shapes.SilenceOut
    filterset_class = SilenceFilter

    @extend_schema(request=shapes.SilenceIn, responses={201: shapes.SilenceOut})
    def create(self, request: Request) -> Response:
        given = self.read(shapes.SilenceIn)
        team = team_called(given.pop("team"))
        made = create_silence(actor=request.user, team=team, at=self.at, **given)
        return self.created(made, f"/api/v1/silences/{made.pk}/")


@extend_schema(tags=["maintenance"])
class MaintenanceViewSet(_Quiet):
    """Maintenance windows, planned ahead or now."""

    queryset = MaintenanceWindow.objects.none()
    rows = MaintenanceWindow.objects.select_related("team").prefetch_related("assets")
    serializer_class = shapes.MaintenanceOut
    filterset_class = MaintenanceFilter

    @extend_schema(request=shapes.MaintenanceIn, responses={201: shapes.MaintenanceOut})
    def create(self, request: Request) -> Response:
        given = self.read(shapes.MaintenanceIn)
        assets = [asset_called(name, request.user, "assets") for name in given["assets"]]
        window = Window(given["start"], given["end"], assets)
        team = team_called(given["team"])
        made = create_maintenance(actor=request.user, team=team, window=window, reason=given["reason"], at=self.at)
        return self.created(self.find(str(made.pk)), f"/api/v1/maintenance/{made.pk}/")


@extend_schema(tags=["expectations"])
class ExpectationViewSet(_Kept):
    """What data is owed; a beat is sent to `/heartbeats/<token>`."""

    queryset = Expectation.objects.none()
    rows = Expectation.objects.select_related("asset")
    serializer_class = shapes.ExpectationOut
    filterset_class = ExpectationFilter

    @extend_schema(request=shapes.ExpectationIn, responses={201: shapes.ExpectationOut})
    def create(self, request: Request) -> Response:
        given = self.read(shapes.ExpectationIn)
        asset = asset_called(given.pop("asset"), request.user)
        made, token = create_expectation(actor=request.user, asset=asset, at=self.at, **given)
        body = self.get_serializer(made).data | {"token": token}
        return Response(body, status=201, headers={"Location": f"/api/v1/expectations/{made.pk}/"})

    @extend_schema(request=shapes.ExpectationPauseIn)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, **_: str) -> Response:
        standing = self.get_object()
        pause_expectation(actor=request.user, expectation=standing, at=self.at, **self.read(shapes.ExpectationPauseIn))
        return self.shown(self.find(str(standing.pk)))


@extend_schema(tags=["escalation-policies"])
class EscalationViewSet(_Kept):
    """Ladders as they were published; runs that began under one go on under it."""

    queryset = EscalationPolicyVersion.objects.none()
    serializer_class = shapes.LadderOut
    filterset_class = LadderFilter

    def get_queryset(self) -> QuerySet[EscalationPolicyVersion]:
        return listed_ladders(self.request.user)

    @extend_schema(request=shapes.LadderIn, responses={201: shapes.LadderOut})
    def create(self, request: Request) -> Response:
        given = self.read(shapes.LadderIn)
        team = team_called(given.pop("team"))
        made = publish_escalation(actor=request.user, team=team, at=self.at, **given)
        return self.created(self.find(str(made.pk)), f"/api/v1/escalation-policies/{made.pk}/")


@extend_schema(tags=["integrations"])
class IntegrationViewSet(_Kept):
    """Doors for other systems, by slug; only a person opens one."""

    queryset = Integration.objects.none()
    rows = Integration.objects.select_related("team")
    serializer_class = shapes.IntegrationOut
    filterset_class = IntegrationFilter
    lookup_field = "slug"
    scopes = {"read": "oncall:read", "write": None}

    @extend_schema(request=shapes.IntegrationIn, responses={201: shapes.IntegrationOut})
    def create(self, request: Request) -> Response:
        given = self.read(shapes.IntegrationIn)
        team = team_called(given.pop("team"))
        made, secret = create_integration(actor=request.user, team=team, at=self.at, **given)
        body = self.get_serializer(made).data | {"secret": secret}
        return Response(body, status=201, headers={"Location": f"/api/v1/integrations/{made.slug}/"})

    @extend_schema(request=shapes.IntegrationChangeIn)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, **_: str) -> Response:
        given = self.read(shapes.IntegrationChangeIn)
        return self.shown(
            change_integration(actor=request.user, integration=self.get_object(), at=self.at, **given)
        )  # fmt: skip

    @extend_schema(request=None, responses={200: shapes.UnknownNamesOut})
    @action(detail=True, methods=["get"], filterset_class=None)
    def unknown(self, _request: Request, **_: str) -> Response:
        """What came in under a name that no asset has, with a proposal each."""
        return Response(shapes.UnknownNamesOut({"names": unknown_names(self.get_object(), self.at)}).data)

    @extend_schema(request=shapes.DoorTestIn, responses={200: shapes.DoorTestOut})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, **_: str) -> Response:
        """What a body would do at this door now; nothing is stored, nobody is paged."""
        given, door = self.read(shapes.DoorTestIn), self.get_object()
        require(can_work_in(request.user, door.team, self.at))
        return Response(shapes.DoorTestOut({"signals": try_body(door, given["body"], self.at)}).data)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, **_: str) -> Response:
        """A new secret at once."""
        door, secret = rotate_integration(actor=request.user, integration=self.get_object(), at=self.at)
        return Response(self.get_serializer(door).data | {"secret": secret})


@extend_schema(tags=["oncall"])
class TryingViewSet(ActionViewSet):
    """What would happen, and what would have; nothing is written."""

    queryset = Silence.objects.none()
    serializer_class = shapes.PagingDryRunIn
    scopes = {"write": "oncall:read"}

    @extend_schema(request=shapes.PagingDryRunIn, responses={200: dict})
    @action(detail=False, methods=["post"], url_path="dry-run")
    def dry_run(self, request: Request) -> Response:
        """The decision if an asset breaks at an instant, and who would be paged when."""
        given = self.read(shapes.PagingDryRunIn)
        asset = asset_called(given["asset"], request.user)
        found = rehearse(asset, given["at"] or self.at)
        zone = found.rota.zone if found.rota is not None else "UTC"
        steps = [
            {
                "at": step.at,
                "severity": step.severity,
                "people": [each.name for each in step.people],
                "ways": [list(found.ways.get(each.person_id or 0, ())) for each in step.people],
            }
            for step in found.steps
        ]
        decision = stored_decision(found.decision, zone)
        menders = [person.handle for person in menders_of(asset.pk, request.user, self.at)]
        shown = {"decision": decision, "steps": steps, "repeat": found.repeat, "works_from": found.works_from,
                 "resolved_here_by": menders}  # fmt: skip
        return Response(shown)

    @extend_schema(request=ReplayIn, responses={200: ReplayOut})
    @action(detail=False, methods=["post"])
    def replay(self, request: Request) -> Response:
        """The incidents of a period judged again under other agreements, another coverage, rota or ladder."""
        given = self.read(ReplayIn)
        team = team_called(given["team"])
        done = replay(
            viewer=request.user, team=team, start=given["start"], end=given["end"], proposal=proposal_of(given)
        )
        return Response(ReplayOut(done).data)
