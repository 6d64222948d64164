"""Channels without a network are not held to a few sends at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from portal.engine.services.delivering import send_overdue
from portal.engine.services.firing import fire_batch
from portal.engine.services.sending import SenderPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.app.engine.house import House

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool() -> Iterator[SenderPool]:
    made = SenderPool(threads=8, per_host=4)
    yield made
    made.close()


@pytest.mark.parametrize(("is_local", "started"), [(True, 30), (False, 4)])
def test_only_what_needs_no_network_is_claimed_by_the_hundred(
    house: House, arm: Callable[..., Any], pool: SenderPool, *, is_local: bool, started: int
) -> None:
    house.phone.is_local = is_local
    for number in range(30):
        arm(number)
    fire_batch(by="test")
    assert send_overdue(pool=pool, overdue_by=0.0) == started
