"""No way out of the house through `next`."""

from __future__ import annotations

import pytest

from portal.core import clock
from tests.contract.cast import Cast, make_cast
from tests.contract.doors import doors

pytestmark = pytest.mark.django_db
ELSEWHERE = (
    "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "http:///evil.example", "javascript:alert(1)", "https:evil.example", "/%09/evil.example", "\thttps://evil.example",
    "//evil.example\\@testserver/", "https://testserver@evil.example/", "data:text/html,x", "ftp://testserver/",
)  # fmt: skip


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast(["nothing:write"], at=clock.now())


@pytest.mark.parametrize("target", ELSEWHERE)
@pytest.mark.parametrize("role", ["anon", "analyst"])
def test_no_answer_leads_out_of_the_house(cast: Cast, role: str, target: str) -> None:
    client = cast.client(role)
    out = []
    for door in doors():
        if door.method not in {"GET", "POST"} or door.is_api:
            continue
        url = cast.url(door)
        given = {"next": target, "redirect": target, "return_to": target}
        response = client.get(url, given) if door.method == "GET" else client.post(url, given)
        location = response.get("Location", "/")
        if not location.startswith("/") or location.startswith(("//", "/\\")):
            out.append((door.name, location))
    assert out == []
