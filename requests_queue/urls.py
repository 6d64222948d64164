"""Where the room's pages and API stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.core.api.router import Router
from requests_queue.api.clocks import ClockViewSet, PreviewViewSet
from requests_queue.api.requests import RequestViewSet

if TYPE_CHECKING:
    from django.urls import URLPattern, URLResolver

_router = Router()
_router.register("requests", RequestViewSet, basename="request")
_router.register("sla/clocks", ClockViewSet, basename="sla-clock")
_router.register("sla/preview", PreviewViewSet, basename="sla-preview")

urlpatterns: list[URLPattern | URLResolver] = []
api_urlpatterns: list[URLPattern | URLResolver] = [*_router.urls]
