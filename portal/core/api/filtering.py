"""Filters of the API: the FilterSet of the HTML list, and no guessing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_filters.rest_framework import DjangoFilterBackend

from portal.core.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django_filters import FilterSet
    from rest_framework.request import Request
    from rest_framework.views import APIView


class StrictFilterBackend(DjangoFilterBackend):
    """An unknown parameter or a value that fits no filter is 400 with the parameter's name, never ignored.

    A view names parameters beside its FilterSet in `query_parameters`.
    """

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        filterset = self.get_filterset(request, queryset, view)
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


def _of_pages(view: APIView) -> frozenset[str]:
    return getattr(getattr(view, "pagination_class", None), "parameters", frozenset())


def _names(filterset: FilterSet) -> Iterator[str]:
    """The parameters that a FilterSet reads; a range has two."""
    for name, field in filterset.form.fields.items():
        suffixes = getattr(field.widget, "suffixes", None)
        if suffixes:
            yield from (f"{name}_{suffix}" for suffix in suffixes if suffix)
        else:
            yield name
