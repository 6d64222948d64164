"""The pages and the API of rotas, on the exercise's year (spec oncall 13, 14)."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from oncall.models import CoverRequest, ShiftChange, ShiftNote
from oncall.panels.duty import chip, my_shifts, needs, of_team, who_is_on_call
from oncall.queries.board import needs_waking, on_call_now
from oncall.queries.resolving import resolve_oncall
from oncall.queries.working_out import facts_between
from portal.core.registries import intent_registry
from tests.app.oncall.golden import load_golden, names, person, rota, utc
from tests.rolled_back import rolled_back

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.plugin import DjangoDbBlocker


SUMMER = "06-20 01:00"


@pytest.fixture(scope="module", autouse=True)
def _golden(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with rolled_back(django_db_blocker):
        load_golden()
        yield


@pytest.fixture(autouse=True)
def _savepoint(_golden: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with rolled_back(django_db_blocker):
        yield


@pytest.fixture
def at_summer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sunday 20 June 2027, 03:00 in Madrid, for every door."""
    for place in ("portal.core.clock.now",):
        monkeypatch.setattr(place, lambda: utc(SUMMER))


def browser(handle: str) -> Client:
    client = Client()
    client.force_login(person(handle))
    return client


def page(handle: str, path: str) -> str:
    answer = browser(handle).get(path)
    assert answer.status_code == 200, answer.content[:500]
    return answer.content.decode()


def api(handle: str, path: str) -> Any:
    answer = browser(handle).get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.content[:500]
    return json.loads(answer.content)


@pytest.mark.usefixtures("at_summer")
def test_the_page_of_now_names_who_answers_everywhere() -> None:
    html = page("noor", "/oncall/")
    assert "Inés Carrasco" in html
    assert "then Maeve Kinsella" in html
    assert "not covered" in html
    assert html.count('class="lane-track final"') == 3
    assert 'name="person"' not in html
    assert 'name="person"' in page("noor", "/oncall/?team=core-data")


@pytest.mark.usefixtures("at_summer")
def test_the_page_of_a_rota_shows_holders_lanes_and_the_verdict() -> None:
    html = page("ines", "/oncall/rotas/core-pipelines")
    assert "10 % a quarter: met, the largest deviation is 9.9 %." in html
    assert html.count('class="lane-track') == 5
    assert "Is it fair?" in html
    assert "Points by person are for" not in html


@pytest.mark.usefixtures("at_summer")
def test_an_analyst_sees_who_is_on_call_and_no_points_of_persons() -> None:
    html = page("noor", "/oncall/rotas/core-pipelines")
    assert "Inés Carrasco" in html
    assert "Points by person are for the people of this rota" in html
    assert [word for word in ("I take it", "Override", "Edit rules", "Leave a note") if word in html] == []
    assert api("noor", "rotas/core-pipelines/fairness")["people"] == []


@pytest.mark.usefixtures("at_summer")
def test_now_by_api_gives_the_answer_of_the_page() -> None:
    found = api("noor", "oncall/now?rota=core-pipelines")["results"][0]
    assert {held["role"]: held["person"] for held in found["entries"]} == {"primary": "ines", "secondary": "maeve"}
    assert found["fallbacks"][0]["person"] == "jonas"


@pytest.mark.usefixtures("at_summer")
def test_fairness_of_the_year_by_api_is_the_report_of_the_exercise() -> None:
    path = "rotas/core-pipelines/fairness?from=2027-01-04T14:00:00Z&to=2028-01-03T14:00:00Z"
    people = {row["person"]: row for row in api("ruth", path)["people"]}
    assert {h: (row["primary"], row["secondary"], row["balance"], row["nights"]) for h, row in people.items()} == {
        "ines": ("102.501", "104.374", "0.230", 86), "jonas": ("106.687", "112.375", "-1.584", 91),
        "kofi": ("104.896", "107.187", "-0.375", 90), "maeve": ("111.000", "99.752", "1.729", 97),
    }  # fmt: skip
    assert people["kofi"]["majors"] == ["Easter", "Christmas"]
    assert people["ines"]["own_holidays"] == ["2027-01-06", "2027-05-01", "2027-05-03", "2027-12-25", "2028-01-01"]


@pytest.mark.usefixtures("at_summer")
def test_taking_a_shift_by_form_and_by_api_ends_in_the_same_change() -> None:
    form = {"role": "primary", "start": "2027-06-20T04:00", "end": "2027-06-20T12:00"}
    assert browser("kofi").post("/oncall/rotas/core-pipelines/take", form).status_code == 303
    by_form = ShiftChange.objects.get()
    facts = (by_form.kind, by_form.role, by_form.during, by_form.to_person_id, by_form.state)
    by_form.delete()
    body = {"kind": "take", "start": "2027-06-20T02:00:00Z", "end": "2027-06-20T10:00:00Z"}
    answer = browser("kofi").post("/api/v1/rotas/core-pipelines/changes", body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    by_api = ShiftChange.objects.get()
    assert (by_api.kind, by_api.role, by_api.during, by_api.to_person_id, by_api.state) == facts
    assert names(resolve_oncall(rota=rota(), at=utc("06-20 03:00")))["primary"] == "kofi"


@pytest.mark.usefixtures("at_summer")
def test_a_stranger_takes_nothing_and_the_form_says_why() -> None:
    form = {"role": "primary", "start": "2027-06-20T04:00", "end": "2027-06-20T12:00"}
    answer = browser("noor").post("/oncall/rotas/core-pipelines/take", form)
    assert answer.status_code == 403
    assert "Members of Core Data pipelines take its shifts." in answer.content.decode()
    assert not ShiftChange.objects.exists()


@pytest.mark.usefixtures("at_summer")
def test_asking_for_cover_and_saying_yes_through_pages() -> None:
    form = {"role": "primary", "start": "2027-06-20T12:00", "end": "2027-06-21T09:00"}
    assert browser("ines").post("/oncall/rotas/core-pipelines/cover", form).status_code == 303
    cover = CoverRequest.objects.get()
    assert cover.candidate is not None
    asked = cover.candidate.handle
    assert [need.subject for need in needs(cover.candidate, utc(SUMMER))] == ["Cover for Inés Carrasco"]
    assert "Inés Carrasco needs cover" in page(asked, "/oncall/answers/")
    assert browser(asked).post(f"/oncall/answers/cover/{cover.pk}/accept").status_code == 303
    assert names(resolve_oncall(rota=rota(), at=utc("06-20 20:00")))["primary"] == asked


@pytest.mark.usefixtures("at_summer")
def test_rules_are_edited_with_their_diff_first() -> None:
    form = {"members": "ines, jonas, kofi, maeve", "handoffs": "tue 15:00, fri 15:00", "planner": "fair-1",
            "has_secondary": "on", "starts_on": "2027-09-06", "hours": ""}  # fmt: skip
    client = browser("ruth")
    shown = client.post("/oncall/rotas/core-pipelines/edit", form)
    assert shown.status_code == 200
    assert "What would move" in shown.content.decode()
    assert rota().versions.count() == 1
    mark = shown.context["diff"].sha256
    answer = client.post("/oncall/rotas/core-pipelines/edit", form | {"diff_sha256": mark})
    assert answer.status_code == 303
    assert rota().versions.count() == 2


@pytest.mark.usefixtures("at_summer")
def test_others_than_leads_edit_no_rules() -> None:
    assert browser("ines").get("/oncall/rotas/core-pipelines/edit").status_code == 403


@pytest.mark.usefixtures("at_summer")
def test_a_rota_is_made_by_a_form_and_planned_at_once() -> None:
    form = {"name": "Identity", "slug": "identity", "team": "identity", "kind": "pipeline", "zone": "Europe/Madrid",
            "members": "lucia", "handoffs": "mon 09:00", "planner": "turns", "starts_on": "2027-07-01",
            "hours": "09:00-17:00"}  # fmt: skip
    assert browser("lucia").post("/oncall/rotas/new", form).status_code == 303
    assert names(resolve_oncall(rota=rota("identity"), at=utc("07-05 10:00"))) == {"primary": "lucia"}


@pytest.mark.parametrize(
    ("change", "field"),
    [({"zone": "Mars/Phobos"}, "zone"), ({"rotation": {"kind": "yearly"}}, "rotation"),
     ({"roles": [{"role": "boss"}]}, "roles"), ({"coverage": {"mode": "sometimes"}}, "coverage")],
)  # fmt: skip
@pytest.mark.usefixtures("at_summer")
def test_wrong_rules_are_refused_with_their_field(change: dict[str, Any], field: str) -> None:
    body = {
        "team": "core-data", "slug": "second", "name": "Second", "zone": "UTC", "members": [{"person": "ines"}],
        "roles": [{"role": "primary"}], "effective_from": "2027-07-01T00:00:00Z",
        "rotation": {"kind": "daily", "start": "2027-07-01", "time": "09:00"},
    } | change  # fmt: skip
    answer = browser("ruth").post("/api/v1/rotas/", body, content_type="application/json")
    assert (answer.status_code, json.loads(answer.content)["field"]) == (422, field)


@pytest.mark.usefixtures("at_summer")
def test_a_note_stands_on_the_page_for_a_day() -> None:
    client = browser("maeve")
    assert client.post("/oncall/rotas/core-pipelines/note", {"text": "The export is slow."}).status_code == 303
    assert "The export is slow." in page("noor", "/oncall/rotas/core-pipelines")
    assert ShiftNote.objects.get().author.handle == "maeve"


def test_chip_palette_panels_and_contributions_name_the_same_person() -> None:
    at, core = utc(SUMMER), rota().team
    match = next(pattern for key, entry in intent_registry.items() if key == "on_call" for pattern in entry.patterns)
    assert match
    said = chip(person("ruth"), at)
    assert said is not None
    assert said.label == "Inés Carrasco"
    assert [each.handle for each in on_call_now(core, "pipeline", at)] == ["ines"]
    block = of_team(core, person("noor"), at)
    assert block is not None
    assert [row.side for row in block.rows] == ["Inés Carrasco", "not covered"]
    mine = my_shifts(person("ines"), person("ines"), at)
    assert mine is not None
    assert mine.rows[0].side == "now"
    assert needs_waking(person("ines"), at)
    assert not needs_waking(person("noor"), utc("12-01 00:00") + timedelta(days=60))


def test_the_palette_answers_for_a_team() -> None:
    match = re.fullmatch(r"who is on[- ]call for (?P<team>.+?)\??", "who is on call for core data?", re.IGNORECASE)
    assert match is not None
    hit = who_is_on_call(match, person("noor"), utc(SUMMER))
    assert hit is not None
    assert hit.label == "Inés Carrasco"


def test_one_answer_costs_three_reads() -> None:
    row = rota()
    with CaptureQueriesContext(connection) as asked:
        resolve_oncall(rota=row, at=utc(SUMMER))
    assert len(asked) == 3


def test_the_resolver_agrees_with_the_shifts_of_the_year_at_every_instant() -> None:
    row = rota()
    shifts, people = facts_between(row, utc("01-04 14:00"), utc("12-31 00:00"))
    instants = [utc("01-04 14:00") + timedelta(hours=11, minutes=7) * n for n in range(120)]
    instants += [utc("03-28 00:59"), utc("03-28 01:00"), utc("10-31 00:59"), utc("10-31 01:00")]
    for at in instants:
        told = {held.role.value: held.handle for held in resolve_oncall(rota=row, at=at).entries}
        assert told == {s.role: people[s.person or 0].handle for s in shifts if s.start <= at < s.end}
