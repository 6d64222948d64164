"""Acknowledging stops everything about one subject, and nothing of another."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from portal.core.clock import now
from portal.core.errors import Conflict, NotAllowed, NotVisible
from portal.core.models import AuditEntry
from portal.engine.models import Deadline, Delivery, Notice
from portal.engine.services.acknowledging import acknowledge_by_link, acknowledge_notice, notice_of_token
from portal.engine.services.delivering import deliver
from portal.engine.services.ticking import tick
from portal.engine.services.wording import acknowledge_url
from tests.app.engine.house import KIND

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.app.engine.house import House
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages(house: House, arm: Callable[..., Deadline]) -> list[Notice]:
    """Two subjects paged, with repeats and a later step each."""
    house.steps.last_step = 1
    house.ways.repeats = (0, 300)
    arm(1)
    arm(2)
    tick(component="engine")
    return list(Notice.objects.filter(kind="house.page").order_by("subject_id"))


def test_all_later_steps_and_repeats_of_that_subject_stop(house: House, pages: list[Notice]) -> None:
    result = acknowledge_notice(actor=house.alice, notice_id=pages[0].pk, via="web", at=now())
    assert (result.is_first, result.notice.state, result.notice.acknowledged_via) == (True, "acknowledged", "web")
    assert house.things.acknowledged == [1]
    armed = Deadline.objects.filter(kind=KIND, state="armed").values_list("subject_id", flat=True)
    queued = Delivery.objects.filter(state="queued").values_list("notice__subject_id", flat=True)
    assert (list(armed), list(queued)) == ([2], [2, 2])
    assert AuditEntry.objects.filter(verb="engine.acknowledged").count() == 1


def test_nothing_is_claimed_after_the_commit(house: House, pages: list[Notice]) -> None:
    acknowledge_notice(actor=house.alice, notice_id=pages[0].pk, via="web", at=now())
    deliver(delivery_ids=[])
    assert [body for _, body in house.phone.posts] == ["Thing step 0"]


def test_an_onlooker_cannot_quiet_somebody_elses_page(house: House, pages: list[Notice]) -> None:
    with pytest.raises(NotAllowed):
        acknowledge_notice(actor=house.bob, notice_id=pages[0].pk, via="web", at=now())
    pages[0].refresh_from_db()
    assert (pages[0].state, house.things.acknowledged) == ("open", [])
    assert Delivery.objects.filter(notice=pages[0], state="queued").count() == 2


def test_a_second_acknowledgement_returns_the_first(house: House, pages: list[Notice]) -> None:
    house.things.responders = {house.bob.pk}
    first = acknowledge_notice(actor=house.alice, notice_id=pages[0].pk, via="web", at=now())
    second = acknowledge_notice(actor=house.bob, notice_id=pages[0].pk, via="api", at=now() + timedelta(minutes=1))
    assert (second.is_first, second.notice.acknowledged_at) == (False, first.notice.acknowledged_at)
    assert second.notice.acknowledged_by == house.alice


def test_a_notice_that_closed_otherwise_is_final(house: House, pages: list[Notice]) -> None:
    Notice.objects.filter(pk=pages[0].pk).update(state="settled")
    with pytest.raises(Conflict) as error:
        acknowledge_notice(actor=house.alice, notice_id=pages[0].pk, via="web", at=now())
    assert error.value.code == "engine.notice_final"


def test_a_private_notice_of_another_person_does_not_exist(house: House, pages: list[Notice]) -> None:
    Notice.objects.filter(pk=pages[0].pk).update(is_private=True)
    with pytest.raises(NotVisible):
        acknowledge_notice(actor=house.bob, notice_id=pages[0].pk, via="web", at=now())


def _token(notice: Notice) -> str:
    return acknowledge_url(notice.deliveries.filter(channel="phone").order_by("repeat_no")[0].pk).rpartition("/")[2]


def test_a_link_acknowledges_as_its_recipient(house: House, pages: list[Notice]) -> None:
    result = acknowledge_by_link(token=_token(pages[0]), at=now())
    assert (result.notice.acknowledged_by, result.notice.acknowledged_via) == (house.alice, "link")


def test_an_old_altered_or_unknown_link_is_not_there(house: House, pages: list[Notice], clock: MovableClock) -> None:
    token = _token(pages[0])
    flipped = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    for bad in (flipped, "x", "", token[:20], "é" * 43):
        with pytest.raises(NotVisible):
            notice_of_token(token=bad, at=now())
    clock.advance(hours=24, seconds=1)
    with pytest.raises(NotVisible):
        notice_of_token(token=token, at=clock.now())
