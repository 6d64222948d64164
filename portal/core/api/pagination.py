"""Lists of the API in pages by the last row seen; the answer's `next` is the whole way on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from portal.core.errors import BadRequest
from portal.core.queries.keyset import keyset

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200


class KeysetPagination(BasePagination):
    """`?cursor=` (signed, from `next` only) and `?page_size=` up to 200; the view's `order` names the columns."""

    parameters = frozenset({"cursor", "page_size"})

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        order = tuple(getattr(view, "order", ()))
        cursor = request.query_params.get("cursor", "")
        page = keyset(queryset, order=order, cursor=cursor, size=page_size(request.query_params.get("page_size")))
        self._next = ""
        if page.next_cursor:
            self._next = replace_query_param(request.build_absolute_uri(), "cursor", page.next_cursor)
        return page.rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self._next or None, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        next_page = {"type": ["string", "null"], "format": "uri", "description": "The next page; null at the end."}
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {"next": next_page, "results": schema},
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        del view
        size = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}
        return [
            _parameter("cursor", {"type": "string"}, "Where to go on; take it from `next`."),
            _parameter("page_size", size, "Rows a page."),
        ]


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


def page_size(given: str | None) -> int:
    """How many rows a page; raises `BadRequest` for anything but 1 to 200."""
    if given is None:
        return PAGE_SIZE
    if not (given.isascii() and given.isdecimal() and len(given) < 10 and int(given) > 0):  # noqa: PLR2004 (digits)
        raise BadRequest("core.bad_page_size", "page_size is a whole number from 1 to 200.", "page_size")
    if int(given) > MAX_PAGE_SIZE:
        raise BadRequest("core.limit_page_size", "page_size is at most 200.", "page_size")
    return int(given)
