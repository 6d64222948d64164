"""Notices, deliveries, a test page, and the operators' handles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.decorators import action
from rest_framework.response import Response

from portal.core.api.viewsets import ActionViewSet, PortalViewSet
from portal.core.policies import require
from portal.engine.api.serializers import (
    DeliverySerializer,
    NoticeSerializer,
    ReasonSerializer,
    StatusSerializer,
)
from portal.engine.filters import NoticeFilter
from portal.engine.models import Delivery, EngineControl, Notice
from portal.engine.policies import can_operate, visible_deliveries, visible_notices
from portal.engine.queries.health import engine_health
from portal.engine.services.acknowledging import acknowledge_notice
from portal.engine.services.controlling import pause_engine, requeue_delivery, resume_engine
from portal.engine.services.testing import send_test_page

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request


class NoticeViewSet(PortalViewSet):
    """What somebody was told, about subjects one may see."""

    scopes = {"read": "notices:read", "acknowledge": "incidents:acknowledge"}
    serializer_class = NoticeSerializer
    filterset_class = NoticeFilter
    order = ("-created_at",)
    http_method_names = ["get", "post", "head", "options"]

    def get_queryset(self) -> QuerySet[Notice]:
        return visible_notices(self.request.user).select_related("acknowledged_by")

    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str) -> Response:
        notice = self.get_object()
        done = acknowledge_notice(actor=request.user, notice_id=notice.pk, via="api", at=self.at)
        del pk
        return self.shown(done.notice)


class DeliveryViewSet(PortalViewSet):
    """One way of one notice, with every try."""

    scopes = {"read": "notices:read", "requeue": None}
    inputs = {"requeue": ReasonSerializer}
    serializer_class = DeliverySerializer
    order = ("-run_at",)
    http_method_names = ["get", "post", "head", "options"]

    def get_queryset(self) -> QuerySet[Delivery]:
        rows = visible_deliveries(self.request.user).select_related("notice")
        return rows.prefetch_related("attempt_rows")

    @action(detail=True, methods=["post"])
    def requeue(self, request: Request, pk: str) -> Response:
        del pk
        reason = self.read(ReasonSerializer)["reason"]
        fresh = requeue_delivery(actor=request.user, delivery=self.get_object(), reason=reason, at=self.at)
        return self.created(fresh, f"/api/v1/deliveries/{fresh.pk}/")


class EngineViewSet(ActionViewSet):
    """The state of the engine, for admins."""

    scopes = {"read": None, "write": None, "test_page": None}
    inputs = {"pause": ReasonSerializer, "resume": ReasonSerializer}
    serializer_class = StatusSerializer
    queryset = EngineControl.objects.none()

    @action(detail=False, methods=["get"])
    def status(self, request: Request) -> Response:
        require(can_operate(request.user))
        return Response(StatusSerializer(engine_health(self.at)).data)

    @action(detail=False, methods=["post"])
    def pause(self, request: Request) -> Response:
        require(can_operate(request.user))
        pause_engine(actor=request.user, reason=self.read(ReasonSerializer)["reason"], at=self.at)
        return Response(StatusSerializer(engine_health(self.at)).data)

    @action(detail=False, methods=["post"])
    def resume(self, request: Request) -> Response:
        require(can_operate(request.user))
        resume_engine(actor=request.user, reason=self.read(ReasonSerializer)["reason"], at=self.at)
        return Response(StatusSerializer(engine_health(self.at)).data)


class TestPageViewSet(ActionViewSet):
    """A page to oneself, through every way that one's rules give."""

    scopes = {"write": None}
    serializer_class = NoticeSerializer
    queryset = Notice.objects.none()

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        del args, kwargs
        return self.shown(send_test_page(actor=request.user, at=self.at), status=201)
