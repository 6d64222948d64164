"""What pages too often, what falls out of hours, and the readiness of nights (spec oncall 10, G4, G5)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from oncall.models import GuardrailFire, Incident, PagesReview, PlannedShift, Rota, RotaVersion, TeamDuty
from oncall.queries.readiness_night import night_findings
from oncall.queries.strain import strain_of
from oncall.services.absences import accept_gap
from oncall.services.moving import note_event
from oncall.services.quiet import create_silence
from oncall.services.reviewing import answer_review, review_pages
from oncall.services.runbooks import draft_runbook, publish_runbook
from portal.core.errors import DomainError, NotAllowed
from portal.engine.models import Notice
from tests.app.oncall.house import NIGHT, WAKE, House, breaks, report_to_investors
from tests.contract.doors import questions_of

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
AT = NIGHT + 20 * DAY


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def paged(house: House, moments: list[datetime]) -> None:
    """The rota has week-long shifts, and its ladder paged at these instants."""
    shift = PlannedShift.objects.get(rota=house.rota, role="primary")
    version, start = shift.version, NIGHT - DAY
    PlannedShift.objects.filter(pk=shift.pk).delete()
    for week in range(3):
        PlannedShift.objects.create(
            rota=house.rota, version=version, role="primary", person=house.jonas, block_kind="week", planner="tests",
            during=(start + week * 7 * DAY, start + (week + 1) * 7 * DAY),
        )  # fmt: skip
    incident = breaks(house, "growth_daily").incident
    assert incident is not None
    for moment in moments:
        note_event(actor=None, incident=incident, kind="paged", at=moment, data={"people": [house.jonas.pk]})


def seven(house: House) -> None:
    """Seven pages in three shifts, five of them at night."""
    paged(house, [NIGHT + n * DAY for n in range(5)] + [NIGHT + n * DAY + timedelta(hours=9) for n in range(2)])


def test_pages_a_shift_and_their_share_out_of_hours_are_counted_exactly(house: House) -> None:
    seven(house)
    found = strain_of([house.rota], AT)[0]
    assert (found.pages_a_shift, found.pages, found.out_of_hours) == ((7, 0, 0), 7, 5)
    assert (found.is_over, found.colour, found.percent) == (True, "bad", 71)


def test_the_lead_is_asked_once_and_again_when_the_answer_has_run_out(house: House) -> None:
    seven(house)
    assert review_pages(at=AT) == 1
    assert review_pages(at=AT + DAY) == 0
    notice = Notice.objects.get(kind="oncall.too_many_pages")
    assert (notice.recipient, notice.severity) == (house.ruth, "warn")
    review = PagesReview.objects.get()
    assert (review.pages, review.shifts) == (7, 3)
    answer_review(actor=house.ruth, review=review, answer="fix_cause", at=AT + DAY)
    assert review_pages(at=AT + 2 * DAY) == 0
    assert review_pages(at=AT + 40 * DAY) == 0


def test_a_rota_within_the_limit_or_a_team_that_switched_it_off_is_not_asked(house: House) -> None:
    paged(house, [NIGHT + n * DAY for n in range(6)])
    assert review_pages(at=AT) == 0
    one_more = Incident.objects.get()
    note_event(actor=None, incident=one_more, kind="paged", at=NIGHT + 6 * DAY, data={"people": []})
    TeamDuty.objects.create(team=house.core, guardrails={"G4": False})
    assert review_pages(at=AT) == 0


def test_accepting_needs_a_reason_and_only_a_lead_answers(house: House, clock: MovableClock) -> None:
    seven(house)
    clock.set(AT)
    review_pages(at=AT)
    review = PagesReview.objects.get()
    with pytest.raises(NotAllowed):
        answer_review(actor=house.jonas, review=review, answer="accept", note="It is the move.", at=AT)
    with pytest.raises(DomainError):
        answer_review(actor=house.ruth, review=review, answer="accept", at=AT)
    assert PagesReview.objects.get().answer == ""
    url = f"/oncall/guardrails/{review.pk}/answer"
    refused = browser(house.ruth).post(url, {"answer": "accept", "note": ""})
    assert (refused.status_code, PagesReview.objects.get().answer) == (422, "")
    answer = browser(house.ruth).post(url, {"answer": "accept", "note": "It ends with the move."})
    assert (answer.status_code, PagesReview.objects.get().answered_by) == (303, house.ruth)
    page = browser(house.bea).get("/oncall/guardrails/").content.decode()
    assert "It ends with the move." in page


def test_page_csv_and_api_say_the_same_and_the_team_page_too(house: House, clock: MovableClock) -> None:
    seven(house)
    clock.set(AT)
    review_pages(at=AT)
    page = browser(house.ruth).get("/oncall/guardrails/").content.decode()
    assert "7 pages in 3 shifts of four weeks" in page
    assert "71 %" in page
    answer: Any = browser(house.bea).get("/oncall/guardrails/export.csv")
    assert b"core-pipelines,core-data,3,7,2.33,7,5,71,bad" in b"".join(answer.streaming_content)
    row = browser(house.bea).get("/api/v1/guardrails/?team=core-data").json()["results"][0]
    assert (row["pages_a_shift"], row["colour"]) == ([7, 0, 0], "bad")
    asked = browser(house.ruth).get("/api/v1/pages-reviews/").json()["results"][0]
    told = browser(house.ruth).post(
        f"/api/v1/pages-reviews/{asked['id']}/answer/", {"answer": "change_agreement"}, content_type="application/json"
    )
    assert told.json()["answered_by"] == "ruth"
    assert "71 % out of hours" in browser(house.bea).get("/teams/core-data").content.decode()
    assert "Say what is done" not in browser(house.ruth).get("/").content.decode()


def test_a_guarded_night_is_shown_to_its_person_and_their_lead_and_is_taken_back(
    house: House, clock: MovableClock
) -> None:
    clock.set(NIGHT)
    GuardrailFire.objects.create(person=house.jonas, rule="G3", night=date(2027, 2, 3), rota=house.rota,
                                 outcome="nobody", fired_at=NIGHT)  # fmt: skip
    fire = GuardrailFire.objects.get()
    for person, is_shown in ((house.jonas, True), (house.ruth, True), (house.maeve, False), (house.bea, False)):
        page = browser(person).get("/oncall/guardrails/").content.decode()
        assert ("Jonas Example, night of Wednesday 3 February" in page) == is_shown
        found = browser(person).get("/api/v1/guarded-nights/").json()["results"]
        assert [row["person"] for row in found] == (["jonas"] if is_shown else [])
    assert browser(house.maeve).post(f"/oncall/guardrails/nights/{fire.pk}/decline").status_code == 404
    assert browser(house.ruth).post(f"/oncall/guardrails/nights/{fire.pk}/decline").status_code == 403
    assert GuardrailFire.objects.get().outcome == "nobody"


def test_the_readiness_names_what_is_unsigned_unwritten_silenced_and_accepted(house: House) -> None:
    at = NIGHT
    assert night_findings([house.rota], at) == []
    house.register("growth_agg")
    house.agree("growth_daily", WAKE, at=at - DAY)
    report_to_investors(house.assets["growth_board"])
    create_silence(actor=house.ruth, team=house.core, matcher={"asset": "growth_board"}, until=at + DAY,
                   reason="a move", at=at)  # fmt: skip
    accept_gap(actor=house.ruth, rota=house.rota, start=at + DAY, end=at + DAY + timedelta(hours=1),
               reason="the clocks change", at=at)  # fmt: skip
    assert [finding.sentence for finding in night_findings([house.rota], at)] == [
        "growth_board is for investors and is kept quiet until tomorrow 03:05.",
        "growth_agg for Investor Relations: what may wait at night is not agreed.",
        "growth_board is for investors and has no runbook.",
        "growth_daily may wake somebody and has no runbook.",
        "An accepted gap: nobody from tomorrow 03:05 to tomorrow 04:05 (the clocks change).",
    ]
    draft = draft_runbook(actor=house.ruth, asset=None, team=house.core, at=at)
    publish_runbook(actor=house.ruth, runbook=draft.runbook, at=at)
    later = datetime(2027, 12, 10, 2, 5, tzinfo=at.tzinfo)
    assert [(finding.sentence, finding.css) for finding in night_findings([house.rota], later)] == [
        ("growth_agg for Investor Relations: what may wait at night is not agreed.", "bad"),
        ("growth_daily for Investor Relations: what was agreed for 3 am ends on Friday 31 December 2027.", "warn"),
    ]


def test_the_proof_asks_as_much_of_two_rotas_as_of_one(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    house.agree("growth_daily", WAKE, at=NIGHT - DAY)
    report_to_investors(house.assets["growth_board"])
    client = browser(house.ruth)
    counts = []
    for name in ("questions", "nights"):
        for url in ("/oncall/proof", "/oncall/proof?show=agreements"):
            client.get(url)
            with CaptureQueriesContext(connection) as asked:
                client.get(url)
            counts.append(questions_of(asked) - 1)
        other = Rota.objects.create(team=house.core, slug=name, name=name, zone="Europe/Madrid", kind="questions")
        version = RotaVersion.objects.create(
            rota=other, number=1, valid=(NIGHT - 90 * DAY, None), roles=[{"role": "primary"}], rotation={},
            created_at=NIGHT, sha256="0" * 64,
        )  # fmt: skip
        PlannedShift.objects.create(
            rota=other, version=version, role="primary", person=house.kofi, block_kind="week", planner="tests",
            during=(NIGHT - DAY, NIGHT + 30 * DAY),
        )  # fmt: skip
    assert counts[2:] == counts[:2]
    assert max(counts) <= 15
    assert "growth_board is for investors and has no runbook." in client.get(url).content.decode()
