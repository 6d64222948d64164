"""Counters of this process for Prometheus. Labels never hold names, ids or titles.

Figures that live in PostgreSQL (the engine's) are not counted here; `portal.site.figures` reads them when asked.
"""

from __future__ import annotations

from prometheus_client import Counter, Histogram

HTTP_SECONDS = Histogram(
    "headwater_http_request_seconds",
    "Time to answer a request",
    ["view", "method", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
SQL_QUERIES = Histogram(
    "headwater_sql_queries", "Database queries of a request", ["view"], buckets=(1, 3, 5, 8, 10, 15, 20, 30, 50, 100)
)
SIGNIN_FAILURES = Counter("headwater_signin_failures", "Refused sign-ins")
DENIED = Counter("headwater_denied", "Requests answered with 403")
CSP_REPORTS = Counter("headwater_csp_reports", "Violations of the content security policy that browsers reported")
