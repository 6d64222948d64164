"""Every address x method x role has its expected answer in `matrix.toml`; an address without a row fails."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings

from portal.core import clock
from portal.core.models import RateBucket
from portal.site.queries.api_schema import scopes
from tests.contract.cast import MATRIX, ROLES, TOKENS, Cast, make_cast
from tests.contract.content import fill
from tests.contract.doors import Door, doors

pytestmark = pytest.mark.django_db
SIGN_IN = "/auth/login/"


@pytest.fixture
def cast(db: None) -> Cast:
    cast = make_cast(sorted(scopes()), at=clock.now())
    fill(cast, [1], at=clock.now())
    return cast


def kind(response: Any) -> str:
    """The answer as a word of the matrix: done (2xx, 3xx inside, or input refused), or the status of a refusal."""
    status = response.status_code
    if status in {301, 302, 303} and response["Location"].startswith(SIGN_IN):
        return "sign-in"
    if status < 400 or status in {400, 409, 412, 415, 422}:
        return "done"
    return str(status)


def rows() -> list[tuple[Door, str]]:
    return [(door, MATRIX["urls"].get(door.name, {}).get(door.method, "")) for door in doors()]


def expected(row: str, role: str) -> str:
    answers = MATRIX["classes"][row]
    answer: str = answers.get(role, answers["others"])
    return answer


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    missing = sorted(f"{door.name} {door.method}" for door, row in rows() if not row)
    known = {(door.name, door.method) for door in doors()}
    left_over = [f"{name} {method}" for name, methods in MATRIX["urls"].items() for method in methods
                 if (name, method) not in known]  # fmt: skip
    assert (missing, left_over) == ([], [])


def test_every_class_of_answers_is_used() -> None:
    assert {row for _, row in rows() if row} == set(MATRIX["classes"])


@override_settings(DATA_UPLOAD_MAX_NUMBER_FIELDS=1000)
@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_the_answers_of_the_matrix(cast: Cast, role: str) -> None:
    wrong = []
    client = cast.client(role)
    for door, row in rows():
        if not row or (role in TOKENS and not door.is_api):
            continue
        RateBucket.objects.all().delete()
        url = cast.url(door)
        response = client.generic(door.method, url, b"{}" if door.is_api else b"", content_type(door))
        if door.method != "GET" and door.route.startswith("auth/"):
            client = cast.client(role)  # that act may have signed out
        if kind(response) != expected(row, role):
            wrong.append(f"{door.method} {url}: {response.status_code}, {row} says {expected(row, role)}")
    assert wrong == []


def content_type(door: Door) -> str:
    return "application/json" if door.is_api else "application/x-www-form-urlencoded"


def test_a_method_without_a_row_is_405(cast: Cast) -> None:
    known = {(door.name, door.method) for door in doors()}
    client = cast.client("analyst")
    RateBucket.objects.all().delete()
    answers = {
        f"{method} {door.name}": client.generic(method, cast.url(door)).status_code
        for door in doors()
        for method in ("DELETE", "PATCH")
        if (door.name, method) not in known and not door.route.startswith("auth/")
    }
    assert {name: status for name, status in answers.items() if status not in {403, 404, 405, 429}} == {}
