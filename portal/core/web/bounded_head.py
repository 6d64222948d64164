"""How much may stand above the body of a request (spec security 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.core.limits import HEAD_BYTES, HEADERS
from portal.core.web.errors import bad_head

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

COLON_AND_BREAK = len(": \r\n")


class BoundedHeadMiddleware:
    """Refuses with 400 more than 16 KiB of address and headers, more than 100 of them, and a body of two lengths."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        code = _fault(request)
        return bad_head(request, code) if code else self.get_response(request)


def _fault(request: HttpRequest) -> str:
    headers = request.headers
    size = sum(len(name) + len(value) + COLON_AND_BREAK for name, value in headers.items())
    size += len(request.META.get("QUERY_STRING", "")) + len(request.path_info)
    if len(headers) > HEADERS or size > HEAD_BYTES:
        return "core.limit_headers"
    # Two lengths of one body are how a second request is smuggled past a proxy.
    is_double = headers.get("Transfer-Encoding") and headers.get("Content-Length")
    return "core.two_lengths" if is_double else ""
