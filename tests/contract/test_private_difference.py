"""Nobody outside can tell whether a private request exists: same bytes, same number of queries (figure S2)."""

from __future__ import annotations

import re
from datetime import timedelta
from difflib import ndiff
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.core import clock
from portal.core.queries.changes import UntilChanged
from portal.site.queries.api_schema import scopes
from tests.contract.cast import Cast, make_cast
from tests.contract.content import file_secret, fill
from tests.contract.doors import body_of, doors, questions_of

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
# What differs between two answers of one page: marks of forms, references, instants, signed cursors.
MASKS = (
    re.compile(r'(csrfmiddlewaretoken" value=|form_key" value=|X-CSRFToken": )"[^"]*"'),
    re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}"),
    re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)?|\d\d:\d\d(?::\d\d)?(?: UTC)?"),
    re.compile(r"<td>(?:never|\d+\xa0s ago)</td>"),  # when a channel last sent anything of the whole house
    re.compile(r"This host is [\d.]+ s from the database"),  # this clock stands still, the database's does not
    re.compile(r"cursor=[^\"&]+"),
)
Answer = tuple[int, str, int]


COUNTERS = frozenset({"metrics"})  # counts the very questions of this test


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The clock stands still, so that two answers may differ by nothing but the secret."""
    instant = clock.now()
    monkeypatch.setattr(clock, "process_clock", lambda: instant)
    monkeypatch.setattr(clock, "offset", lambda: timedelta(0))
    cast = make_cast(sorted(scopes()) or ["nothing:write"], at=clock.now())
    fill(cast, range(3), at=clock.now())
    return cast


def walk(client: Client, cast: Cast, *, is_api: bool) -> dict[str, Answer]:
    answers = {}
    for door in doors():
        if door.method == "GET" and door.is_api == is_api and door.name not in COUNTERS:
            with CaptureQueriesContext(connection) as asked:
                response = client.get(cast.url(door))
            answers[door.name] = (response.status_code, masked(body_of(response).decode()), questions_of(asked))
    return answers


def difference(name: str, before: Answer, after: Answer) -> str:
    """Where two answers part, for the one who reads the failure."""
    lines = [line for line in ndiff(before[1].splitlines(), after[1].splitlines()) if line[:1] in "+-"]
    return f"{name}: {before[0]} and {after[0]}, {before[2]} and {after[2]} queries, {lines[:8]}"


def masked(body: str) -> str:
    for mask in MASKS:
        body = mask.sub("~", body)
    return body


@pytest.mark.parametrize("is_api", [False, True], ids=["pages", "api"])
@pytest.mark.parametrize("role", ["analyst", "other_lead", "admin", "auditor"])
def test_an_outsider_sees_the_same_house_with_and_without_a_secret(cast: Cast, role: str, is_api: bool) -> None:  # noqa: FBT001 (pytest gives it)
    client = cast.client(role)
    walk(client, cast, is_api=is_api)  # what a process reads once is read
    UntilChanged.forget()
    without = walk(client, cast, is_api=is_api)
    file_secret(cast, at=clock.now())
    UntilChanged.forget()
    with_secret = walk(client, cast, is_api=is_api)
    assert [
        difference(name, without[name], with_secret[name]) for name in without if without[name] != with_secret[name]
    ] == []


def test_a_member_does_see_it(cast: Cast) -> None:
    secret = file_secret(cast, at=clock.now())
    pages = walk(cast.client("member"), cast, is_api=False)
    assert any(secret.number in body for _, body, _ in pages.values())
