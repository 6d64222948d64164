"""Where the engine's pages and API stand."""

from __future__ import annotations

from django.urls import path

from portal.core.api.router import Router, endpoint
from portal.engine.api.views import DeliveryViewSet, EngineViewSet, NoticeViewSet, TestPageViewSet
from portal.engine.web.views import canary

router = Router()
router.register("notices", NoticeViewSet, basename="notice")
router.register("deliveries", DeliveryViewSet, basename="delivery")
router.register("engine", EngineViewSet, basename="engine")

urlpatterns = [
    path("engine/canary", canary, name="engine_canary"),
]
api_urlpatterns = [
    endpoint("me/test-page", TestPageViewSet.as_view({"post": "create"}), "test_page"),
    *router.urls,
]
