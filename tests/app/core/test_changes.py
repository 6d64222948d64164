"""What a process remembers of what it told somebody, and what ends that memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal.core.clock import now
from portal.core.queries.changes import DOWNLOADED, UntilChanged
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


class Counting:
    """Finds how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, viewer: Person, at: datetime) -> int:
        self.asked += 1
        return self.asked


@pytest.fixture(autouse=True)
def _on_the_minute(clock: MovableClock) -> None:
    clock.set(now().replace(second=0, microsecond=0))


def _write(actor: Person) -> None:
    record_audit(actor=actor, verb="accounts.profile_changed", subject=actor, at=now())


def test_a_write_of_anybody_ends_what_must_be_true_now(world: World) -> None:
    told = UntilChanged(Counting())
    assert [told(world.alice, now()), told(world.alice, now())] == [1, 1]
    _write(world.bob)
    assert told(world.alice, now()) == 2


def test_a_count_beside_the_page_outlives_the_writes_of_others_for_twenty_seconds(
    world: World, clock: MovableClock
) -> None:
    told = UntilChanged(Counting(), beside=True)
    assert told(world.alice, now()) == 1
    _write(world.bob)
    clock.advance(seconds=19)
    assert told(world.alice, now()) == 1
    clock.advance(seconds=1)
    assert told(world.alice, now()) == 2


def test_ones_own_write_is_seen_at_once(world: World) -> None:
    told = UntilChanged(Counting(), beside=True)
    assert [told(world.alice, now()), told(world.bob, now())] == [1, 2]
    _write(world.alice)
    assert [told(world.alice, now()), told(world.bob, now())] == [3, 2]


def test_a_page_asks_for_the_counts_again_only_after_twenty_seconds(
    world: World, client: Client, clock: MovableClock, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(world.alice)
    client.get("/styleguide/")
    _write(world.bob)
    with django_assert_num_queries(7):
        client.get("/styleguide/")


def test_a_download_changes_nothing_and_ends_no_memory(world: World) -> None:
    told, beside = UntilChanged(Counting()), UntilChanged(Counting(), beside=True)
    assert [told(world.alice, now()), beside(world.alice, now())] == [1, 1]
    record_audit(actor=world.alice, verb=DOWNLOADED, subject=world.alice, at=now())
    assert [told(world.alice, now()), beside(world.alice, now())] == [1, 1]
