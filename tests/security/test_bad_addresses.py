"""Strange addresses and headers are refused, never a fault of ours."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.urls import NoReverseMatch

from portal.core import clock
from tests.contract.cast import MATRIX, Cast, make_cast
from tests.contract.doors import Door, doors, share

pytestmark = pytest.mark.django_db
NAMES = (
    "-1", "0", "9" * 19, "1e18", "%2f", "%2e%2e%2f", ";", "a;b=c", "%00", "%0d%0aX-Evil:1", "%ff", "%c0%af", "..", ".",
    "%u0041", "null", "true", "{{7*7}}", "${7*7}", "' OR 1=1 --", "<script>alert(1)</script>", "🦄", "%E2%80%AE",
    "a" * 2000,
    "alias:dbt:x", "REQ-0", "PRV-ZZZZZZ", "1/2", "１",  # noqa: RUF001 (a full-width digit)
)  # fmt: skip
PLACE = "7700077"  # fits names and numbers, and stands in no route
QUERIES = (
    "page=1000000000000000000", "page=-1", "page_size=0", "page_size=201", "page_size=1e3", "cursor=x", "cursor=%00",
    "cursor=" + "A" * 5000, "q=%00", "q=%ff", "q=" + "a" * 5000, "a=1&a=2&a=3", "%00=1", "%ff=1", "=", "&&&", "q[]=1",
    "at=9999-99-99", "at=0001-01-01T00:00:00Z", "at=999999-01-01", "updated_since=x", "team=-1", "state=%F0%9F%A6%84",
    "depth=99999999999999999999", "up=-5&down=1e9", "limit=NaN", "order=;drop", "saved=../../x", "next=//x",
)  # fmt: skip


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast(["nothing:write"], at=clock.now())


def readable() -> list[Door]:
    return [door for door in doors() if door.method == "GET"]


def is_fault(response: Any) -> bool:
    """Whether it is a fault of ours; the probe of an engine that does not run says 503."""
    status: int = response.status_code
    return status >= 500 and not (status == 503 and response.wsgi_request.path_info.startswith("/health/engine"))


def address_of(cast: Cast, door: Door, raw: str) -> str:
    """The address of a door with `raw` in the place of every name."""
    names = MATRIX["names"].get(door.name, {})
    try:
        return door.url(dict.fromkeys(names, PLACE)).replace(PLACE, raw)
    except NoReverseMatch:  # a closed list of words stands in the route
        url = cast.url(door)
        for value in names.values():
            url = url.replace(f"/{cast.objects.get(value, '0') if value[0] == '@' else value}", f"/{raw}", 1)
        return url


def test_no_question_is_a_fault(cast: Cast) -> None:
    client = cast.client("admin")
    client.raise_request_exception = False
    faults = []
    for place, door in enumerate(readable()):
        url = cast.url(door)
        faults += [f"{url}?{query}" for query in share(QUERIES, place, 6) if is_fault(client.get(f"{url}?{query}"))]
    assert faults == []


def test_no_name_in_a_path_is_a_fault(cast: Cast) -> None:
    client = cast.client("admin")
    client.raise_request_exception = False
    faults = []
    for place, door in enumerate(readable()):
        for name in share(NAMES, place, 3) if MATRIX["names"].get(door.name) else ():
            url = address_of(cast, door, name if "%" in name else quote(name))
            if is_fault(client.generic("GET", url)):
                faults.append(url)
    assert faults == []


@pytest.mark.parametrize(
    "path", ["/;/", "/a;b", "/%2f", "/%00", "/api/v1;x/", "/api//v1/", "/api/v1/%2e%2e/", "/" + "a" * 9000]
)
def test_a_path_of_nobody_is_404(cast: Cast, path: str) -> None:
    assert cast.client("analyst").generic("GET", path).status_code in {400, 404}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Accept-Language", "x" * 5000),
        ("If-None-Match", '"' * 5000),
        ("If-Modified-Since", "yesterday"),
        ("Range", "bytes=999999999999-1"),
        ("X-Request-ID", "a\tb"),
        ("X-Forwarded-For", "not an address, ::1, 999.1.1.1"),
        ("Authorization", "Bearer \xff\xfe"),
        ("Authorization", "Basic !!!"),
        ("Cookie", "sessionid=" + "a" * 4000),
        ("HX-Request", "true"),
        ("Content-Type", "text/html; charset=klingon"),
    ],
)
def test_no_header_is_a_fault(cast: Cast, name: str, value: str) -> None:
    client = cast.client("analyst")
    client.raise_request_exception = False
    some = share(readable(), len(name + value), 5)
    faults = [door.name for door in some if is_fault(client.get(cast.url(door), headers={name: value}))]
    assert faults == []
