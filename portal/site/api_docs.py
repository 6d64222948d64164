"""The entrance of the API: its index, its schema, and a reference drawn by the server (spec site 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseNotModified
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.core.web.views import PageView
from portal.engine.registries import notice_kinds
from portal.site.domain.api_reference import PREFIX, curl, try_url
from portal.site.error_codes import CODES
from portal.site.queries.api_schema import example_names, reference, rendered, scopes
from portal.site.queries.callers import rights_of

if TYPE_CHECKING:
    from datetime import datetime

    from rest_framework.request import Request

API = ("API", "/api/docs/")
CODE_ROOMS = {"requests_queue": ("requests", "sla")}
LINKS = {"schema": "v1/schema/", "docs": "docs/", "errors": "docs/errors/"}


@extend_schema(exclude=True)
class IndexView(APIView):
    """What there is, which scopes open it, and what this caller may do."""

    scopes = {"read": ""}

    def get(self, request: Request) -> Response:
        resources = [{"name": tag.name, "url": f"{settings.BASE_URL}{PREFIX}{tag.name}/"} for tag in reference()]
        links = {name: f"{settings.BASE_URL}/api/{way}" for name, way in LINKS.items()}
        return Response({"resources": resources, "scopes": scopes(), "you": rights_of(request), "links": links})


@extend_schema(exclude=True)
class SchemaView(APIView):
    """The OpenAPI 3.1 document; made at the first call and the same until the next start."""

    scopes = {"read": ""}

    def get(self, request: Request) -> HttpResponse:
        body, tag = rendered()
        if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
            return HttpResponseNotModified(headers={"ETag": tag})
        return HttpResponse(body, content_type="application/vnd.oai.openapi+json", headers={"ETag": tag})


class DocsView(PageView):
    """The way in: how to sign in, page, repeat and fail; and every resource."""

    page_title = "API"
    nav_key = "api"
    template_name = "api_docs/index.html"

    def context(self, at: datetime) -> dict[str, Any]:
        del at
        return {"tags": reference(), "scopes": scopes(), "base_url": settings.BASE_URL}


class TagView(PageView):
    """One resource: parameters, bodies, answers, scopes, codes, and a line for the shell."""

    nav_key = "api"
    crumbs = (API,)
    template_name = "api_docs/tag.html"

    def context(self, at: datetime) -> dict[str, Any]:
        name = self.kwargs["tag"]
        tag = next((tag for tag in reference() if tag.name == name), None)
        if tag is None:
            raise Http404
        names = example_names(name, self.request, at)
        shown = [
            {"facts": op, "curl": curl(op, settings.BASE_URL, names), "try_url": try_url(op, names)}
            for op in tag.operations
        ]
        codes = [code for room in tag.rooms for name in CODE_ROOMS.get(room, (room,)) for code in CODES.get(name, [])]
        return {"page_title": name, "operations": shown, "codes": codes}


class ErrorsView(PageView):
    """Every code of a problem document; `type` of each leads here."""

    page_title = "Error codes"
    nav_key = "api"
    crumbs = (API,)
    template_name = "api_docs/errors.html"

    def context(self, at: datetime) -> dict[str, Any]:
        del at
        return {"rooms": CODES.items()}


class WebhooksView(PageView):
    """What is sent out, and how to know that it is ours."""

    page_title = "Webhooks"
    nav_key = "api"
    crumbs = (API,)
    template_name = "api_docs/webhooks.html"

    def context(self, at: datetime) -> dict[str, Any]:
        del at
        return {"kinds": [name for name, _ in notice_kinds.items()]}
