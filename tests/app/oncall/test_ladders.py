"""The pages of ladders and of the replay: what leads publish, what climbs, and what past nights would have been."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from oncall.domain.escalation import Step, Target
from oncall.domain.replaying import Ladder, Proposal
from oncall.models import EscalationPolicyVersion, Incident, IncidentEvent
from oncall.queries.replaying import replay
from oncall.services.escalating import publish_escalation
from oncall.services.helping import say_impact
from oncall.services.incidents import acknowledge_incident, resolve_incident
from tests.app.oncall.house import NIGHT, UNTIL_HALF_PAST_SIX, WAKE, House, breaks, pages, run_until, tick

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FORM = {
    "repeat": "1", "after_1": "", "who_1": "primary", "how_1": "page", "after_2": "5", "who_2": "secondary, @ines",
    "how_2": "page", "after_3": "10", "who_3": "", "how_3": "page",
}  # fmt: skip


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text(person: Person, url: str, status: int = 200) -> str:
    answer = browser(person).get(url)
    assert answer.status_code == status
    return answer.content.decode()


def test_a_lead_publishes_a_ladder_and_the_next_night_climbs_it(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT - DAY)
    assert "The house" in text(house.ruth, "/policies/escalation/core-data")
    answer = browser(house.ruth).post("/policies/escalation/core-data", FORM)
    assert (answer.status_code, answer["Location"]) == (303, "/policies/escalation/core-data")
    made = EscalationPolicyVersion.objects.get()
    assert (made.repeat, [step["delay_seconds"] for step in made.steps]) == (1, [0, 300])
    house.agree("growth_daily", WAKE, at=NIGHT - DAY)
    breaks(house, "growth_daily")
    run_until(clock, NIGHT + timedelta(minutes=7))
    assert pages() == [("02:05", "jonas"), ("02:10", "ines"), ("02:10", "maeve")]


def test_the_incident_shows_the_steps_it_began_with_and_not_those_of_today(house: House, clock: MovableClock) -> None:
    first = publish_escalation(
        actor=house.ruth,
        team=house.core,
        steps=[{"targets": ["primary"]}, {"delay_seconds": 900, "targets": ["lead"]}],
        at=NIGHT - DAY,
    )
    house.agree("growth_daily", WAKE, at=NIGHT - DAY)
    breaks(house, "growth_daily")
    tick(clock, NIGHT)
    publish_escalation(actor=house.ruth, team=house.core, steps=[{"targets": ["secondary"]}], at=NIGHT)
    incident = Incident.objects.get()
    page = text(house.jonas, incident.get_absolute_url())
    assert "version 1 of Core Data" in page
    assert "Who is told in turn" in page
    shown = browser(house.jonas).get(f"/api/v1/incidents/{incident.number}/").json()["ladder"]
    assert (shown["policy_version"], shown["steps"], shown["state"]) == (1, first.steps, "running")
    assert "began under version 1" in text(house.jonas, "/policies/escalation/core-data")


def test_a_wrong_step_is_named_and_nothing_is_published(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    answer = browser(house.ruth).post("/policies/escalation/core-data", FORM | {"who_2": "@nobody-here"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Step 2: there is no person called nobody-here." in page
    assert 'value="@nobody-here"' in page
    assert not EscalationPolicyVersion.objects.exists()
    refused = browser(house.jonas).post("/policies/escalation/core-data", FORM)
    assert refused.status_code == 403
    assert not EscalationPolicyVersion.objects.exists()
    assert "A lead of Core Data changes it." in text(house.jonas, "/policies/escalation/core-data")


def test_a_first_step_with_a_delay_gives_it_time_to_mend_itself(house: House, clock: MovableClock) -> None:
    steps = [{"delay_seconds": 600, "targets": ["primary"]}]
    publish_escalation(actor=house.ruth, team=house.core, steps=steps, at=NIGHT - DAY)
    house.agree("growth_daily", WAKE, at=NIGHT - DAY)
    breaks(house, "growth_daily")
    run_until(clock, NIGHT + timedelta(minutes=9))
    assert pages() == []
    run_until(clock, NIGHT + timedelta(minutes=11))
    assert pages() == [("02:15", "jonas")]


def test_the_list_is_filtered_and_downloaded_and_the_api_has_the_same_filter(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    assert "Core Data" in text(house.bea, "/policies/escalation/")
    for targets in (["lead"], ["primary"]):
        publish_escalation(actor=house.ruth, team=house.core, steps=[{"targets": targets}], at=NIGHT)
    assert "version 2" in text(house.bea, "/policies/escalation/?team=core-data")
    assert "version 1" not in text(house.bea, "/policies/escalation/?team=core-data")
    answer: Any = browser(house.bea).get("/policies/escalation/export.csv?standing=all")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert [line.split(",")[:6] for line in lines[1:]] == [
        ["core-data", "2", "current", "1", "0", "primary"], ["core-data", "1", "former", "1", "0", "lead"]
    ]  # fmt: skip
    found = browser(house.bea).get("/api/v1/escalation-policies/?standing=former").json()
    assert [(row["number"], row["standing"]) for row in found["results"]] == [(1, "former")]
    assert browser(house.bea).get("/policies/escalation/?standing=odd").status_code == 400


def two_nights(house: House, clock: MovableClock) -> int:
    """Jonas is woken on two nights; the readers say of one that it did not matter. Returns the agreement's id."""
    version = house.agree("growth_daily", WAKE, at=NIGHT - DAY)
    for n in range(2):
        at = NIGHT + n * DAY
        incident = breaks(house, "growth_daily", at=at, key=f"night{n}").incident
        assert incident is not None
        tick(clock, at)
        acknowledge_incident(actor=house.jonas, incident=incident, at=at + timedelta(minutes=4))
        resolve_incident(actor=house.jonas, incident=incident, cause="accepted", note="", at=at + timedelta(hours=6))
    last = Incident.objects.latest("opened_at")
    say_impact(actor=house.bea, incident=last, team=house.readers, answer="nothing",
               at=NIGHT + 2 * DAY)  # fmt: skip
    return version.agreement_id


def test_a_replay_says_how_many_nights_would_have_been_quiet(house: House, clock: MovableClock) -> None:
    agreement = two_nights(house, clock)
    events = IncidentEvent.objects.count()
    span: dict[str, Any] = {"viewer": house.ruth, "team": house.core, "start": NIGHT - DAY, "end": NIGHT + 9 * DAY}
    as_it_was = replay(proposal=Proposal(), **span).summary
    assert (as_it_was.night_pages, as_it_was.would_wait, as_it_was.steps_then, as_it_was.steps_now) == (2, 0, 2, 2)
    waits = replay(proposal=Proposal({agreement: UNTIL_HALF_PAST_SIX}), **span).summary
    assert waits.sentence == "2 of 2 night pages would have waited"
    assert (waits.mended, waits.steps_now, waits.said) == (2, 0, {"nothing": 1})
    assert (waits.most_then, waits.most_now) == (2, 0)
    uncovered = replay(proposal=Proposal(coverage={"mode": "none"}), **span).summary
    assert uncovered.would_wait == 2
    hasty = Ladder(tuple(Step(60 * (n > 0), (Target("primary"),)) for n in range(4)))
    assert replay(proposal=Proposal(ladder=hasty), **span).summary.steps_now == 8
    assert replay(proposal=Proposal(rota=house.rota.pk), **span).summary.most_now == 2
    assert IncidentEvent.objects.count() == events


def test_the_page_the_csv_and_the_api_replay_alike(house: House, clock: MovableClock) -> None:
    agreement = two_nights(house, clock)
    clock.set(NIGHT + 3 * DAY)
    asked = "team=core-data&night_class=wait_until&until_time=06:30"
    page = text(house.ruth, f"/oncall/replay?{asked}")
    assert "2 of 2 night pages would have waited" in page
    assert "1 said it did not matter" in page
    answer: Any = browser(house.ruth).get(f"/oncall/replay.csv?{asked}")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert [line.split(",")[4:6] for line in lines[1:]] == [["yes", "no"], ["yes", "no"]]
    body = {
        "team": "core-data", "start": (NIGHT - DAY).isoformat(), "end": (NIGHT + 3 * DAY).isoformat(),
        "proposal": [{"agreement": agreement, "night_class": "wait_until", "until_time": "06:30"}],
    }  # fmt: skip
    told = browser(house.ruth).post("/api/v1/oncall/replay/", body, content_type="application/json").json()
    assert (told["sentence"], len(told["rows"])) == ("2 of 2 night pages would have waited", 2)
    wrong = body | {"coverage": {"mode": "sometimes"}}
    refused = browser(house.ruth).post("/api/v1/oncall/replay/", wrong, content_type="application/json")
    assert refused.status_code == 422


def test_a_replay_without_incidents_or_with_an_odd_field_says_so(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    assert "No incident yet" in text(house.ruth, "/oncall/replay")
    breaks(house, "growth_daily")
    answer = browser(house.ruth).get("/oncall/replay?start=2027-02-03&end=2027-02-01")
    assert answer.status_code == 400
    assert "The end comes after the start" in answer.content.decode()
