"""Filters of the API: the FilterSet of the HTML list, and no guessing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from rest_framework.filters import BaseFilterBackend

from portal.core.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.views import APIView

TYPES: dict[type[django_filters.Filter], dict[str, Any]] = {
    django_filters.BooleanFilter: {"type": "boolean"},
    django_filters.NumberFilter: {"type": "number"},
    django_filters.IsoDateTimeFilter: {"type": "string", "format": "date-time"},
    django_filters.DateTimeFilter: {"type": "string", "format": "date-time"},
    django_filters.DateFilter: {"type": "string", "format": "date"},
}


class StrictFilterBackend(BaseFilterBackend):
    """An unknown parameter or a value that fits no filter is 400 with the parameter's name, never ignored.

    A view gives `filterset_class`, and names parameters beside it in `query_parameters`.
    """

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        made = getattr(view, "filterset_class", None)
        filterset = made and made(data=request.query_params, queryset=queryset, request=request)
        known = {*getattr(view, "query_parameters", ()), *_of_pages(view), *(_names(filterset) if filterset else ())}
        for name in request.query_params:
            if name not in known:
                raise BadRequest("core.unknown_parameter", f"There is no parameter {name[:60]!r} here.", name[:60])
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            name, messages = next(iter(filterset.errors.items()))
            raise BadRequest("core.bad_filter", " ".join(messages), name)
        filtered: QuerySet[Any] = filterset.qs
        return filtered

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """The filters as the schema lists them."""
        made = getattr(view, "filterset_class", None)
        return [_parameter(name, found) for name, found in made.base_filters.items()] if made else []


def _of_pages(view: APIView) -> frozenset[str]:
    return getattr(getattr(view, "pagination_class", None), "parameters", frozenset())


def _names(filterset: Any) -> Iterator[str]:
    """The parameters that a FilterSet reads; a range has two."""
    for name, field in filterset.form.fields.items():
        suffixes = getattr(field.widget, "suffixes", None)
        if suffixes:
            yield from (f"{name}_{suffix}" for suffix in suffixes if suffix)
        else:
            yield name


def _parameter(name: str, found: django_filters.Filter) -> dict[str, Any]:
    schema: dict[str, Any] = next(
        (dict(made) for kind, made in TYPES.items() if isinstance(found, kind)), {"type": "string"}
    )
    choices = found.extra.get("choices")
    if isinstance(choices, list | tuple):
        schema["enum"] = [str(value) for value, _ in choices]
    if isinstance(found, django_filters.MultipleChoiceFilter):
        schema = {"type": "array", "items": schema}
    words = str(found.extra.get("help_text") or found.label or "")
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": words}
