"""Paths of the API: each answers with and without its last slash, and never by a redirect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import re_path
from rest_framework.routers import SimpleRouter

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.urls import URLPattern

OPTIONAL_SLASH = "/?"


class Router(SimpleRouter):
    """DRF's router with an optional slash; the schema shows the form with it."""

    def __init__(self) -> None:
        super().__init__()
        self.trailing_slash = OPTIONAL_SLASH


def endpoint(route: str, view: Callable[..., Any], name: str) -> URLPattern:
    """A path beside the router's; `route` is a regular expression without its ends, such as `lineage/batch`."""
    return re_path(rf"^{route}{OPTIONAL_SLASH}$", view, name=name)
