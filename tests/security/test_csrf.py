"""No write without the mark of our own page (spec security 12, 14)."""

from __future__ import annotations

import pytest
from django.test import Client

from portal.core import clock
from portal.core.models import AuditEntry
from tests.contract.cast import Cast, make_cast
from tests.contract.doors import Door, doors

pytestmark = pytest.mark.django_db
# Signed or secret in themselves; no session is used. A change here needs a review.
EXEMPT = frozenset({"csp_report", "engine_canary", "inbound", "inbound-pagerduty", "heartbeat"})
UNSAFE = [door for door in doors() if door.method != "GET" and door.name not in EXEMPT]


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast(["nothing:write"], at=clock.now())


def strict(cast: Cast, role: str = "lead") -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.people[role])
    return client


def answer(cast: Cast, client: Client, door: Door, **headers: str) -> int:
    kind = "application/json" if door.is_api else "application/x-www-form-urlencoded"
    url = cast.url(door)
    return client.generic(
        door.method, url, b"{}" if door.is_api else b"", content_type=kind, headers=headers
    ).status_code


def test_every_write_without_the_mark_is_403_and_writes_nothing(cast: Cast) -> None:
    before = AuditEntry.objects.count()
    client = strict(cast)
    answers = {f"{door.method} {door.name}": answer(cast, client, door) for door in UNSAFE}
    assert {name: status for name, status in answers.items() if status != 403} == {}
    assert AuditEntry.objects.count() == before


def test_the_mark_of_another_person_is_403(cast: Cast) -> None:
    other = strict(cast, "analyst")
    other.get("/")
    mark = other.cookies["csrftoken"].value if "csrftoken" in other.cookies else "x" * 32
    client = strict(cast)
    answers = {f"{door.method} {door.name}": answer(cast, client, door, **{"X-CSRFToken": mark}) for door in UNSAFE}
    assert {name: status for name, status in answers.items() if status != 403} == {}


def test_the_method_cannot_be_smuggled(cast: Cast) -> None:
    client = strict(cast)
    before = AuditEntry.objects.count()
    for door in UNSAFE:
        url = cast.url(door)
        response = client.get(f"{url}?_method=POST", headers={"X-HTTP-Method-Override": "POST"})
        assert response.status_code in {200, 302, 400, 403, 404, 405, 422}, url
    assert AuditEntry.objects.count() == before
