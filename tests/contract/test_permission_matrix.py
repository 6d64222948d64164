"""Every address x method x role has its expected answer in `matrix.toml`; an address without a row fails."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.template.backends.django import Template
from django.test import override_settings

from portal.core.models import RateBucket
from portal.site.queries.api_schema import scopes
from tests.conftest import MovableClock
from tests.contract.cast import MATRIX, ROLES, TOKENS, Cast, make_cast
from tests.contract.content import fill
from tests.contract.doors import Door, body_of, doors
from tests.contract.furniture import furnish
from tests.rolled_back import rolled_back

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.plugin import DjangoDbBlocker

SIGN_IN = "/auth/login/"
REFUSED = frozenset({400, 409, 412, 415, 422})
DONE = frozenset({"yes", "refused"})
# A trigger needs a lineage, an outcome a shipped model, an entry a logged hour; an act is undone within the hour by its
# author, a session is a browser's own: their rooms test them, here they are absent.
NOT_MADE = frozenset({"@act", "@entry", "@outcome", "@session", "@trigger"})
# Rows of doors whose body nobody has written down yet may use these.
FOR_NEW_DOORS = frozenset({
    "page", "api", "missing_page", "missing_api", "post_only", "admins_page", "admins_api", "leads_page", "leads_api",
    "session_api", "missing_session_api",
})  # fmt: skip
A_WORKING_DAY = datetime(2026, 11, 25, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def furnished(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    """One object of each sort, made once; each request is undone."""
    del django_db_setup
    with rolled_back(django_db_blocker), pytest.MonkeyPatch.context() as monkeypatch:
        movable = MovableClock(monkeypatch)
        movable.set(at := A_WORKING_DAY)
        cast = make_cast(sorted(scopes()), at=at)
        fill(cast, [1], at=at)
        furnish(cast, at=at)
        yield cast
        movable.restore()


@pytest.fixture
def cast(furnished: Cast, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    with rolled_back(django_db_blocker):
        yield furnished


@pytest.fixture
def pages(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lead's pages are drawn whole; of the others the status is asked, which is settled before a page is drawn."""
    if role != "lead":
        monkeypatch.setattr(Template, "render", lambda *_: "")


def kind(response: Any) -> str:
    """The answer as a word of the matrix: yes (2xx, 3xx inside), refused, or the status of a refusal."""
    status = response.status_code
    if status in {301, 302, 303} and response["Location"].startswith(SIGN_IN):
        return "sign-in"
    if status < 400:
        return "yes"
    return "refused" if status in REFUSED else str(status)


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
    assert {row for _, row in rows() if row} | FOR_NEW_DOORS == set(MATRIX["classes"])


def test_every_object_in_a_path_is_real(cast: Cast) -> None:
    named = {value for names in MATRIX["names"].values() for value in names.values() if value[0] == "@"}
    assert named - cast.objects.keys() == NOT_MADE


@override_settings(DATA_UPLOAD_MAX_NUMBER_FIELDS=1000)
@pytest.mark.usefixtures("pages")
@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_the_answers_of_the_matrix(cast: Cast, role: str) -> None:
    wrong = []
    client = cast.client(role)
    for door, row in rows():
        if not row or (role in TOKENS and not door.is_api):
            continue
        url = cast.url(door)
        with transaction.atomic():
            response = client.generic(door.method, url, *cast.body(door))
            body_of(response)  # a stream not read to its end leaves its file open
            transaction.set_rollback(True)
        if door.method != "GET" and door.route.startswith("auth/"):
            client = cast.client(role)  # that act may have signed out
        answer, wanted = kind(response), expected(row, role)
        if answer != wanted and not (wanted == "done" and answer in DONE):
            wrong.append(f"{door.method} {url}: {response.status_code}, {row} says {wanted}")
    assert wrong == []


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
