"""T2, S and T3: a delivery is claimed by one, sent with one key, marked by the holder of its lease alone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import ProgrammingError, connection, transaction

from portal.core.clock import now
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.domain.outcomes import Ambiguous, Outcome, Permanent, Sent, Temporary
from portal.engine.models import Attempt, Delivery, EngineControl, Notice
from portal.engine.services.claiming import Wish, claim
from portal.engine.services.delivering import deliver
from portal.engine.services.marking import mark
from portal.engine.services.notices import raise_notice, settle_notices
from portal.engine.services.sending import Finished
from portal.engine.services.ticking import tick

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.engine.models import Deadline
    from tests.app.engine.house import House
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
LEASE_AND_A_BIT = 31


def _page(house: House, number: int = 1) -> Delivery:
    to = Recipient(person_id=house.alice.pk)
    draft = NoticeDraft("house.page", f"page:{number}", house.thing(number), to, "page", {"what": str(number)})
    notice = raise_notice(actor=None, draft=draft, at=now())
    assert notice is not None
    return notice.deliveries.filter(channel="phone").order_by("repeat_no")[0]


def _answers(house: House, *outcomes: Outcome) -> None:
    queue = list(outcomes)
    house.phone.answer = lambda key: queue.pop(0) if queue else Sent(key)


def test_a_page_is_sent_once_with_its_own_id_as_key(house: House, arm: Callable[..., Deadline]) -> None:
    arm()
    tick(component="engine")
    deliver(delivery_ids=[])
    deliver(delivery_ids=[])
    row = Delivery.objects.get(channel="phone")
    assert house.phone.posts == [(str(row.pk), "Thing step 0")]
    assert (row.state, row.attempts, row.lease_token) == ("sent", 1, None)
    phases = Attempt.objects.filter(delivery=row).order_by("id").values_list("phase", "outcome", "number")
    assert list(phases) == [("claimed", "", 1), ("result", "sent", 1)]


def test_a_claimed_delivery_is_nobody_elses(house: House) -> None:
    row = _page(house)
    assert [each.key for each in claim(wish=Wish(limit=5), holder="a")] == [row.pk]
    assert claim(wish=Wish(ids=[row.pk], limit=5), holder="b") == []


def test_nothing_is_claimed_after_the_subject_was_settled(house: House) -> None:
    row = _page(house)
    settle_notices(actor=None, subject=house.thing(), reason="solved", at=now())
    assert deliver(delivery_ids=[row.pk]) == 0
    row.refresh_from_db()
    assert (row.state, house.phone.posts) == ("cancelled", [])


def test_a_claim_of_a_closed_notice_cancels_the_row(house: House) -> None:
    row = _page(house)
    Notice.objects.filter(pk=row.notice_id).update(state="expired")
    assert claim(wish=Wish(ids=[row.pk], limit=1), holder="a") == []
    row.refresh_from_db()
    assert row.state == "cancelled"


def test_a_dead_process_means_the_same_key_again(house: House, clock: MovableClock) -> None:
    row = _page(house)
    claim(wish=Wish(limit=1), holder="dead")
    clock.advance(seconds=LEASE_AND_A_BIT)
    deliver(delivery_ids=[])
    row.refresh_from_db()
    assert ([key for key, _ in house.phone.posts], row.state) == ([str(row.pk)], "sent")
    assert (row.attempts, row.ambiguous) == (2, 1)


def test_a_zombies_result_changes_no_delivery_and_is_kept_as_stale(house: House, clock: MovableClock) -> None:
    row = _page(house)
    (old,) = claim(wish=Wish(limit=1), holder="zombie")
    clock.advance(seconds=LEASE_AND_A_BIT)
    (new,) = claim(wish=Wish(limit=1), holder="second")
    assert mark(finished=[Finished(old, Permanent("late"), 1)], holder="zombie") == []
    row.refresh_from_db()
    assert (row.state, row.lease_token) == ("sending", new.first.lease_token)
    assert Attempt.objects.filter(delivery=row, phase="result").get().outcome == "stale"


@pytest.mark.parametrize("outcome", [Temporary("503"), Ambiguous("answer lost")])
def test_what_may_have_failed_is_tried_again_with_the_same_key(
    house: House, outcome: Outcome, clock: MovableClock
) -> None:
    row = _page(house)
    _answers(house, outcome)
    deliver(delivery_ids=[row.pk])
    row.refresh_from_db()
    assert (row.state, row.last_error, row.run_at > now()) == ("queued", outcome.reason, True)  # type: ignore[union-attr]
    clock.advance(seconds=3)
    deliver(delivery_ids=[row.pk])
    row.refresh_from_db()
    assert (row.state, [key for key, _ in house.phone.posts]) == ("sent", [str(row.pk)] * 2)


def test_a_refusal_ends_the_delivery_and_the_room_steps_on_at_once(house: House) -> None:
    row = _page(house)
    _answers(house, Permanent("410"))
    deliver(delivery_ids=[row.pk])
    row.refresh_from_db()
    assert (row.state, house.things.dead) == ("dead", [1])
    assert Notice.objects.filter(kind="engine.alarm", context__code="delivery_dead").count() == 1


def test_a_page_is_given_up_after_twelve_tries(house: House, clock: MovableClock) -> None:
    row = _page(house)
    house.phone.answer = lambda _: Temporary("503")
    for _ in range(14):
        Delivery.objects.filter(pk=row.pk, state="queued").update(run_at=clock.now())
        deliver(delivery_ids=[row.pk])
    row.refresh_from_db()
    assert (row.state, row.attempts, len([1 for key, _ in house.phone.posts if key == str(row.pk)])) == ("dead", 12, 12)


def test_a_lost_answer_more_often_than_allowed_ends_it(house: House) -> None:
    row = _page(house)
    house.phone.answer = lambda _: Ambiguous("lost")
    for _ in range(5):
        Delivery.objects.filter(pk=row.pk, state="queued").update(run_at=now())
        deliver(delivery_ids=[row.pk])
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("dead", 4)


def test_the_wait_of_the_provider_is_kept(house: House) -> None:
    row = _page(house)
    _answers(house, Temporary("429", retry_after=120.0))
    deliver(delivery_ids=[row.pk])
    row.refresh_from_db()
    assert row.run_at > now() + timedelta(seconds=110)


def test_all_calls_of_a_chain_are_written_at_once_with_their_times(house: House) -> None:
    house.ways.repeats = (0, 120, 420)
    row = _page(house)
    rows = Delivery.objects.filter(notice_id=row.notice_id, channel="phone").order_by("repeat_no")
    start = rows[0].run_at
    assert [round((each.run_at - start).total_seconds()) for each in rows] == [0, 120, 420]


def test_a_notice_that_needs_no_answer_is_settled_when_told(house: House) -> None:
    to = Recipient(person_id=house.alice.pk)
    draft = NoticeDraft("house.info", "info:1", house.thing(), to, "info", {"what": "x"})
    notice = raise_notice(actor=None, draft=draft, at=now())
    assert notice is not None
    deliver(delivery_ids=[])
    notice.refresh_from_db()
    assert notice.state == "settled"


def test_a_bundle_travels_under_one_key_and_is_resent_under_it(house: House, clock: MovableClock) -> None:
    house.phone.bundles = True
    for number in range(1, 4):
        _page(house, number)
    _answers(house, Temporary("503"))
    deliver(delivery_ids=[])
    clock.advance(seconds=11)
    deliver(delivery_ids=[])
    keys = {key for key, _ in house.phone.posts}
    assert (len(house.phone.posts), len(keys)) == (2, 1)
    assert house.phone.posts[1][1].splitlines() == ["Thing 1", "Thing 2", "Thing 3"]
    assert set(Delivery.objects.filter(channel="phone").values_list("state", flat=True)) == {"sent"}


def test_what_follows_a_first_message_waits_and_travels_together(house: House, clock: MovableClock) -> None:
    house.phone.bundles = True
    _page(house, 1)
    deliver(delivery_ids=[])
    for number in range(2, 24):
        _page(house, number)
    deliver(delivery_ids=[])
    assert len(house.phone.posts) == 1
    clock.advance(seconds=11)
    deliver(delivery_ids=[])
    assert [len(body.splitlines()) for _, body in house.phone.posts] == [1, 22]
    assert Notice.objects.filter(kind="house.page").count() == 23


def test_a_paused_engine_fires_and_sends_nothing(house: House, arm: Callable[..., Deadline]) -> None:
    row = _page(house)
    arm(2)
    EngineControl.objects.update(is_paused=True)
    assert tick(component="engine").halted == "paused"
    assert deliver(delivery_ids=[row.pk]) == 0
    EngineControl.objects.update(is_paused=False)
    tick(component="engine")
    assert deliver(delivery_ids=[row.pk]) == 2


def test_a_database_on_another_cluster_pauses_itself(house: House, arm: Callable[..., Deadline]) -> None:
    arm()
    EngineControl.objects.update(cluster_identifier=42)
    assert tick(component="engine").halted.startswith("restored")
    assert EngineControl.objects.get().is_paused
    assert Notice.objects.count() == 0


@pytest.mark.parametrize("statement", ["UPDATE engine_attempt SET error = 'x'", "DELETE FROM engine_attempt"])
def test_the_application_cannot_rewrite_attempts(house: House, statement: str) -> None:
    claim(wish=Wish(ids=[_page(house).pk], limit=1), holder="a")
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert Attempt.objects.count() == 1


def test_an_address_is_not_readable_in_the_database(house: House) -> None:
    row = _page(house)
    with connection.cursor() as cursor:
        cursor.execute("SELECT address FROM engine_delivery WHERE id = %s", [str(row.pk)])
        stored = cursor.fetchone()
    assert stored is not None
    assert "phone-" not in stored[0]
    assert Delivery.objects.get(pk=row.pk).address == f"phone-{house.alice.pk}"
