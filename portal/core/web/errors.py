"""The pages for what went wrong. None of them reads the database: it may be the thing that is broken."""

from __future__ import annotations

import sys
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse, JsonResponse
from django.template import loader

from portal.core import context
from portal.core.patience import is_away, was_ended

if TYPE_CHECKING:
    from django.http import HttpRequest

BACK_IN = 10  # seconds after which to look again for a database that was away


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, and 413 for a form that is larger than a form may be."""
    if isinstance(exception, RequestDataTooBig):
        size, code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "core.limit_body"
        return _answer(request, "413.html", size, code, with_reference=True)
    return _answer(request, "400.html", HTTPStatus.BAD_REQUEST, "core.bad_request")


def bad_head(request: HttpRequest, code: str) -> HttpResponse:
    """400 for a request whose headers alone are too much, or contradict each other."""
    return _answer(request, "400.html", HTTPStatus.BAD_REQUEST, code)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    del exception
    return _answer(request, "403.html", HTTPStatus.FORBIDDEN, "core.forbidden")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404; the same bytes whether a thing is missing or only not visible."""
    del exception
    return _answer(request, "404.html", HTTPStatus.NOT_FOUND, "core.not_found")


def too_many(request: HttpRequest) -> HttpResponse:
    """429: the limits of the library that signs people in; a limit of ours says its seconds by itself."""
    return _answer(request, "429.html", HTTPStatus.TOO_MANY_REQUESTS, "core.too_many", with_reference=True)


def database_away(request: HttpRequest) -> HttpResponse:
    """503 while there is no database, or it does not take us in."""
    away = HTTPStatus.SERVICE_UNAVAILABLE
    response = _answer(request, "database_away.html", away, "core.database_away", with_reference=True)
    response["Retry-After"] = str(BACK_IN)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500 for a fault of ours, with the reference that the log has; 503 where the database is away or too slow."""
    fault = sys.exc_info()[1]
    if is_away(fault):
        return database_away(request)
    if was_ended(fault):  # before a view was reached; a view's own is turned by the middleware
        return _answer(request, "503.html", HTTPStatus.SERVICE_UNAVAILABLE, "core.busy", with_reference=True)
    return _answer(request, "500.html", HTTPStatus.INTERNAL_SERVER_ERROR, "core.server_error", with_reference=True)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose mark is missing or old; `reason` is Django's and stays in its log."""
    del reason
    return _answer(request, "csrf.html", HTTPStatus.FORBIDDEN, "core.csrf")


def _answer(
    request: HttpRequest, template: str, status: HTTPStatus, code: str, *, with_reference: bool = False
) -> HttpResponse:
    reference = context.current().request_id
    if request.path_info.startswith("/api/"):
        problem = {
            "type": f"/api/docs/errors#{code}", "title": status.phrase, "status": status.value, "code": code,
            "detail": status.description or status.phrase, "reference": reference,
        }  # fmt: skip
        return JsonResponse(problem, status=status.value, content_type="application/problem+json")
    # A plain context: the processors of pages read the session, and these pages read nothing.
    page = loader.get_template(template).render({"request": request, "reference": reference if with_reference else ""})
    return HttpResponse(page, status=status.value)
