"""What each act on a request does, and what it refuses."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from portal.core.errors import Conflict, DomainError, NotAllowed, NotVisible, Stale, TooLarge
from portal.core.models import AuditEntry
from portal.engine.models import Deadline, Notice
from requests_queue.domain.states import State, movers
from requests_queue.models import ClockEvent, DataRequest, RequestEvent, SlaClock, Supporter
from requests_queue.policies import visible_to
from requests_queue.queries.promises import expected_for
from requests_queue.services.concluding import answer_request, decline_request, mark_solved
from requests_queue.services.deciding import Estimate, decide_request
from requests_queue.services.filing import join_request
from requests_queue.services.merging import merge_requests
from requests_queue.services.moving import Move, move
from requests_queue.services.privacy import make_private
from requests_queue.services.talking import post_message
from requests_queue.services.triage import claim_for_triage
from requests_queue.services.working import (
    ask_requester,
    reopen_request,
    resolve_request,
    start_work,
    wait_on_upstream,
    withdraw_request,
)
from tests.app.requests_queue.desk import TUESDAY, accepted, filed, started

if TYPE_CHECKING:
    from tests.world import World

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def clocks(request: DataRequest) -> dict[str, str]:
    return {clock.kind: clock.state for clock in SlaClock.objects.filter(request=request).order_by("id")}


def test_filing_starts_three_clocks_with_one_armed_deadline_each(world: World) -> None:
    request = filed(world)
    assert clocks(request) == {"first_response": "running", "decision": "running", "resolution": "running"}
    assert Deadline.objects.filter(kind="requests.sla_step", state="armed").count() == 3
    assert RequestEvent.objects.filter(request=request).count() == 1
    assert AuditEntry.objects.filter(verb="requests.filed").count() == 1


def test_the_date_shown_before_filing_is_the_clocks_due_date_to_the_second(world: World) -> None:
    expected = expected_for(kind="question", team=world.data_platform, at=TUESDAY)
    request = filed(world)
    made = dict(SlaClock.objects.filter(request=request).values_list("kind", "due_at"))
    assert made == {promise.kind: promise.due_at for promise in expected.promises}


def test_a_new_request_is_told_to_the_lead_of_the_owning_team(world: World) -> None:
    filed(world)
    told = set(Notice.objects.values_list("kind", "recipient"))
    assert told == {("requests.filed", world.alice.pk), ("requests.confirmed", world.bob.pk)}


def test_filing_needs_at_most_thirty_queries(world: World, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(32):  # thirty, and the savepoint around them that only a test has
        filed(world)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"title": "   "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "null\x00byte"}, "title"),
        ({"title": "right\u202eleft"}, "title"),
        ({"kind": "wish"}, "kind"),
        ({"wanted_by": TUESDAY.date() - timedelta(days=1)}, "wanted_by"),
    ],
)
def test_what_is_wrong_in_a_new_request_is_named_and_nothing_is_written(
    world: World, facts: dict[str, Any], field: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        filed(world, **facts)
    assert refusal.value.field == field
    assert (DataRequest.objects.count(), SlaClock.objects.count(), Deadline.objects.count()) == (0, 0, 0)


def test_a_megabyte_of_text_is_too_large(world: World) -> None:
    with pytest.raises(TooLarge) as refusal:
        filed(world, body="x" * 1_000_000)
    assert refusal.value.field == "body"


def test_only_the_owning_team_claims(world: World) -> None:
    request = filed(world)
    with pytest.raises(NotAllowed):
        claim_for_triage(actor=world.bob, request=request, at=TUESDAY)
    assert DataRequest.objects.get().state == "new"


def test_accepting_stops_the_decision_and_nothing_else(world: World) -> None:
    request = accepted(world, at=TUESDAY)
    assert clocks(request) == {"first_response": "running", "decision": "met", "resolution": "running"}
    assert (request.assignee, request.estimate_minutes) == (world.alice, 30)


def test_complex_work_is_not_accepted_without_an_estimate(world: World) -> None:
    request = filed(world)
    with pytest.raises(DomainError, match="estimate"):
        decide_request(actor=world.alice, request=request, estimate=Estimate("complex"), at=TUESDAY)


def test_an_internal_note_stops_no_clock(world: World) -> None:
    request = filed(world)
    post_message(actor=world.alice, request=request, body="Looks like refunds", is_public=False, at=TUESDAY)
    assert clocks(request)["first_response"] == "running"


def test_a_public_reply_of_the_team_stops_the_first_response_and_promises_the_next_word(world: World) -> None:
    request = filed(world)
    post_message(actor=world.alice, request=request, body="We look at it", at=TUESDAY + HOUR)
    assert clocks(request) == {
        "first_response": "met", "decision": "running", "resolution": "running", "next_update": "running",
    }  # fmt: skip


def test_the_requesters_own_words_are_no_first_response(world: World) -> None:
    request = filed(world)
    post_message(actor=world.bob, request=request, body="Any news?", at=TUESDAY + HOUR)
    assert clocks(request)["first_response"] == "running"


def test_an_outsider_writes_no_internal_note(world: World) -> None:
    with pytest.raises(NotAllowed):
        post_message(actor=world.dave, request=filed(world), body="hm", is_public=False, at=TUESDAY)


def test_a_question_pauses_the_resolution_until_the_reply(world: World) -> None:
    request = started(world)
    ask_requester(actor=world.alice, request=request, question="Which month?", at=TUESDAY + HOUR)
    paused = SlaClock.objects.get(request=request, kind="resolution")
    post_message(actor=world.bob, request=request, body="November", at=TUESDAY + 3 * HOUR)
    resumed = SlaClock.objects.get(request=request, kind="resolution")
    assert (paused.state, paused.due_at) == ("paused", None)
    assert resumed.state == "running"
    assert resumed.due_at == TUESDAY + timedelta(days=1) + 2 * HOUR
    assert DataRequest.objects.get().state == "in_progress"
    assert ClockEvent.objects.get(clock=resumed, kind="resume").occurred_at == TUESDAY + 3 * HOUR


def test_a_question_at_triage_goes_back_to_triage(world: World) -> None:
    request = filed(world)
    ask_requester(actor=world.alice, request=request, question="Which month?", at=TUESDAY)
    post_message(actor=world.bob, request=request, body="November", at=TUESDAY + HOUR)
    assert DataRequest.objects.get().state == "triage"


def test_waiting_for_upstream_pauses_too(world: World) -> None:
    request = started(world)
    wait_on_upstream(actor=world.alice, request=request, reason="Checkout has to fix the export", at=TUESDAY)
    assert clocks(request)["resolution"] == "paused"


def test_resolving_keeps_every_promise_and_disarms_every_step(world: World) -> None:
    request = started(world)
    resolve_request(actor=world.alice, request=request, result="It is refunds", at=TUESDAY + HOUR)
    assert set(clocks(request).values()) == {"met"}
    assert not Deadline.objects.filter(kind="requests.sla_step", state="armed").exists()


def test_answering_stops_all_clocks(world: World) -> None:
    request = filed(world)
    answer_request(actor=world.alice, request=request, body="Finance books refunds later", at=TUESDAY + HOUR)
    assert set(clocks(request).values()) == {"met"}


def test_a_late_answer_is_a_breach(world: World) -> None:
    request = filed(world)
    answer_request(actor=world.alice, request=request, body="Sorry", at=TUESDAY + timedelta(days=7))
    assert set(clocks(request).values()) == {"breached_closed"}


def test_withdrawing_takes_the_promises_back(world: World) -> None:
    request = filed(world)
    withdraw_request(actor=world.bob, request=request, at=TUESDAY + HOUR)
    assert set(clocks(request).values()) == {"cancelled"}


def test_what_the_requester_solved_counts_in_no_figure(world: World) -> None:
    request = filed(world)
    mark_solved(actor=world.bob, request=request, at=TUESDAY + HOUR)
    assert set(clocks(request).values()) == {"cancelled"}


@pytest.mark.parametrize(("reason", "alternative"), [("", "Use the mart"), ("Too large", " ")])
def test_a_decline_needs_a_reason_and_an_alternative(world: World, reason: str, alternative: str) -> None:
    request = filed(world)
    with pytest.raises(DomainError, match="reason and an alternative"):
        decline_request(actor=world.alice, request=request, reason=reason, alternative=alternative, at=TUESDAY)
    assert DataRequest.objects.get().state == "new"


def test_reopening_gives_half_the_time(world: World) -> None:
    request = started(world)
    resolve_request(actor=world.alice, request=request, result="It is refunds", at=TUESDAY + HOUR)
    reopen_request(actor=world.bob, request=request, reason="not_solved", at=TUESDAY + timedelta(days=6, hours=23))
    cycles = list(SlaClock.objects.filter(request=request, kind="resolution").order_by("cycle"))
    assert [clock.target_seconds for clock in cycles] == [9 * 3600, 4.5 * 3600]
    assert [clock.is_premature for clock in cycles] == [True, False]


def test_reopening_after_seven_days_is_refused(world: World) -> None:
    request = started(world)
    resolve_request(actor=world.alice, request=request, result="It is refunds", at=TUESDAY)
    with pytest.raises(Conflict):
        reopen_request(actor=world.bob, request=request, reason="wrong", at=TUESDAY + timedelta(days=7, minutes=1))


def test_joining_adds_a_supporter_and_no_clock(world: World) -> None:
    request = filed(world)
    join_request(actor=world.dave, request=request, wording="GMV looks off", at=TUESDAY)
    join_request(actor=world.dave, request=request, wording="again", at=TUESDAY)
    assert Supporter.objects.get().wording == "GMV looks off"
    assert SlaClock.objects.count() == 3


def test_a_duplicate_is_continued_in_the_older_one(world: World) -> None:
    older, younger = filed(world), filed(world)
    merge_requests(actor=world.alice, request=younger, survivor=older, at=TUESDAY)
    assert (clocks(younger)["resolution"], clocks(older)["resolution"]) == ("cancelled", "running")
    assert Supporter.objects.get().request == older


def test_a_stale_version_is_refused(world: World) -> None:
    request = filed(world)
    with pytest.raises(Stale):
        claim_for_triage(actor=world.alice, request=request, version=7, at=TUESDAY)


def test_a_move_that_the_table_lacks_is_refused(world: World) -> None:
    request = filed(world)
    with pytest.raises(Conflict) as refusal:
        start_work(actor=world.alice, request=request, at=TUESDAY)
    assert refusal.value.code == "requests.bad_transition"


@pytest.mark.parametrize("target", [state for state in State if state != State.NEW])
def test_the_requester_alone_moves_nothing_of_the_team(world: World, target: State) -> None:
    request = filed(world)
    before = RequestEvent.objects.count()
    if target in {State.ANSWERED, State.WITHDRAWN}:
        return
    with pytest.raises((Conflict, NotAllowed)):
        move(actor=world.bob, request=request, step=Move(target, "requests.started"), at=TUESDAY)
    assert RequestEvent.objects.count() == before


def test_a_private_request_is_unknown_to_all_but_its_members(world: World) -> None:
    request = filed(world)
    make_private(actor=world.bob, request=request, people=[world.alice], reason="legal matter", at=TUESDAY)
    number = DataRequest.objects.get().number
    assert number.startswith("PRV-")
    assert [visible_to(person).count() for person in (world.bob, world.alice, world.carol)] == [1, 1, 0]
    with pytest.raises(NotVisible):
        join_request(actor=world.carol, request=request, at=TUESDAY)


def test_a_notice_about_a_private_request_holds_its_number_alone(world: World) -> None:
    request = filed(world)
    private = make_private(actor=world.bob, request=request, people=[world.alice], reason="legal matter", at=TUESDAY)
    post_message(actor=world.alice, request=private, body="Secret words", at=TUESDAY)
    notice = Notice.objects.filter(kind="requests.changed").get()
    assert notice.is_private
    assert set(notice.context) == {"number", "url"}


def test_a_move_that_the_table_does_not_know_is_refused_and_writes_nothing(world: World) -> None:
    request = filed(world)
    rows = (RequestEvent.objects.count(), AuditEntry.objects.count(), Notice.objects.count())
    unknown = [(source, target) for source, target in product(State, State) if not movers(source, target)]
    for source, target in unknown:
        request.state = source.value
        with pytest.raises(Conflict) as refusal:
            move(actor=world.alice, request=request, step=Move(target, "requests.started"), at=TUESDAY)
        assert (refusal.value.code, request.state) == ("requests.bad_transition", source.value)
    assert len(unknown) == 15 * 15 - len({pair for pair in product(State, State) if movers(*pair)})
    assert (RequestEvent.objects.count(), AuditEntry.objects.count(), Notice.objects.count()) == rows
    assert DataRequest.objects.get().state == "new"
