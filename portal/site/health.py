"""Probes, metrics and the receiver of the browser's policy reports. Strangers learn the status, never the reasons."""

from __future__ import annotations

import json
import os
from ipaddress import ip_address
from secrets import compare_digest
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from portal.core import clock, metrics
from portal.core.errors import TooMany
from portal.core.middleware import client_address
from portal.core.services.rates import take
from portal.engine.queries.health import engine_health
from portal.site.queries.figures import EngineFigures
from portal.site.queries.readiness import unready_reasons

if TYPE_CHECKING:
    from django.http import HttpRequest

LARGEST_REPORT = 8 * 1024
REPORTS_A_MINUTE = 60
REPORT_FIELDS = ("document-uri", "violated-directive", "effective-directive", "blocked-uri")
log = structlog.get_logger("headwater.csp")
figures = EngineFigures()


@login_not_required
@never_cache
@require_GET
def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers; looks at nothing else."""
    del request
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_GET
def ready(request: HttpRequest) -> JsonResponse:
    """Whether a balancer may send requests here."""
    return _verdict(request, unready_reasons())


@login_not_required
@never_cache
@require_GET
def engine(request: HttpRequest) -> JsonResponse:
    """Ring 1 of the watchdog (spec engine 11)."""
    try:
        reasons = list(engine_health(clock.now()).reasons)
    except DatabaseError:
        reasons = ["database"]
    return _verdict(request, reasons)


@login_not_required
@never_cache
@require_GET
def metrics_page(request: HttpRequest) -> HttpResponse:
    """Prometheus text, for the holder of the metrics token or a caller on this machine."""
    if not is_operator(request):
        return HttpResponse("A bearer token is needed.\n", status=401, headers={"WWW-Authenticate": "Bearer"})
    page = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(page)  # type: ignore[no-untyped-call]
    page.register(figures)
    own = b"" if os.environ.get("PROMETHEUS_MULTIPROC_DIR") else generate_latest(REGISTRY)
    return HttpResponse(own + generate_latest(page), content_type=CONTENT_TYPE_LATEST)


@login_not_required
@csrf_exempt
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """A browser refused something on our page: worth a warning, nothing more, and no flood of them."""
    try:
        take(key=f"csp:{client_address(request)}", capacity=REPORTS_A_MINUTE, per_seconds=60, at=clock.now())
    except TooMany:
        return HttpResponse(status=429)
    if int(request.headers.get("Content-Length") or 0) <= LARGEST_REPORT:
        metrics.CSP_REPORTS.inc()
        log.warning("policy violation", **_report(request.body))
    return HttpResponse(status=204)


def _report(body: bytes) -> dict[str, str]:
    try:
        report = json.loads(body).get("csp-report", {})
        return {name.replace("-", "_"): str(report[name])[:200] for name in REPORT_FIELDS if name in report}
    except (ValueError, AttributeError, TypeError):
        return {"unreadable": "yes"}


def is_operator(request: HttpRequest) -> bool:
    """Bearer of HEADWATER_METRICS_TOKEN; without such a token, whoever calls from this machine itself."""
    token = settings.ENV.metrics_token
    if token:
        return compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())
    address = client_address(request)
    return bool(address and ip_address(address).is_loopback and "X-Forwarded-For" not in request.headers)


def _verdict(request: HttpRequest, reasons: list[str]) -> JsonResponse:
    facts: dict[str, object] = {"status": "failing" if reasons else "ok"}
    if reasons and is_operator(request):
        facts["reasons"] = reasons
    return JsonResponse(facts, status=503 if reasons else 200)
