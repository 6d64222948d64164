"""Conditional requests: what the caller has seen decides what is sent or written."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from portal.core.errors import BadRequest, Stale

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request
    from rest_framework.response import Response

# `"7.9f86d081884c7d65"` names version 7; the hash covers what changes without a version, such as a clock.
IF_MATCH = re.compile(r'(?:W/)?"(?P<version>\d{1,9})(?:\.[0-9a-f]{16})?"')
ANY = "*"


def etag(body: bytes, version: int | None) -> str:
    """The tag of a rendered body; with the version first, so that If-Match can compare that alone."""
    digest = hashlib.sha256(body).hexdigest()[:16]
    return quote_etag(digest if version is None else f"{version}.{digest}")


def expected_version(request: Request) -> int | None:
    """The version in If-Match, None when the caller does not insist; raises `BadRequest` for a foreign form."""
    given = request.headers.get("If-Match", "").strip()
    if given in ("", ANY):
        return None
    match = IF_MATCH.fullmatch(given)
    if match is None:
        raise BadRequest("core.bad_if_match", 'If-Match is the ETag of the object, such as "7" or *.')
    return int(match["version"])


def check_version(request: Request, instance: Any) -> None:
    """Raise `Stale` unless If-Match names the version of `instance`; the service compares again under its lock."""
    expected = expected_version(request)
    current = getattr(instance, "version", None)
    if expected is not None and current is not None and expected != current:
        message = f"It has changed since: you saw version {expected}, this is version {current}."
        raise Stale("core.stale", message, version=current)


def conditional(request: Request, response: Response, version: int | None) -> None:
    """Give a rendered 200 its ETag, and turn it into 304 when the caller has it already."""

    def finish(rendered: Any) -> HttpResponseBase | None:
        rendered["ETag"] = etag(rendered.content, version)
        return get_conditional_response(request._request, rendered["ETag"], None, rendered)  # noqa: SLF001 (DRF keeps the Django request there)

    response.add_post_render_callback(finish)
