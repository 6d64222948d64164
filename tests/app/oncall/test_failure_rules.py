"""A correction of the kind of a failure is offered as a rule, and the next alert follows it (spec oncall 6)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from oncall.models import FailureRule, Incident
from oncall.services.failure_rules import keep_failure_rule
from portal.core.errors import DomainError, NotAllowed
from tests.app.oncall.house import NIGHT, House, breaks

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
TITLE = "growth_daily: loader says code 7"


@pytest.fixture(autouse=True)
def _at_night(clock: MovableClock) -> None:
    clock.set(NIGHT)


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def send(person: Person, url: str, body: dict[str, Any]) -> Any:
    return browser(person).post(url, json.dumps(body), content_type="application/json")


def test_a_corrected_kind_with_its_words_is_the_kind_of_the_next_alert(house: House) -> None:
    first = breaks(house, "growth_daily", title=TITLE)
    assert first.failure_kind == "unknown"
    incident = Incident.objects.get()
    sent = {"failure_kind": "infra", "phrase": "Loader  says code"}
    assert browser(house.jonas).post(f"/incidents/{incident.number}/do/kind", sent).status_code == 303
    incident.refresh_from_db()
    assert (incident.failure_kind, FailureRule.objects.get().phrase) == ("infra", "loader says code")
    assert breaks(house, "growth_board", key="next", title="LOADER SAYS CODE 9").failure_kind == "infra"
    assert breaks(house, "growth_board", key="other", title="out of memory").failure_kind == "skew_oom"


def test_without_words_only_this_incident_is_corrected(house: House) -> None:
    breaks(house, "growth_daily", title=TITLE)
    url = f"/api/v1/incidents/{Incident.objects.get().number}/kind"
    assert send(house.jonas, url, {"failure_kind": "infra"}).status_code == 200
    assert (Incident.objects.get().failure_kind, FailureRule.objects.count()) == ("infra", 0)


def test_the_longest_phrase_decides_and_another_team_has_its_own(house: House) -> None:
    for team, phrase, kind in (
        (house.core, "code 7", "infra"), (house.core, "says code 7", "late"),
        (house.identity, "loader says code 7", "quality"),
    ):  # fmt: skip
        keep_failure_rule(actor=None, team=team, phrase=phrase, failure_kind=kind, at=NIGHT)
    assert breaks(house, "growth_daily", title=TITLE).failure_kind == "late"


@pytest.mark.parametrize(
    ("given", "field"),
    [({"phrase": "abc"}, "phrase"), ({"phrase": "x" * 121}, "phrase"), ({"failure_kind": "odd"}, "failure_kind")],
)  # fmt: skip
def test_a_phrase_that_fits_anything_is_refused(house: House, given: dict[str, str], field: str) -> None:
    with pytest.raises(DomainError) as refused:
        keep_failure_rule(
            actor=None, team=house.core, at=NIGHT, **({"phrase": "code 7", "failure_kind": "late"} | given)
        )
    assert (refused.value.field, FailureRule.objects.count()) == (field, 0)


def test_of_a_private_incident_no_rule_is_made(house: House) -> None:
    breaks(house, "growth_daily", title=TITLE, is_private=True)
    incident = Incident.objects.get()
    sent = {"failure_kind": "infra", "phrase": "loader says"}
    answer = send(house.jonas, f"/api/v1/incidents/{incident.number}/kind", sent)
    incident.refresh_from_db()
    assert (answer.status_code, incident.failure_kind, FailureRule.objects.count()) == (422, "unknown", 0)


def test_rules_are_listed_downloaded_and_taken_back_by_the_team_alone(house: House) -> None:
    made = send(
        house.jonas, "/api/v1/failure-rules/", {"team": "core-data", "phrase": "code 7", "failure_kind": "late"}
    )
    assert made.status_code == 201
    with pytest.raises(NotAllowed):
        keep_failure_rule(actor=house.lucia, team=house.core, phrase="code 7", failure_kind="infra", at=NIGHT)
    page = browser(house.bea).get("/incidents/kinds/?team=core-data").content.decode()
    assert "“code 7”" in page
    download = browser(house.bea).get("/incidents/kinds/export.csv?team=core-data").getvalue().decode()
    assert "core-data,code 7,late,jonas" in download
    url = f"/incidents/kinds/{made.json()['id']}"
    assert "Take it back" not in browser(house.bea).get(url).content.decode()
    assert (browser(house.bea).post(url).status_code, FailureRule.objects.count()) == (403, 1)
    assert (browser(house.maeve).post(url).status_code, FailureRule.objects.count()) == (303, 0)


def test_the_database_keeps_one_kind_a_phrase(house: House) -> None:
    keep_failure_rule(actor=None, team=house.core, phrase="code 7", failure_kind="late", at=NIGHT)
    keep_failure_rule(actor=None, team=house.core, phrase="Code 7", failure_kind="infra", at=NIGHT)
    assert FailureRule.objects.get().failure_kind == "infra"
    with pytest.raises(IntegrityError), transaction.atomic():
        FailureRule.objects.create(team=house.core, phrase="code 7", failure_kind="late", made_at=NIGHT)
