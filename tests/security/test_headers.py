"""What the browser is told with every answer (spec security 12)."""

from __future__ import annotations

import pytest

from portal.core import clock
from tests.contract.cast import Cast, make_cast
from tests.contract.doors import doors

pytestmark = pytest.mark.django_db
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
    "report-uri": "/csp-report",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast(["nothing:write"], at=clock.now())


@pytest.mark.parametrize("role", ["anon", "analyst"])
def test_every_answer_carries_the_policy_and_no_cache_keeps_what_is_a_persons(cast: Cast, role: str) -> None:
    client = cast.client(role)
    wrong = []
    for door in doors():
        if door.method != "GET":
            continue
        response = client.get(cast.url(door))
        kept = role != "anon" and "no-store" not in response["Cache-Control"]
        policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
        headers = {name: response.get(name) for name in HEADERS}
        if (policy, headers) != (POLICY, HEADERS) or kept or not response.has_header("Permissions-Policy"):
            wrong.append((door.name, policy, headers, response["Cache-Control"]))
    assert wrong == []


def test_a_page_that_is_missing_has_the_headers_too(cast: Cast) -> None:
    response = cast.client("analyst").get("/no/such/page")
    assert (response.status_code, response["X-Content-Type-Options"]) == (404, "nosniff")
    assert "default-src 'none'" in response["Content-Security-Policy"]
