"""Where the room's pages and API stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.core.api.router import Router

if TYPE_CHECKING:
    from django.urls import URLPattern, URLResolver

_router = Router()

urlpatterns: list[URLPattern | URLResolver] = []
api_urlpatterns: list[URLPattern | URLResolver] = [*_router.urls]
