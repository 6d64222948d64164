"""The composition root: mounts every room's pages and API."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from oncall.urls import api_urlpatterns as oncall_api
from ownership.urls import api_urlpatterns as ownership_api
from portal.accounts.urls import api_urlpatterns as accounts_api
from portal.engine.urls import api_urlpatterns as engine_api
from portal.site.urls import api_urlpatterns as site_api
from requests_queue.urls import api_urlpatterns as requests_api

urlpatterns: list[URLPattern | URLResolver] = [
    # Ours come first where we guard a page of allauth's; its doors one by one: its third-party pages sign people up.
    path("", include("portal.accounts.urls")),
    path("auth/", include("allauth.account.urls")),
    path("auth/2fa/", include("allauth.mfa.urls")),
    path("auth/sessions/", include("allauth.usersessions.urls")),
    path("", include("portal.site.urls")),
    path("", include("portal.engine.urls")),
    path("", include("ownership.urls")),
    path("", include("oncall.urls")),
    path("", include("requests_queue.urls")),
    path("api/v1/", include(engine_api)),
    path("api/v1/", include(accounts_api)),
    path("api/v1/", include(oncall_api)),
    path("api/v1/", include(requests_api)),
    path("api/v1/", include(site_api)),
    path("api/v1/", include(ownership_api)),
    path("api/", include("portal.site.api_urls")),
]

handler400 = "portal.core.web.errors.bad_request"
handler403 = "portal.core.web.errors.forbidden"
handler404 = "portal.core.web.errors.not_found"
handler500 = "portal.core.web.errors.server_error"
handler429 = "portal.core.web.errors.too_many"  # asked for by the library that signs people in
