"""The quarterly review: asks where work is silent, reminds, ends in gaps; answers by page and API."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from rest_framework.test import APIClient

from ownership.handlers.reviews import ReviewSteps
from ownership.models import Gap, Ownership, ReviewCampaign, ReviewItem
from ownership.queries.reviews import due_quarter, progress_of
from ownership.services.evidence import Act, record_evidence
from ownership.services.gaps import refresh_gaps
from ownership.services.reviewing import Answer, answer_reviews, close_review, run_due_review, start_review
from portal.core.domain.quarter import quarter_called
from portal.core.errors import Conflict, DomainError
from portal.core.models import AuditEntry
from portal.engine.domain.drafts import DueDeadline
from portal.engine.domain.subjects import subject_of
from portal.engine.models import Deadline, Notice
from tests.app.ownership.test_refreshing import asset, own
from tests.world import make_admin, make_person, make_team

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2025, 1, 6, 9, tzinfo=UTC)
Q1 = quarter_called("2026q2")
# Mon 2 Mar 2026, in the office hours of the organization.
START = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture
def held(world: World) -> dict[str, Ownership]:
    """Alice holds a tier-1 table and one she worked on; Bob's metric and Checkout's event show no work."""
    rows = {
        "payments": own(asset(20, "payments", LONG_AGO, tier=1), world.alice, LONG_AGO),
        "worked": own(asset(20, "worked", LONG_AGO, tier=2), world.alice, LONG_AGO),
        "metric": own(asset(30, "metric", LONG_AGO), world.bob, LONG_AGO),
        "event": own(asset(10, "event", LONG_AGO), world.checkout, LONG_AGO),
    }
    for name in ("payments", "worked"):
        act = Act(kind="commit", ref=f"commit-{name}", at=START - timedelta(days=10))
        record_evidence(actor=None, person=world.alice, assets=[rows[name].asset], act=act)
    return rows


@pytest.fixture
def campaign(held: dict[str, Ownership]) -> ReviewCampaign:
    return start_review(actor=None, quarter=Q1, at=START)


def line(name: str) -> ReviewItem:
    return ReviewItem.objects.get(ownership__asset__slug=name)


def states() -> dict[str, str]:
    return dict(ReviewItem.objects.values_list("ownership__asset__slug", "state"))


def say(actor: Person, name: str, word: str, at: datetime = START) -> ReviewItem:
    return answer_reviews(actor=actor, answers=[Answer(line(name).pk, word)], at=at)[0]


def browser_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_only_silent_rows_and_tier_one_are_asked(campaign: ReviewCampaign) -> None:
    assert states() == {"payments": "asked", "worked": "auto", "metric": "asked", "event": "asked"}


def test_work_of_a_member_answers_for_the_team(held: dict[str, Ownership], world: World) -> None:
    act = Act(kind="review", ref="r1", at=START - timedelta(days=1))
    record_evidence(actor=None, person=world.carol, assets=[held["event"].asset], act=act)
    start_review(actor=None, quarter=Q1, at=START)
    assert states()["event"] == "auto"


def test_work_of_91_days_ago_is_no_answer(world: World) -> None:
    thing = own(asset(20, "old", LONG_AGO), world.alice, LONG_AGO)
    act = Act(kind="commit", ref="c1", at=START - timedelta(days=91))
    record_evidence(actor=None, person=world.alice, assets=[thing.asset], act=act)
    start_review(actor=None, quarter=Q1, at=START)
    assert states() == {"old": "asked"}


def test_everybody_gets_one_digest(held: dict[str, Ownership], world: World) -> None:
    admin = make_admin()  # Checkout has no lead: those above it speak for it
    own(asset(30, "second", LONG_AGO), world.bob, LONG_AGO)
    start_review(actor=None, quarter=Q1, at=START)
    told = Notice.objects.filter(kind="ownership.review_asked").values_list("recipient__handle", "context__count")
    assert sorted(told) == [("alice", "1 asset"), ("bob", "2 assets"), (admin.handle, "1 asset")]


def test_reminders_stand_at_5_and_9_working_days_and_the_end_at_10(campaign: ReviewCampaign) -> None:
    steps = dict(Deadline.objects.filter(kind="ownership.review", state="armed").values_list("step", "due_at"))
    assert {step: due.date() for step, due in steps.items()} == {
        1: date(2026, 3, 9), 2: date(2026, 3, 13), 3: date(2026, 3, 16),
    }  # fmt: skip
    assert steps[3] == campaign.due_at


def test_a_reminder_reaches_only_who_has_lines_left(campaign: ReviewCampaign, world: World) -> None:
    say(world.bob, "metric", "mine")
    due = DueDeadline(1, "ownership.review", subject_of(campaign), 1, START + timedelta(days=7), {})
    told = ReviewSteps().fire([due], at=due.due_at)[1].notices
    reminded = {notice.to.person_id for notice in told}
    assert (world.alice.pk in reminded, world.bob.pk in reminded) == (True, False)


def test_silence_ends_in_gaps_and_the_lead_is_told(campaign: ReviewCampaign, world: World) -> None:
    say(world.bob, "metric", "mine")
    end = campaign.due_at
    close_review(campaign=campaign, at=end)
    gaps = Gap.objects.filter(kind="not_confirmed", valid__upper_inf=True).values_list("asset__slug", flat=True)
    assert (set(gaps), states()["payments"], states()["metric"]) == ({"payments", "event"}, "silent", "mine")
    assert close_review(campaign=campaign, at=end) == {}


def test_the_handler_ends_the_review_and_tells_leads(campaign: ReviewCampaign, world: World) -> None:
    due = DueDeadline(1, "ownership.review", subject_of(campaign), 3, campaign.due_at, {})
    result = ReviewSteps().fire([due], at=campaign.due_at)[1]
    assert (result.outcome, result.note) == ("done", "3 without an answer")
    assert world.alice.pk in {notice.to.person_id for notice in result.notices}


def test_a_late_answer_closes_the_gap(campaign: ReviewCampaign, world: World) -> None:
    close_review(campaign=campaign, at=campaign.due_at)
    later = campaign.due_at + timedelta(days=3)
    say(world.alice, "payments", "mine", later)
    refresh_gaps(asset_ids=[line("payments").ownership.asset_id], at=later)
    assert not Gap.objects.filter(kind="not_confirmed", asset__slug="payments", valid__upper_inf=True).exists()


def test_work_closes_the_gap_of_an_earlier_review(campaign: ReviewCampaign, world: World) -> None:
    close_review(campaign=campaign, at=campaign.due_at)
    later = datetime(2026, 6, 1, 10, tzinfo=UTC)
    act = Act(kind="commit", ref="c9", at=later - timedelta(days=1))
    record_evidence(actor=None, person=world.bob, assets=[line("metric").ownership.asset], act=act)
    start_review(actor=None, quarter=quarter_called("2026q3"), at=later)
    row = Ownership.objects.get(asset__slug="metric")
    assert row.confirmed_at == later


def test_mine_confirms_and_leaves_the_row_open(campaign: ReviewCampaign, world: World) -> None:
    done = say(world.bob, "metric", "mine")
    row = Ownership.objects.get(asset__slug="metric")
    assert (done.state, done.answered_by, row.confirmed_at, row.valid.upper) == ("mine", world.bob, START, None)
    assert AuditEntry.objects.filter(verb="ownership.review_answered", object_id=str(row.asset_id)).count() == 1


def test_not_mine_ends_the_row(campaign: ReviewCampaign, world: World) -> None:
    say(world.bob, "metric", "not_mine")
    row = Ownership.objects.get(asset__slug="metric")
    assert (row.state, row.valid.upper) == ("ended", START)


def test_retire_retires_the_asset(campaign: ReviewCampaign, world: World) -> None:
    say(world.bob, "metric", "retire")
    assert line("metric").ownership.asset.retired_at == START


def test_hand_over_leaves_the_owner_accountable_and_opens_the_form(campaign: ReviewCampaign, world: World) -> None:
    answer = browser_of(world.bob).post("/reviews/2026q2", {"answer": "hand_over", "chosen": [line("metric").pk]})
    assert (answer.status_code, answer["Location"]) == (303, "/handoffs/new?owner=bob&asset=metric")
    row = Ownership.objects.get(asset__slug="metric")
    assert (row.state, row.valid.upper, states()["metric"]) == ("accepted", None, "hand_over")


def test_nobody_answers_for_another(campaign: ReviewCampaign, world: World) -> None:
    with pytest.raises(DomainError):
        say(world.dave, "metric", "mine")
    assert (states()["metric"], Ownership.objects.get(asset__slug="metric").confirmed_at) == ("asked", None)


def test_all_answers_count_or_none(campaign: ReviewCampaign, world: World) -> None:
    answers = [Answer(line("payments").pk, "mine"), Answer(line("metric").pk, "mine")]
    with pytest.raises(DomainError):
        answer_reviews(actor=world.alice, answers=answers, at=START)
    assert states()["payments"] == "asked"


def test_a_line_is_answered_once(campaign: ReviewCampaign, world: World) -> None:
    say(world.bob, "metric", "mine")
    with pytest.raises(Conflict) as refused:
        say(world.bob, "metric", "not_mine")
    assert refused.value.code == "ownership.answered_already"


def test_the_review_opens_50_days_before_the_quarter_by_itself(held: dict[str, Ownership], clock: MovableClock) -> None:
    assert due_quarter(date(2026, 2, 9)) is None
    assert due_quarter(date(2026, 2, 10)) == Q1
    clock.set(datetime(2026, 2, 10, 4, 10, tzinfo=UTC))
    assert run_due_review({}, None) == {"started": "2026q2"}
    assert run_due_review({}, None) == {"started": ""}
    assert ReviewCampaign.objects.count() == 1


def test_a_quarter_has_one_review_and_only_admins_start_it_early(campaign: ReviewCampaign, world: World) -> None:
    with pytest.raises(DomainError):
        start_review(actor=world.alice, quarter=quarter_called("2026q3"), at=START)
    with pytest.raises(Conflict):
        start_review(actor=make_admin(), quarter=Q1, at=START)
    assert ReviewCampaign.objects.count() == 1


def test_rows_that_ended_meanwhile_are_no_silence(campaign: ReviewCampaign, world: World) -> None:
    own(line("metric").ownership.asset, world.alice, START + timedelta(days=1))
    close_review(campaign=campaign, at=campaign.due_at)
    assert states()["metric"] == "not_mine"


def test_the_page_shows_my_lines_first_and_how_far_teams_are(campaign: ReviewCampaign, world: World) -> None:
    page = browser_of(world.bob).get("/reviews/2026q2")
    assert [row.title for _, row in page.context["mine"]] == ["metric"]
    assert [[cell for cell, _ in row] for row in page.context["teams"]] == [
        ["Analytics", "1", "0", "0", "1", "0"],
        ["Checkout", "1", "0", "0", "1", "0"],
        ["Data Platform", "1", "1", "0", "1", "0"],
    ]


def test_one_button_says_still_mine(campaign: ReviewCampaign, world: World) -> None:
    browser_of(world.bob).post("/reviews/2026q2", {"one": line("metric").pk})
    assert states()["metric"] == "mine"


@pytest.mark.parametrize("given", [{}, {"answer": "mine"}, {"answer": "no", "chosen": "1"}, {"chosen": "1"}])
def test_a_form_that_says_nothing_is_refused(given: dict[str, str], campaign: ReviewCampaign, world: World) -> None:
    assert browser_of(world.bob).post("/reviews/2026q2", given).status_code == 422
    assert states()["metric"] == "asked"


def test_an_admin_starts_the_next_one_from_the_list(held: dict[str, Ownership], clock: MovableClock) -> None:
    clock.set(START)
    answer = browser_of(make_admin()).post("/reviews/", {})
    assert (answer.status_code, answer["Location"]) == (303, "/reviews/2026q2")


def test_the_export_has_the_filtered_lines(campaign: ReviewCampaign, world: World) -> None:
    page = browser_of(world.dave).get("/reviews/2026q2/export.csv?state=auto")
    lines = page.getvalue().decode().splitlines()
    assert lines[1:] == ["worked,dataset,2,Alice Example,technical,1,auto,,"]


def test_the_api_lists_and_answers(campaign: ReviewCampaign, world: World) -> None:
    api = APIClient()
    api.force_authenticate(world.bob)
    rows = api.get("/api/v1/review-lines?quarter=2026q2&mine=true").json()["results"]
    assert [(row["asset"], row["person"], row["state"]) for row in rows] == [("metric", "bob", "asked")]
    done = api.post("/api/v1/review-lines/answer", {"ids": [rows[0]["id"]], "answer": "mine"}, format="json")
    assert (done.status_code, done.json()) == (200, {"answered": [rows[0]["id"]]})
    shown = api.get("/api/v1/reviews/2026q2").json()
    assert shown["counts"] == {"asked": 3, "automatic": 1, "answered": 1, "waiting": 2, "silent": 0}
    assert [team["team"] for team in shown["teams"]] == ["analytics", "checkout", "data-platform"]
    assert api.get("/api/v1/reviews").json()["results"][0]["quarter"] == "2026q2"
    assert api.post("/api/v1/reviews", {}, format="json").status_code == 403


def test_the_filter_by_team_finds_people_and_teams(campaign: ReviewCampaign, world: World) -> None:
    api = APIClient()
    api.force_authenticate(world.bob)
    rows = api.get("/api/v1/review-lines?quarter=2026q2&team=checkout").json()["results"]
    assert [row["asset"] for row in rows] == ["event"]


def test_progress_of_an_empty_review_is_nothing(world: World) -> None:
    row = start_review(actor=None, quarter=Q1, at=START)
    assert progress_of([row]) == {}
    page = browser_of(world.bob).get("/reviews/2026q2")
    assert (page.status_code, page.context["mine"]) == (200, [])


def test_a_team_of_leads_answers_for_its_team(world: World) -> None:
    lead = make_person("lea", team=make_team("growth"), role="lead")
    own(asset(10, "clicks", LONG_AGO), lead.memberships.get().team, LONG_AGO)
    start_review(actor=None, quarter=Q1, at=START)
    assert say(lead, "clicks", "mine").answered_by == lead
