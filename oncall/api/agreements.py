"""/api/v1/agreements/: who reads what, and what was signed about a broken night (spec oncall 8, 13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action

from oncall.api import shapes
from oncall.domain.agreements import NightClass, NightException, Terms
from oncall.filters.incidents import AgreementFilter
from oncall.models import Agreement
from oncall.queries.agreements import listed_agreements
from oncall.queries.named import asset_called, team_called
from oncall.services.agreements import Drafted, draft_agreement, register_downstream, sign_agreement
from portal.core.api.viewsets import PortalViewSet

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response


@extend_schema(tags=["agreements"])
class AgreementViewSet(PortalViewSet):
    """One row a downstream team and asset; without a signed text in force it stands as not agreed."""

    queryset = Agreement.objects.none()
    serializer_class = shapes.AgreementOut
    filterset_class = AgreementFilter
    order = ("registered_at",)
    scopes = {"read": "oncall:read", "write": "oncall:write", "sign": None}

    def get_queryset(self) -> QuerySet[Agreement]:
        return listed_agreements(self.request.user)

    @extend_schema(request=shapes.AgreementIn, responses={201: shapes.AgreementOut})
    def create(self, request: Request) -> Response:
        """Register a team as reader of an asset."""
        given = self.read(shapes.AgreementIn)
        asset, team = asset_called(given["asset"], request.user), team_called(given["team"])
        made = register_downstream(actor=request.user, asset=asset, team=team, at=self.at)
        return self.created(self.get_queryset().get(pk=made.pk), f"/api/v1/agreements/{made.pk}/")

    @extend_schema(request=shapes.TermsIn, responses={200: shapes.AgreementOut})
    @action(detail=True, methods=["post"])
    def versions(self, request: Request, **_: str) -> Response:
        """Propose a text; a changed one needs both signatures again."""
        standing = self.get_object()
        drafted = drafted_from(self.read(shapes.TermsIn))
        draft_agreement(actor=request.user, agreement=standing, drafted=drafted, at=self.at)
        return self.shown(self.get_queryset().get(pk=standing.pk))

    @extend_schema(request=shapes.SignIn, responses={200: shapes.AgreementOut})
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, **_: str) -> Response:
        """Sign the draft for one's side; only a person, never a token."""
        standing = self.get_object()
        sign_agreement(actor=request.user, agreement=standing, at=self.at, **self.read(shapes.SignIn))
        return self.shown(self.get_queryset().get(pk=standing.pk))


def drafted_from(given: dict[str, Any]) -> Drafted:
    """The checked body as the service takes it."""
    terms = Terms(
        NightClass(given["night_class"]), given["until_time"], given["working_day_only"], given["page_from"],
        given["page_to"], given["consequence"], given["shown_meanwhile"],
        tuple((row["team"], row["minutes"]) for row in given["tell"]),
        tuple(NightException(each["first"], each["last"], NightClass(each["night_class"]))
              for each in given["exceptions"]), tuple(given["columns"]),
    )  # fmt: skip
    return Drafted(terms, given["expires_on"])
