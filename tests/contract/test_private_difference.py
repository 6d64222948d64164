"""Nobody outside can tell whether a private request exists: same bytes, same number of queries (figure S2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import copy
from datetime import timedelta
from difflib import ndiff
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import Person
from portal.core import clock
from portal.core.queries.changes import UntilChanged
from portal.site.queries.api_schema import scopes
from tests.contract.cast import Cast, make_cast
from tests.contract.confidence import lay_secret
from tests.contract.content import fill
from tests.contract.doors import body_of, doors, questions_of
from tests.contract.furniture import furnish
from tests.rolled_back import rolled_back

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client
    from pytest_django.plugin import DjangoDbBlocker

# What an answer makes anew each time: the marks of its forms, the reference of a refusal, the seal of a cursor.
MARKS = re.compile(r'((?:csrfmiddlewaretoken|form_key)" value=|X-CSRFToken": |"reference": ?)"[^"]*"|cursor=[^"&]+')
# `metrics` counts the very questions of this test and is looked at by itself below; a new factor has a new secret.
COUNTERS = frozenset({"metrics", "mfa_activate_totp", "mfa_add_webauthn"})
Answer = tuple[int, str, int]
Known = Callable[[str], "Client"]


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    """One object of each sort, and all clocks stand still: two answers may differ by nothing but the secret."""
    del django_db_setup
    with rolled_back(django_db_blocker), pytest.MonkeyPatch.context() as monkeypatch:
        at = clock.now()
        monkeypatch.setattr(clock, "process_clock", lambda: at)
        for name in ("offset", "measure_offset"):
            monkeypatch.setattr(clock, name, lambda: timedelta(0))
        with connection.cursor() as cursor:  # the database's clock runs on, an hour behind: nothing falls due
            cursor.execute("SELECT set_config('portal.clock_offset', '-3600', true)")
        cast = make_cast(sorted(scopes()), at=at)
        fill(cast, range(3), at=at)
        furnish(cast, at=at)
        for is_api in (False, True):
            walk(cast.client("admin"), cast, is_api=is_api)  # what a process reads once is read
        yield cast


@pytest.fixture
def cast(house: Cast, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    with rolled_back(django_db_blocker):
        yield house


@pytest.fixture
def known(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Known:
    """Signs somebody in, and spares the reading of their own row with every page: no secret is in it."""

    def sign_in(role: str) -> Client:
        client, person = cast.client(role), Person.objects.get(pk=cast.people[role].pk)
        monkeypatch.setattr("django.contrib.auth.middleware.get_user", lambda _: copy(person))
        return client

    return sign_in


def walk_all(client: Client, cast: Cast) -> dict[str, Answer]:
    """The answers of pages and API, whose doors have names of their own."""
    return walk(client, cast, is_api=False) | walk(client, cast, is_api=True)


def walk(client: Client, cast: Cast, *, is_api: bool) -> dict[str, Answer]:
    """Every answer to a question, by the name of its door; that somebody looked is forgotten afterwards."""
    UntilChanged.forget()
    connection.queries_log.clear()
    answers = {}
    with transaction.atomic():
        for door in doors():
            if door.method == "GET" and door.is_api == is_api and door.name not in COUNTERS:
                with CaptureQueriesContext(connection) as asked:
                    response = client.get(cast.url(door))
                body = MARKS.sub("~", body_of(response).decode())
                answers[door.name] = (response.status_code, body, questions_of(asked))
        transaction.set_rollback(True)
    return answers


def difference(name: str, before: Answer, after: Answer) -> str:
    """Where two answers part, for the one who reads the failure."""
    lines = [line for line in ndiff(before[1].splitlines(), after[1].splitlines()) if line[:1] in "+-"]
    return f"{name}: {before[0]} and {after[0]}, {before[2]} and {after[2]} queries, {lines[:8]}"


@pytest.mark.parametrize("role", ["analyst", "other_member", "other_lead", "admin", "auditor"])
def test_an_outsider_sees_the_same_house_with_and_without_secrets(cast: Cast, role: str, known: Known) -> None:
    """Private work with all that hangs on it: minutes, an estimate, words, a file, an answer, an incident."""
    client = known(role)
    without = walk_all(client, cast)
    lay_secret(cast, at=cast.at)
    with_secrets = walk_all(client, cast)
    assert [
        difference(name, without[name], with_secrets[name]) for name in without if without[name] != with_secrets[name]
    ] == []


def test_a_member_does_see_it(cast: Cast) -> None:
    secret = lay_secret(cast, at=cast.at).request
    assert secret.number in body_of(cast.client("member").get("/requests/")).decode()


def test_the_figures_for_operators_name_nothing_of_it(cast: Cast) -> None:
    secret = lay_secret(cast, at=cast.at).request
    figures = body_of(cast.client("analyst").get("/metrics")).decode()
    assert "headwater_engine_deliveries" in figures
    assert [word for word in (secret.number, "Zeppelin", "matrix-") if word in figures] == []
