"""Kinds with a Celery task of their own are left to living workers, and taken when they do not come."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from portal.core.clock import now
from portal.engine.registries import deadline_kinds
from portal.engine.services.heartbeats import beat
from portal.engine.services.hinting import hinter
from portal.engine.services.ticking import fire_kinds, tick
from tests.app.engine.house import KIND

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.engine.models import Deadline
    from tests.app.engine.house import House
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker_first(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The step of the house has a task; a broker is configured (in memory)."""
    hinter.cache_clear()
    monkeypatch.setattr(settings, "ENV", replace(settings.ENV, redis_url="memory://"))
    entry = deadline_kinds.get(KIND)
    assert entry is not None
    monkeypatch.setitem(deadline_kinds._entries, KIND, replace(entry, worker_task="house.fire"))


def test_while_a_worker_lives_the_engine_waits_two_seconds(
    worker_first: None, arm: Callable[..., Deadline], clock: MovableClock
) -> None:
    beat(component="worker", instance="w1")
    deadline = arm()
    tick(component="engine")
    deadline.refresh_from_db()
    assert deadline.state == "armed"
    clock.advance(seconds=3)
    tick(component="engine")
    deadline.refresh_from_db()
    assert (deadline.state, deadline.fired_by.split(":")[0]) == ("fired", "engine")


def test_without_a_worker_the_engine_takes_everything_at_once(worker_first: None, arm: Callable[..., Deadline]) -> None:
    deadline = arm()
    tick(component="engine")
    deadline.refresh_from_db()
    assert deadline.state == "fired"


def test_the_rooms_task_fires_its_own_kinds_and_says_so(worker_first: None, arm: Callable[..., Deadline]) -> None:
    deadline = arm()
    assert fire_kinds(kinds=["other.kind"], at=now()) == 0
    assert fire_kinds(kinds=[KIND], at=now()) == 1
    deadline.refresh_from_db()
    assert deadline.fired_by.split(":")[0] == "worker"
