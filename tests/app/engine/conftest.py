"""The tiny room of `house.py`, registered for one test."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from portal.accounts.models import Person
from portal.core import registries as core
from portal.core.clock import now
from portal.engine import registries as engine
from portal.engine.domain.subjects import Subject
from portal.engine.services.arming import arm_deadline
from tests.app.engine.house import KIND, TYPE, House, Phone, Steps, Things, Ways

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from portal.engine.models import Deadline


def _person(handle: str) -> Person:
    person: Person = Person.objects.create(handle=handle, name=handle.title(), joined_at=now())
    return person


@pytest.fixture
def house(db: None) -> Iterator[House]:
    """Alice is paged, Bob is the organization's fallback."""
    alice, bob = _person("engine-alice"), _person("engine-bob")
    steps, things, phone, ways = Steps(alice.pk), Things(), Phone(), Ways(bob.pk)
    with core.reopened():
        engine.routers.restore({"router": ways})
        engine.register_deadline_kind(KIND, steps, "rebase")
        engine.register_notice_kind(
            "house.page", "page", ["what"], acknowledgeable=True, title="Thing {what}", text="Look at {what}"
        )
        engine.register_notice_kind(
            "house.info", "info", ["what"], acknowledgeable=False, title="Note {what}", text="{what}"
        )
        engine.register_subject(TYPE, things)
        engine.register_channel(phone)
        yield House(steps, things, phone, ways, alice, bob)


@pytest.fixture
def arm(house: House) -> Callable[..., Deadline]:
    """Arm a step of a thing, due now unless said otherwise."""

    def _arm(number: int = 1, *, step: int = 0, seconds: float = 0.0) -> Deadline:
        at = now()
        subject = Subject(TYPE, number)
        due = at + _seconds(seconds)
        return arm_deadline(actor=house.alice, kind=KIND, subject=subject, step=step, due_at=due, at=at)

    return _arm


def _seconds(count: float) -> timedelta:
    return timedelta(seconds=count)
