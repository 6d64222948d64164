"""Every refusal of the API is a problem document (RFC 9457), made here and nowhere else."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.exceptions import (
    ValidationError as DjangoValidationError,
)
from django.http import Http404, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from portal.core import context
from portal.core.errors import Busy, DomainError
from portal.core.patience import was_ended
from portal.core.unreadable import refusal_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MEDIA_TYPE = "application/problem+json"
RESERVED = frozenset({"type", "title", "status", "code", "detail", "field", "reference"})
NOTHING_HERE = "There is nothing here."

# The codes of DRF's own refusals; DomainErrors bring theirs.
DRF_CODES: dict[type[exceptions.APIException], str] = {
    exceptions.ParseError: "core.unparsable",
    exceptions.NotAuthenticated: "core.not_authenticated",
    exceptions.AuthenticationFailed: "core.not_authenticated",
    exceptions.PermissionDenied: "core.not_allowed",
    exceptions.NotFound: "core.not_found",
    exceptions.MethodNotAllowed: "core.method_not_allowed",
    exceptions.NotAcceptable: "core.not_acceptable",
    exceptions.UnsupportedMediaType: "core.unsupported_media_type",
    exceptions.Throttled: "core.too_many",
}


def problem(status: int, code: str, detail: str, **members: object) -> dict[str, Any]:
    """The document: standard members, the stable `code`, and whatever the refusal adds."""
    added = {name: value for name, value in members.items() if value not in ("", None)}
    return {
        "type": f"/api/docs/errors#{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **added,
        "reference": context.current().request_id,
    }


def problem_response(status: int, code: str, detail: str, **members: object) -> HttpResponse:
    """For doors that are no DRF view: unknown paths, and faults."""
    body = json.dumps(problem(status, code, detail, **members))
    return HttpResponse(body, status=status, content_type=MEDIA_TYPE)


def exception_handler(error: Exception, _: Mapping[str, Any]) -> Response | None:
    """DRF's hook. Returns None for a fault of ours, which is answered 500 and logged."""
    refused = Busy() if was_ended(error) else refusal_of(error) or error
    made = _from_domain(refused) or _from_django(error) or _from_drf(error)
    if made is None:
        return None
    document, headers = made
    set_rollback()
    return Response(document, status=document["status"], headers=headers, content_type=MEDIA_TYPE)


Made = tuple[dict[str, Any], dict[str, str]]


def _from_domain(error: Exception) -> Made | None:
    if not isinstance(error, DomainError):
        return None
    extra = {name: value for name, value in error.extra.items() if name not in RESERVED}
    headers = {"Retry-After": str(extra["retry_after"])} if "retry_after" in extra else {}
    return problem(error.status, error.code, error.message, field=error.field, **extra), headers


def _from_django(error: Exception) -> Made | None:
    if isinstance(error, Http404):
        return problem(404, "core.not_found", NOTHING_HERE), {}
    if isinstance(error, PermissionDenied):
        return problem(403, "core.not_allowed", str(error) or "You may not do this."), {}
    if isinstance(error, RequestDataTooBig):
        return problem(413, "core.limit_body", "The body is larger than this door takes."), {}
    if isinstance(error, SuspiciousOperation):
        return problem(400, "core.unparsable", "The request cannot be read."), {}
    if isinstance(error, DjangoValidationError):
        return problem(422, "core.invalid", " ".join(error.messages)), {}
    return None


def _from_drf(error: Exception) -> Made | None:
    if isinstance(error, exceptions.ValidationError):
        return _invalid(error), {}
    if not isinstance(error, exceptions.APIException):
        return None
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    code = next((code for kind, code in DRF_CODES.items() if isinstance(error, kind)), "core.refused")
    given = error.get_codes()
    if isinstance(given, str) and "." in given:
        code = given
    detail = NOTHING_HERE if isinstance(error, exceptions.NotFound) else str(error.detail)
    return problem(error.status_code, code, detail), headers


def _invalid(error: exceptions.ValidationError) -> dict[str, Any]:
    """One document for all wrong fields; `field` and `detail` are those of the first."""
    errors = list(_flat(error.detail, ""))
    first = errors[0]
    return problem(422, "core.invalid", first["detail"], field=first["field"], errors=errors)


def _flat(detail: Any, place: str) -> Iterator[dict[str, str]]:
    if isinstance(detail, dict):
        for name, below in detail.items():
            step = "" if name == "non_field_errors" else str(name)
            yield from _flat(below, ".".join(part for part in (place, step) if part))
    elif isinstance(detail, list):
        for position, below in enumerate(detail):
            nested = isinstance(below, dict | list)
            yield from _flat(below, ".".join(part for part in (place, str(position)) if part) if nested else place)
    else:
        yield {"field": place, "code": str(getattr(detail, "code", "invalid")), "detail": str(detail)}
