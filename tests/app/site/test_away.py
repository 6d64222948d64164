"""What an absence leaves open, told to whom it may be told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from portal.accounts.services.absences import Away, check_absence
from requests_queue.models import DataRequest
from requests_queue.services.privacy import make_private
from tests.app.requests_queue.desk import TUESDAY, filed

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
AWAY = Away(TUESDAY.date() + timedelta(days=1), TUESDAY.date() + timedelta(days=30))


def told(actor: Person, person: Person) -> list[str]:
    clashes = check_absence(actor=actor, person=person, away=AWAY, at=TUESDAY)
    return [clash.sentence for clash in clashes if "Zeppelin" in clash.sentence]


def in_bobs_hands(world: World) -> DataRequest:
    request = filed(world, title="Why is Zeppelin late?")
    DataRequest.objects.filter(pk=request.pk).update(assignee=world.bob, state="in_progress")
    return request


def test_work_that_falls_due_is_told_once_to_the_person_and_to_the_lead(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    number = in_bobs_hands(world).number
    sentence = f"{number} “Why is Zeppelin late?” falls due meanwhile."
    assert (told(world.bob, world.bob), told(world.alice, world.bob)) == ([sentence], [sentence])


def test_private_work_is_told_to_the_person_and_not_to_the_lead(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    request = in_bobs_hands(world)
    make_private(actor=world.bob, request=request, people=[world.carol], reason="legal matter", at=TUESDAY)
    number = DataRequest.objects.get().number
    assert told(world.bob, world.bob) == [f"Why is Zeppelin late?: {number} is yours."]
    assert told(world.alice, world.bob) == []
