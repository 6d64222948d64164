"""/api/v1/oncall/now, swaps/ and covers/ (spec oncall 13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from oncall.api import rota_shapes as shapes
from oncall.api.naming import person_called
from oncall.api.rotas import instant
from oncall.filters.rotas import NowFilter
from oncall.filters.shifts import ChangeFilter, CoverFilter, SwapFilter
from oncall.models import CoverRequest, Rota, ShiftChange
from oncall.queries.board import listed_changes, listed_covers, listed_rotas, now_everywhere
from oncall.queries.resolving import resolve_responder
from oncall.queries.swaps import listed_swaps, swaps_shown
from oncall.services.changes import accept_change, refuse_change, withdraw_change
from oncall.services.covers import accept_cover, open_cover_request, withdraw_cover
from oncall.services.laying import Stretch
from oncall.services.swaps import SwapDraft, accept_swap, offer_swap
from ownership.queries.assets import asset_by_key
from portal.core.api.viewsets import ActionViewSet, PortalViewSet

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

SCOPES = {"read": "oncall:read", "write": "oncall:write"}
GROUP = "[0-9a-f-]{36}"
NUMBER = "[0-9]{1,18}"


def rota_called(user: Any, slug: str) -> Rota:
    """The visible rota of this slug, else 404."""
    found: Rota | None = listed_rotas(user).filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


@extend_schema(tags=["oncall"])
class NowViewSet(ActionViewSet):
    """Who answers now, or at `at`: of every rota, of a team, a kind, one rota, or for an asset."""

    queryset = Rota.objects.none()
    serializer_class = shapes.AnswerShown
    filterset_class = NowFilter
    order = ("name",)
    query_parameters = frozenset({"asset", "at"})
    scopes = {"read": "oncall:read"}

    def get_queryset(self) -> QuerySet[Rota]:
        rows: QuerySet[Rota] = listed_rotas(self.request.user)
        return rows

    @extend_schema(responses=shapes.AnswerShown(many=True))
    def list(self, request: Request) -> Response:
        at = instant(request, "at", self.at)
        rows = self.filter_queryset(self.get_queryset())
        if "asset" in request.query_params:
            asset = asset_by_key(request.query_params["asset"], request.user)
            if asset is None:
                raise Http404
            rows = rows.filter(pk=resolve_responder(asset=asset, at=at).rota_id or 0)
        page: Any = self.paginate_queryset(rows)
        return self.get_paginated_response(shapes.AnswerShown(now_everywhere(list(page), at), many=True).data)


@extend_schema(tags=["oncall"])
class ChangeViewSet(PortalViewSet):
    """What was laid over the plan; answers to an override, and taking a change back."""

    queryset = ShiftChange.objects.none()
    serializer_class = shapes.ChangeShown
    filterset_class = ChangeFilter
    lookup_field = "pk"
    lookup_value_regex = NUMBER
    order = ("-created_at",)
    scopes = SCOPES

    def get_queryset(self) -> QuerySet[ShiftChange]:
        return listed_changes(self.request.user)

    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        del pk
        return self.shown(accept_change(actor=_actor(request), change=self.get_object(), at=self.at))

    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        del pk
        return self.shown(refuse_change(actor=_actor(request), change=self.get_object(), at=self.at))

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """409 `oncall.superseded` while a later change stands on it."""
        del pk
        return self.shown(withdraw_change(actor=_actor(request), change=self.get_object(), at=self.at))


@extend_schema(tags=["oncall"])
class SwapViewSet(PortalViewSet):
    """Swaps, those that wait for the caller with `waiting`; offering one, and saying yes."""

    queryset = ShiftChange.objects.none()
    serializer_class = shapes.SwapListed
    filterset_class = SwapFilter
    order = ("-created_at",)
    lookup_field = "group"
    lookup_value_regex = GROUP
    scopes = SCOPES
    inputs = {"create": shapes.SwapInput}

    def get_queryset(self) -> QuerySet[ShiftChange]:
        return listed_swaps(self.request.user)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        del request, args, kwargs
        page: Any = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(shapes.SwapListed(swaps_shown(page), many=True).data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        del request, args, kwargs
        return Response(shapes.SwapListed(swaps_shown([self.get_object()])[0]).data)

    @extend_schema(responses={201: shapes.SwapShown})
    def create(self, request: Request) -> Response:
        """409 `oncall.own_backup` carries the repaired proposal."""
        given = self.read(shapes.SwapInput)
        rota = rota_called(request.user, given["rota"])
        draft = SwapDraft(_stretch(given["mine"]), _stretch(given["yours"]), given["both_roles"], given["reason"])
        made = offer_swap(actor=_actor(request), rota=rota, swap=draft, at=self.at)
        location = {"Location": f"/api/v1/swaps/{made.group}/"}
        return Response(shapes.SwapShown(made).data, status=201, headers=location)

    @extend_schema(request=None, responses=shapes.SwapShown)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, group: str) -> Response:
        """409 `oncall.shift_moved` when a shift is another than when offered."""
        made = accept_swap(actor=_actor(request), group=UUID(group), at=self.at)
        return Response(shapes.SwapShown(made).data)


@extend_schema(tags=["oncall"])
class CoverViewSet(PortalViewSet):
    """Requests for cover, those that wait for the caller with `waiting`; asking for one, and saying yes."""

    queryset = CoverRequest.objects.none()
    serializer_class = shapes.CoverShown
    filterset_class = CoverFilter
    lookup_field = "pk"
    lookup_value_regex = NUMBER
    order = ("-opened_at",)
    scopes = SCOPES
    inputs = {"create": shapes.CoverInput, "accept": shapes.PartInput}

    def get_queryset(self) -> QuerySet[CoverRequest]:
        return listed_covers(self.request.user)

    def create(self, request: Request) -> Response:
        given, actor = self.read(shapes.CoverInput), _actor(request)
        person = person_called(given["person"], "person") if given["person"] else actor
        rota = rota_called(actor, given["rota"])
        made = open_cover_request(actor=actor, rota=rota, stretch=_stretch(given), from_person=person, at=self.at)
        return self.created(made, f"/api/v1/covers/{made.pk}/")

    @extend_schema(request=shapes.PartInput, responses=shapes.ChangeShown)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """The first yes has it: 409 `oncall.already_taken` names who."""
        del pk
        cover, given = self.get_object(), self.read(shapes.PartInput)
        whole = (cover.during.lower, cover.during.upper)
        part = Stretch(cover.role, given["start"] or whole[0], given["end"] or whole[1], cover.slot)
        made = accept_cover(actor=_actor(request), cover=cover, part=part, at=self.at)
        return Response(shapes.ChangeShown(made).data)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        del pk
        return self.shown(withdraw_cover(actor=_actor(request), cover=self.get_object(), at=self.at))


def _stretch(given: dict[str, Any]) -> Stretch:
    return Stretch(given["role"], given["start"], given["end"], given["slot"])


def _actor(request: Request) -> Any:
    """The person behind the session or token; the permission class has let nobody else in."""
    return request.user
