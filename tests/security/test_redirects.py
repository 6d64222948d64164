"""No way out of the house through `next`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal.core import clock
from tests.contract.cast import Cast, make_cast
from tests.contract.doors import doors

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
ELSEWHERE = (
    "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "http:///evil.example", "javascript:alert(1)", "https:evil.example", "/%09/evil.example", "\thttps://evil.example",
    "//evil.example\\@testserver/", "https://testserver@evil.example/", "data:text/html,x", "ftp://testserver/",
)  # fmt: skip


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast(["nothing:write"], at=clock.now())


def location_of(client: Client, url: str, method: str, target: str) -> str:
    """Where the answer leads, or nothing."""
    given = {"next": target, "redirect": target, "return_to": target}
    response = client.get(url, given) if method == "GET" else client.post(url, given)
    location: str = response.get("Location", "")
    return location


@pytest.mark.parametrize("role", ["anon", "analyst"])
def test_no_answer_leads_out_of_the_house(cast: Cast, role: str) -> None:
    client = cast.client(role)
    out = []
    for door in doors():
        if door.method not in {"GET", "POST"} or door.is_api:
            continue
        url = cast.url(door)
        for target in ELSEWHERE:
            location = location_of(client, url, door.method, target) or "/"
            if not location.startswith("/") or location.startswith(("//", "/\\")):
                out.append((door.name, target, location))
    assert out == []
