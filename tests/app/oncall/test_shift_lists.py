"""Lists of changes, covers and shifts: page, CSV and API say the same (spec oncall 13)."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from oncall.models import CompDay
from oncall.queries.shifts import holder_at
from oncall.services.changes import take_shift
from oncall.services.covers import open_cover_request
from oncall.services.laying import Stretch
from oncall.services.swaps import SwapDraft, accept_swap, offer_swap
from portal.accounts.models import Person
from tests.app.oncall.golden import load_golden, person, rota, utc
from tests.rolled_back import rolled_back

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.plugin import DjangoDbBlocker

AT = "06-20 01:00"


@pytest.fixture(scope="module", autouse=True)
def _golden(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with rolled_back(django_db_blocker):
        load_golden()
        stretch = Stretch("primary", utc("06-20 02:00"), utc("06-20 10:00"))
        take_shift(actor=person("kofi"), rota=rota(), stretch=stretch, at=utc(AT))
        week = Stretch("primary", utc("07-12 13:00"), utc("07-16 13:00"))
        open_cover_request(actor=person("ruth"), rota=rota(), stretch=week, from_person=person("ines"), at=utc(AT))
        yield


@pytest.fixture(autouse=True)
def _savepoint(_golden: None, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("portal.core.clock.now", lambda: utc(AT))
    with rolled_back(django_db_blocker):
        yield


def get(handle: str, path: str) -> Any:
    client = Client()
    client.force_login(person(handle))
    return client.get(path)


def table(handle: str, path: str) -> list[dict[str, str]]:
    answer = get(handle, path)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


def api(handle: str, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(get(handle, f"/api/v1/{path}").content)["results"]
    return found


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 1), ("?person=kofi", 1), ("?person=ines", 1), ("?person=jonas", 0), ("?kind=take&state=active", 1),
     ("?kind=swap", 0), ("?rota=core-questions", 0), ("?since=2027-06-20&until=2027-06-20", 1),
     ("?since=2027-06-21", 0), ("?until=2027-06-19", 0)],
)  # fmt: skip
def test_changes_are_filtered_alike_by_page_csv_and_api(query: str, count: int) -> None:
    assert len(get("noor", f"/oncall/changes/{query}").context["rows"]) == count
    assert len(table("noor", f"/oncall/changes/export.csv{query}")) == count
    assert len(api("noor", f"shift-changes/{query}")) == count


def test_a_change_says_who_serves_for_whom() -> None:
    html = get("noor", "/oncall/changes/").content.decode()
    assert "Kofi Mensah for Inés Carrasco" in html
    assert table("noor", "/oncall/changes/export.csv")[0] | {"created_at": ""} == {
        "rota": "core-pipelines", "kind": "take", "role": "primary", "from": "ines", "to": "kofi",
        "start": "2027-06-20T02:00:00+00:00", "end": "2027-06-20T10:00:00+00:00", "state": "active",
        "asked_by": "kofi", "created_at": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 1), ("?state=open", 1), ("?state=taken", 0), ("?person=ines", 1), ("?team=payments", 0)],
)
def test_covers_are_filtered_alike_by_page_csv_and_api(query: str, count: int) -> None:
    assert len(get("noor", f"/oncall/covers/{query}").context["rows"]) == count
    assert len(table("noor", f"/oncall/covers/export.csv{query}")) == count
    assert len(api("noor", f"covers/{query}")) == count


def test_only_who_is_asked_has_it_waiting() -> None:
    asked = table("noor", "/oncall/covers/export.csv")[0]["asked"]
    assert [len(api(handle, "covers/?waiting=true")) for handle in (asked, "ines", "noor")] == [1, 0, 0]


def test_the_shifts_of_a_rota_are_the_same_by_page_csv_and_api() -> None:
    days = "from=2027-06-18&to=2027-06-24"
    instants = "from=2027-06-17T22:00:00Z&to=2027-06-24T22:00:00Z"
    rows = table("noor", f"/oncall/rotas/core-pipelines/shifts.csv?{days}&role=primary")
    assert [(row["person"], row["start"][5:16]) for row in rows] == [
        ("maeve", "06-14T13:00"), ("ines", "06-18T13:00"), ("kofi", "06-20T02:00"),
        ("ines", "06-20T10:00"), ("kofi", "06-21T13:00"),
    ]  # fmt: skip
    shown = get("noor", f"/oncall/rotas/core-pipelines/shifts?{days}&role=primary&person=kofi").context["rows"]
    assert [row.title for row in shown] == ["Kofi Mensah", "Kofi Mensah"]
    path = f"/api/v1/rotas/core-pipelines/shifts?{instants}&role=primary&person=kofi"
    assert [row["start"][:16] for row in json.loads(get("noor", path).content)] == [
        "2027-06-20T02:00", "2027-06-21T13:00",
    ]  # fmt: skip
    planned = table("noor", f"/oncall/rotas/core-pipelines/shifts.csv?{days}&role=primary&layer=planned")
    assert len(planned) == 5


@pytest.mark.parametrize(
    "path",
    ["/oncall/rotas/core-pipelines/shifts?from=soon", "/oncall/changes/?kind=gift", "/oncall/covers/?state=lost",
     "/oncall/rotas/core-pipelines/shifts?from=2027-01-01&to=2029-01-01"],
)  # fmt: skip
def test_a_filter_that_fits_nothing_is_refused(path: str) -> None:
    assert get("noor", path).status_code == 400


def test_a_day_off_is_taken_by_page_or_api_once_and_by_nobody_else() -> None:
    jonas = person("jonas")
    days = [
        CompDay.objects.create(person=jonas, rota=rota(), earned_on=date(2027, 3, day), due_by=date(2027, 6, 24))
        for day in (26, 29)
    ]
    client = Client()
    client.force_login(jonas)
    assert "Days off you have earned" in client.get("/oncall/answers/").content.decode()
    assert client.post(f"/oncall/comp-days/{days[0].pk}/take", {"on": "2027-06-18"}).status_code == 303
    address = f"/api/v1/comp-days/{days[1].pk}/take"
    took = client.post(address, {"on": "2027-06-19"}, content_type="application/json")
    assert (took.status_code, took.json()["state"]) == (200, "taken")
    again = client.post(address, {"on": "2027-06-21"}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "oncall.comp_taken")
    assert {row.taken_on for row in CompDay.objects.all()} == {date(2027, 6, 18), date(2027, 6, 19)}
    assert [len(api(handle, "comp-days/?state=taken")) for handle in ("jonas", "ruth")] == [2, 0]


def test_swaps_are_filtered_alike_by_page_csv_and_api() -> None:
    mine = Stretch("primary", utc("07-12 13:00"), utc("07-16 13:00"))
    yours = Stretch("primary", utc("07-05 13:00"), utc("07-09 13:00"))
    holders = [holder_at(rota(), "primary", 0, each.start) for each in (mine, yours)]
    ids = [row.person for row in holders if row is not None and row.person is not None]
    asker, asked = (Person.objects.get(pk=pk) for pk in ids)
    offer_swap(actor=asker, rota=rota(), swap=SwapDraft(mine, yours, both_roles=True), at=utc(AT))
    for query, count in (
        ("", 1),
        ("state=proposed", 1),
        ("state=active", 0),
        (f"person={asked.handle}", 1),
        ("rota=x", 0),
    ):
        rows = api("noor", f"swaps/?{query}")
        assert len(rows) == count
        assert {line["swap"] for line in table("noor", f"/oncall/swaps/export.csv?{query}")} == {
            row["id"] for row in rows
        }
        page = get("noor", f"/oncall/swaps/?{query}").content.decode()
        assert (f"{asker.name} with {asked.name}" in page) is bool(count)
    row = api("noor", "swaps/")[0]
    assert (row["state"], row["asked_by"], row["asked"]) == ("proposed", asker.handle, asked.handle)
    assert (row["lines"][0]["person"], row["lines"][0]["to"]) == (asker.handle, asked.handle)
    assert json.loads(get("noor", f"/api/v1/swaps/{row['id']}/").content)["id"] == row["id"]
    assert [len(api(who, "swaps/?waiting=true")) for who in (asked.handle, asker.handle)] == [1, 0]
    accept_swap(actor=asked, group=row["id"], at=utc(AT))
    assert [each["state"] for each in api("noor", "swaps/")] == ["active"]


@pytest.mark.parametrize(
    ("query", "count"), [("", 3), ("kind=questions", 1), ("team=payments", 1), ("q=core", 2), ("person=sanne", 1)]
)
def test_who_is_on_call_is_filtered_alike_by_page_csv_and_api(query: str, count: int) -> None:
    slugs = [row["rota"] for row in api("noor", f"oncall/now?{query}")]
    assert len(slugs) == count
    assert [row["rota"] for row in table("noor", f"/oncall/export.csv?{query}")] == slugs
    page = get("noor", f"/oncall/?{query}").content.decode()
    assert all((f"/oncall/rotas/{slug}" in page) for slug in slugs)


@pytest.mark.parametrize(
    ("path", "lead", "nothing"),
    [
        ("changes", "Overrides, takes, covers and swaps of every rota.", "No change matches"),
        ("covers", "Asked by people, and by themselves when an absence meets a shift.", "Nobody needs cover"),
        ("swaps", "Two people, two shifts; nothing moves before both agree.", "No swap matches"),
    ],
)
def test_an_empty_list_says_what_it_is_and_what_to_do(path: str, lead: str, nothing: str) -> None:
    shown = get("ruth", f"/oncall/{path}/?person=nobody").content.decode()
    assert lead in shown
    assert f"<h2>{nothing}</h2>" in shown
