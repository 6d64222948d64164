"""The filter of an address with its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.core.web.filtering import ensure_valid

if TYPE_CHECKING:
    from django.http import HttpRequest


def filtered(kind: Any, rows: Any, request: HttpRequest) -> Any:
    """The filter with its rows; a value that fits none is refused."""
    chosen = kind(request.GET, queryset=rows, request=request)
    ensure_valid(chosen)
    return chosen
