"""Every page and list asks the same few questions, with ten rows and with sixty (spec performance, ux 13)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.core import clock
from portal.site.queries.api_schema import scopes
from tests.contract.cast import Cast, make_cast
from tests.contract.content import fill
from tests.contract.doors import Door, doors, questions_of

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
PAGE, LIST, API = 15, 5, 10


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """On a clock that stands: what a page remembers for a minute is not found again between two counts."""
    instant = clock.now()
    monkeypatch.setattr(clock, "process_clock", lambda: instant)
    monkeypatch.setattr(clock, "offset", timedelta)
    return make_cast(sorted(scopes()) or ["nothing:write"], at=clock.now())


def readable() -> list[Door]:
    return [door for door in doors() if door.method == "GET"]


def questions(client: Client, cast: Cast, door: Door) -> int:
    """Queries of the view: one for the session's person is not counted."""
    url = cast.url(door)
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        client.get(url)
    return questions_of(asked) - (0 if door.is_api else 1)


def budget(door: Door) -> int:
    if not door.is_api:
        return PAGE
    return LIST if door.name.endswith("-list") else API


def test_no_page_asks_more_than_its_budget_with_ten_rows_and_no_more_with_sixty(cast: Cast) -> None:
    browser, program = cast.client("lead"), cast.client("token")
    counts = []
    for numbers in (range(10), range(10, 60)):
        fill(cast, numbers, at=clock.now())
        counts.append({door.name: questions(program if door.is_api else browser, cast, door) for door in readable()})
    few, many = counts
    over = {door.name: few[door.name] for door in readable() if few[door.name] > budget(door)}
    grown = {name: (few[name], many[name]) for name in few if few[name] < many[name]}
    assert (over, grown) == ({}, {})
