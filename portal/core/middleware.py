"""What surrounds every request."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from portal.core import context
from portal.core.errors import Busy, DomainError
from portal.core.patience import was_ended
from portal.core.unreadable import refusal_of

SAFE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
Handler = Callable[[HttpRequest], HttpResponse]


def client_address(request: HttpRequest) -> str | None:
    """The caller's address: the right-most hop that is no trusted proxy (spec security 3)."""
    hops = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    address = request.META.get("REMOTE_ADDR") or None
    while hops and address and _is_trusted(address):
        address = hops.pop()
    return address if address and _is_address(address) else None


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(address: str) -> bool:
    return _is_address(address) and any(ip_address(address) in ip_network(net) for net in settings.ENV.trusted_proxies)


class RequestContextMiddleware:
    """Gives each request an id and says by which door it came in."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if SAFE_REQUEST_ID.fullmatch(given) else uuid4().hex
        via = "api" if request.path_info.startswith("/api/") else "web"
        facts: dict[str, object] | None = {} if request.method in {"GET", "HEAD"} else None
        with context.use(context.Context(via, request_id, address=client_address(request), facts=facts)):
            response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


PAGES = frozenset({400, 403, 404, 409, 413, 422, 429, 503})
WITH_REFERENCE = frozenset({413, 429, 503})


def refusal_page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The page of a refusal, in a plain context: the processors of pages would ask the database."""
    page = error.status if error.status in PAGES else 422
    reference = context.current().request_id if page in WITH_REFERENCE else ""
    words = {"error": error, "request": request, "reference": reference}
    response = HttpResponse(render_to_string(f"{page}.html", words), status=error.status)
    if "retry_after" in error.extra:
        response["Retry-After"] = str(error.extra["retry_after"])
    return response


class DomainErrorMiddleware:
    """Turns a refusal that no form took into its page, `PAGES`. No address with a NUL reaches a view."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("An address holds no NUL")
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        exception = refusal_of(exception) or exception
        if was_ended(exception):
            exception = Busy()
        return refusal_page(request, exception) if isinstance(exception, DomainError) else None


class PageHeadersMiddleware:
    """Headers that Django has no setting for (spec security 12)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
        if not request.path_info.startswith(settings.STATIC_URL):
            response.setdefault("Cache-Control", "no-store")
        return response
