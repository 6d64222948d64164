"""The API's own description: made once a process, and the names of objects a reader may try it with."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from drf_spectacular.generators import SchemaGenerator
from rest_framework.request import Request

from portal.site.domain.api_reference import PREFIX, Tag, tags_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest

Json = dict[str, Any]


@cache
def document() -> Json:
    """The OpenAPI 3.1 document."""
    made: Json = SchemaGenerator().get_schema(request=None, public=True)
    return made


@cache
def rendered() -> tuple[bytes, str]:
    """The document as bytes, and their tag."""
    body = json.dumps(document(), ensure_ascii=False).encode()
    return body, f'"{hashlib.sha256(body).hexdigest()[:16]}"'


@cache
def reference() -> list[Tag]:
    """Every resource with its operations."""
    return tags_of(document())


@cache
def scopes() -> dict[str, list[str]]:
    """Each scope a token can have, with the acts it opens."""
    found: dict[str, list[str]] = {}
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            if operation.get("x-scope"):
                found.setdefault(operation["x-scope"], []).append(f"{method.upper()} {path}")
    return dict(sorted(found.items()))


@cache
def _detail_views() -> dict[str, tuple[str, Callable[..., Any]]]:
    """For each resource the name in its path, and the view that lists it."""
    generator = SchemaGenerator()
    endpoints = generator.endpoint_inspector_cls(None, None).get_api_endpoints()
    return {
        path.removeprefix(PREFIX).split("/")[0]: (path.split("{")[1].split("}")[0], callback)
        for path, _, method, callback in endpoints
        if method == "GET" and path.endswith("}/") and path.count("{") == 1 and path.count("/") == 5  # noqa: PLR2004 (a detail)
        if hasattr(callback.cls, "get_queryset")
    }


def example_names(tag: str, request: HttpRequest, at: datetime) -> dict[str, str]:
    """The name of the newest object of this resource that the reader may see, by the variable of its path."""
    if tag not in _detail_views():
        return {}
    variable, callback = _detail_views()[tag]
    view: Any = callback.cls(**callback.initkwargs)  # type: ignore[attr-defined]  # DRF's as_view() sets both
    view.request, view.action, view.args, view.kwargs = Request(request), "list", (), {}
    view.request.user, view.at = request.user, at
    row = view.get_queryset().order_by("-pk").first()
    return {variable: str(getattr(row, view.lookup_field))} if row is not None else {}
