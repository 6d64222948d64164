"""One line and one set of figures a request."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import structlog
from django.db import connection

from portal.core import metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

SLOW_QUERY_SECONDS = 0.5
SLOW_VIEW_SECONDS = 1.0
UNLOGGED = {"health_live", "health_ready", "metrics"}
FORBIDDEN = 403
log = structlog.get_logger("headwater.request")


class QueryCounter:
    """Counts a request's queries and names the slow ones, without their values."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, scope: Any) -> Any:  # noqa: FBT001 (Django's signature)
        self.count += 1
        started = time.monotonic()
        try:
            return execute(sql, params, many, scope)
        finally:
            seconds = time.monotonic() - started
            if seconds > SLOW_QUERY_SECONDS:
                log.warning("slow query", duration_ms=round(seconds * 1000), sql=sql[:500])


class RequestLogMiddleware:
    """Logs who asked for what, how long it took and what it cost."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        queries = QueryCounter()
        started = time.monotonic()
        with connection.execute_wrapper(queries):
            response = self.get_response(request)
        _note(request, response, time.monotonic() - started, queries.count)
        return response


def _note(request: HttpRequest, response: HttpResponse, seconds: float, queries: int) -> None:
    match = request.resolver_match
    view = (match.view_name or "unnamed") if match else "none"
    metrics.HTTP_SECONDS.labels(view, _method(request), str(response.status_code)).observe(seconds)
    metrics.SQL_QUERIES.labels(view).observe(queries)
    if response.status_code == FORBIDDEN:
        metrics.DENIED.inc()
    if view in UNLOGGED:
        return
    tell = log.warning if seconds > SLOW_VIEW_SECONDS else log.info
    tell(
        "slow view" if seconds > SLOW_VIEW_SECONDS else "request",
        view=view,
        method=_method(request),
        path=request.path,
        status=response.status_code,
        duration_ms=round(seconds * 1000, 1),
        sql_count=queries,
        actor=_actor(request),
    )


def _method(request: HttpRequest) -> str:
    return request.method if request.method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"


def _actor(request: HttpRequest) -> int | None:
    """The signed-in person, if the view had already looked; logging never asks the database."""
    user = request.__dict__.get("_cached_user")
    return user.pk if user is not None else None
