"""The composition root: mounts every room's pages and API."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from oncall.urls import api_urlpatterns as oncall_api
from oncall.urls import urlpatterns as oncall_pages
from ownership.urls import api_urlpatterns as ownership_api
from ownership.urls import urlpatterns as ownership_pages
from portal.accounts.urls import api_urlpatterns as accounts_api
from portal.accounts.urls import urlpatterns as accounts_pages
from portal.core.web.segments import Segments
from portal.engine.urls import api_urlpatterns as engine_api
from portal.engine.urls import urlpatterns as engine_pages
from portal.site.urls import api_urlpatterns as site_api
from portal.site.urls import urlpatterns as site_pages
from requests_queue.urls import api_urlpatterns as requests_api
from requests_queue.urls import urlpatterns as requests_pages

_pages = [
    # Ours come first where we guard a page of allauth's; its doors one by one: its third-party pages sign people up.
    *accounts_pages,
    path("auth/", include("allauth.account.urls")),
    path("auth/2fa/", include("allauth.mfa.urls")),
    path("auth/sessions/", include("allauth.usersessions.urls")),
    *site_pages, *engine_pages, *ownership_pages, *oncall_pages, *requests_pages,
]  # fmt: skip
_api = [*engine_api, *accounts_api, *oncall_api, *requests_api, *site_api, *ownership_api]

urlpatterns: list[URLPattern | URLResolver] = [
    Segments("api/v1/", _api),
    path("api/", include("portal.site.api_urls")),
    Segments("", _pages),
]

handler400 = "portal.core.web.errors.bad_request"
handler403 = "portal.core.web.errors.forbidden"
handler404 = "portal.core.web.errors.not_found"
handler500 = "portal.core.web.errors.server_error"
handler429 = "portal.core.web.errors.too_many"  # asked for by the library that signs people in
