"""Lists that leave the house as files are counted and noted (spec security 8, 9)."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from portal.core import clock
from portal.core.models import AuditEntry
from portal.core.services.imports import FILES_AN_HOUR
from portal.core.services.rates import take
from portal.core.web.downloads import AN_HOUR
from tests.world import make_admin

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


def signed_in(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]  # a person
    return client


def used(key: str, times: int) -> None:
    for _ in range(times):
        take(key=key, capacity=20, per_seconds=3600, at=clock.now())


def test_a_download_is_noted_without_what_was_looked_for(world: World) -> None:
    browser = signed_in(world.bob)
    assert browser.get("/people.csv", {"q": "Zeppelin", "team": ""}).status_code == 200
    row = AuditEntry.objects.get(verb="core.downloaded")
    assert (row.actor, row.after) == (world.bob, {"list": "people", "filters": ["q"]})
    assert browser.get("/people.csv", {"at": "x"}).status_code == 400
    assert Client().get("/people.csv").status_code == 302
    assert browser.head("/people.csv").status_code in {200, 405}
    assert AuditEntry.objects.filter(verb="core.downloaded").count() == 1


def test_downloads_are_listed_when_they_are_asked_for_and_change_no_other_list(world: World) -> None:
    signed_in(world.bob).get("/people.csv")
    reader = signed_in(make_admin())
    before = reader.get("/changes/?days=0").content.decode()
    assert "downloaded a list</span>" not in before
    asked = reader.get("/changes/?verb=core.downloaded").content.decode()
    assert "Bob Example downloaded a list" in asked
    assert "list: <b>people</b>" in asked


def test_the_twenty_first_download_of_a_list_in_an_hour_waits(world: World, clock: MovableClock) -> None:
    browser = signed_in(world.bob)
    used(f"export:{world.bob.pk}:people", AN_HOUR - 1)
    assert browser.get("/people.csv").status_code == 200
    refused = browser.get("/people.csv")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "180")
    assert "Try again in 180 s. Nothing was changed." in refused.content.decode()
    assert browser.get("/teams.csv").status_code == 200
    assert AuditEntry.objects.filter(verb="core.downloaded").count() == 2


def test_the_twenty_first_file_in_an_hour_waits(world: World) -> None:
    used(f"import:{world.alice.pk}", FILES_AN_HOUR)
    answer = signed_in(world.alice).post("/imports/", {"source": "dbt", "file": BytesIO(b"{}")})
    assert answer.status_code == 422
    assert "Too many tries." in answer.content.decode()
