"""A pause that was forgotten is entered later, as far back as the rules let (spec sla 4.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from portal.core.errors import Conflict, DomainError, NotAllowed
from requests_queue.models import ClockEvent, DataRequest, RequestEvent
from requests_queue.queries.explaining import explain_clock
from requests_queue.services.assigning import assign_request
from requests_queue.services.backdating import LatePause, pause_late
from requests_queue.services.talking import post_message
from requests_queue.services.working import ask_requester, resolve_request, resume_work, start_work
from tests.app.requests_queue.desk import TUESDAY, accepted
from tests.world import make_person

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from requests_queue.models import SlaClock
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
REQUESTER = "waiting_on_requester"
WHY = "They told me on the phone that they were looking"


@pytest.fixture
def erin(world: World) -> Person:
    return make_person("erin", team=world.data_platform)


@pytest.fixture
def mine(world: World, erin: Person) -> DataRequest:
    """A question that erin works on since ten; it is due on Wednesday at ten."""
    request = assign_request(actor=world.alice, request=accepted(world), assignee=erin, at=TUESDAY)
    return start_work(actor=erin, request=request, at=TUESDAY)


def result_clock(request: DataRequest) -> SlaClock:
    return request.clocks.get(kind="resolution")


def said(erin: Person, request: DataRequest, *, public: bool = True) -> int:
    post = post_message(actor=erin, request=request, body="Which market?", is_public=public, at=TUESDAY + HOUR)
    return post.message.pk


def written() -> tuple[int, int]:
    return ClockEvent.objects.count(), RequestEvent.objects.count()


def test_who_has_it_reaches_back_to_the_question_that_is_cited(erin: Person, mine: DataRequest) -> None:
    pause = LatePause(TUESDAY + HOUR, TUESDAY + 4 * HOUR, REQUESTER, said(erin, mine))
    pause_late(actor=erin, request=mine, pause=pause, at=TUESDAY + 5 * HOUR)
    clock = result_clock(mine)
    assert (clock.state, clock.elapsed_seconds, clock.due_at) == ("running", 2 * 3600, TUESDAY + timedelta(hours=27))
    told = explain_clock(clock, TUESDAY + 5 * HOUR)
    assert told.totals == {"counted": 2 * 3600, "paused": 3 * 3600, "closed": 0}
    assert [(row.kind, row.seconds) for row in told.stretches] == [
        ("counted", 3600), ("paused", 3 * 3600), ("counted", 3600),
    ]  # fmt: skip


def test_what_waits_now_waited_before_and_goes_on_with_the_reply(erin: Person, mine: DataRequest) -> None:
    question = said(erin, mine)
    ask_requester(actor=erin, request=mine, question="Which market do you mean?", at=TUESDAY + 3 * HOUR)
    pause_late(actor=erin, request=mine, pause=LatePause(TUESDAY + HOUR, question=question), at=TUESDAY + 4 * HOUR)
    told = explain_clock(result_clock(mine), TUESDAY + 4 * HOUR)
    assert (told.view.due_at, told.totals["counted"], told.totals["paused"]) == (None, 3600, 3 * 3600)
    mine.refresh_from_db()
    resume_work(actor=erin, request=mine, at=TUESDAY + 5 * HOUR)
    assert result_clock(mine).due_at == TUESDAY + timedelta(hours=28)


@pytest.mark.parametrize(
    ("pause", "field"),
    [
        (LatePause(TUESDAY, TUESDAY + 2 * HOUR, REQUESTER), "since"),
        (LatePause(TUESDAY - HOUR, TUESDAY + 2 * HOUR, REQUESTER), "since"),
        (LatePause(TUESDAY + HOUR), "until"),
        (LatePause(TUESDAY + HOUR, TUESDAY + 9 * HOUR, REQUESTER), "until"),
        (LatePause(TUESDAY + HOUR, TUESDAY + 2 * HOUR), "waits_for"),
        (LatePause(TUESDAY + HOUR, TUESDAY + 2 * HOUR, REQUESTER, 999_999), "question"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    erin: Person, mine: DataRequest, pause: LatePause, field: str
) -> None:
    before = written()
    with pytest.raises(DomainError) as refusal:
        pause_late(actor=erin, request=mine, pause=pause, at=TUESDAY + 5 * HOUR)
    assert (refusal.value.field, written()) == (field, before)


def test_earlier_than_the_question_is_the_leads_with_a_reason(world: World, erin: Person, mine: DataRequest) -> None:
    question, at = said(erin, mine), TUESDAY + 5 * HOUR
    early = LatePause(TUESDAY, TUESDAY + 3 * HOUR, REQUESTER, question)
    with pytest.raises(DomainError) as refusal:
        pause_late(actor=erin, request=mine, pause=early, at=at)
    assert refusal.value.code == "sla.backdate_refused"
    with pytest.raises(DomainError) as refusal:
        pause_late(actor=world.alice, request=mine, pause=early, at=at)
    assert refusal.value.code == "sla.reason_too_short"
    with pytest.raises(NotAllowed):
        pause_late(actor=world.bob, request=mine, pause=early, at=at)
    reasoned = LatePause(TUESDAY, TUESDAY + 3 * HOUR, REQUESTER, reason=WHY)
    pause_late(actor=world.alice, request=mine, pause=reasoned, at=at)
    assert result_clock(mine).elapsed_seconds == 2 * 3600


def test_an_internal_note_is_no_question(erin: Person, mine: DataRequest) -> None:
    pause = LatePause(TUESDAY + HOUR, TUESDAY + 2 * HOUR, REQUESTER, said(erin, mine, public=False))
    with pytest.raises(DomainError) as refusal:
        pause_late(actor=erin, request=mine, pause=pause, at=TUESDAY + 5 * HOUR)
    assert refusal.value.field == "question"


def test_a_breach_that_happened_stays(world: World, mine: DataRequest) -> None:
    late = TUESDAY + timedelta(days=2)
    pause = LatePause(TUESDAY, TUESDAY + 8 * HOUR, REQUESTER, reason=WHY)
    pause_late(actor=world.alice, request=mine, pause=pause, at=late)
    clock = result_clock(mine)
    assert (clock.breach_at, clock.due_at) == (TUESDAY + timedelta(days=1), TUESDAY + timedelta(days=1))


def test_a_promise_that_has_ended_does_not_move(world: World, erin: Person, mine: DataRequest) -> None:
    resolve_request(actor=erin, request=mine, result="Refunds are left out.", at=TUESDAY + HOUR)
    before = written()
    with pytest.raises(Conflict) as refusal:
        pause_late(
            actor=world.alice, request=mine, at=TUESDAY + 2 * HOUR,
            pause=LatePause(TUESDAY, TUESDAY + HOUR, REQUESTER, reason=WHY),
        )  # fmt: skip
    assert (refusal.value.code, written()) == ("sla.clock_closed", before)


def test_page_and_api_do_the_same(erin: Person, mine: DataRequest, clock: MovableClock) -> None:
    question = said(erin, mine)
    clock.set(TUESDAY + 5 * HOUR)
    page, rest = Client(), APIClient()
    page.force_login(erin)
    rest.force_authenticate(erin)
    path = f"/requests/{mine.number}/clock"
    assert "Which market?" in page.get(path).content.decode()
    sent: dict[str, Any] = {"since": "2026-11-24T10:15", "until": "2026-11-24T12:00", "waits_for": REQUESTER,
                            "question": question}  # fmt: skip
    refused = page.post(f"{path}/pause", sent)
    assert refused.status_code == 422
    assert "It waited since: Not before the public question that you cite." in refused.content.decode()
    assert page.post(f"{path}/pause", sent | {"since": "2026-11-24T11:00"}).status_code == 303
    answer = rest.post(
        f"/api/v1/requests/{mine.number}/pause/",
        {
            "since": "2026-11-24T13:00:00Z",
            "until": "2026-11-24T14:00:00Z",
            "waits_for": REQUESTER,
            "question": question,
        },
        format="json",
    )
    assert answer.status_code == 200
    assert result_clock(mine).due_at == TUESDAY + timedelta(hours=26)
