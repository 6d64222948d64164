"""Every address of the portal: its name, its variables and the methods it answers."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.views.generic.edit import ProcessFormView

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from django.test.utils import CaptureQueriesContext

# What stands around a view: who is asking, the limits on rate (resolutions 1.19), and what a process reads again
# every few seconds: its clock's offset, and whether this is the demo.
AROUND = (
    "django_session", "core_ratebucket", "SAVEPOINT", "usersessions_usersession", "portal_now()", "core_setting",
)  # fmt: skip
Value = TypeVar("Value")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SAFE = ("GET",)
POST_ONLY = frozenset({"csp_report", "engine_canary"})


@dataclass(frozen=True)
class Door:
    """A URL name with one of its methods."""

    name: str
    method: str
    route: str
    view: Any

    @property
    def is_api(self) -> bool:
        return self.route.startswith("api/v1")

    def url(self, kwargs: Mapping[str, str]) -> str:
        return reverse(self.name, kwargs=dict(kwargs))


def questions_of(asked: CaptureQueriesContext) -> int:
    """The queries of a view, without what stands around every view."""
    return sum(not any(word in query["sql"] for word in AROUND) for query in asked)


def body_of(response: Any) -> bytes:
    """The bytes of a page, or of a download that streams."""
    body: bytes = b"".join(response.streaming_content) if response.streaming else response.content
    return body


def share(values: Sequence[Value], place: int, parts: int) -> Sequence[Value]:
    """Every `parts`-th value, begun at `place`, so that each meets some doors; all of them in the full profile."""
    return values if os.environ.get("HYPOTHESIS_PROFILE") == "full" else values[place % parts :: parts]


def doors() -> list[Door]:
    """Each name x method once, in the order of the URLconf."""
    found: dict[tuple[str, str], Door] = {}
    for route, pattern in _patterns(get_resolver(), ""):
        name = pattern.name or route
        for method in ["POST"] if name in POST_ONLY else _methods(pattern.callback):
            found.setdefault((name, method), Door(name, method, route, pattern.callback))
    return list(found.values())


def _patterns(resolver: URLResolver, before: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        route = f"{before}{str(pattern.pattern).removeprefix('^')}"
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern, route)
        else:
            yield route, pattern


def _methods(view: Any) -> list[str]:
    """What the view answers beside HEAD and OPTIONS; a plain function says it by `require_http_methods`."""
    actions = getattr(view, "actions", None)
    if actions is not None:
        return [method for method in METHODS if method.lower() in actions]
    cls = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if cls is None:
        return list(getattr(view, "methods", SAFE))
    if issubclass(cls, ProcessFormView):
        return ["GET", "POST"]  # Django's PUT is the POST under another name
    return [method for method in METHODS if callable(getattr(cls, method.lower(), None))]
