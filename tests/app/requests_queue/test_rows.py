"""What a line of a list says about time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from requests_queue.queries.listing import listed_requests
from requests_queue.rows import request_row
from requests_queue.services.working import wait_on_upstream
from tests.app.requests_queue.books import decided, period_of
from tests.app.requests_queue.desk import TUESDAY, filed, started

if TYPE_CHECKING:
    from tests.world import World

pytestmark = pytest.mark.django_db
LATER = TUESDAY + timedelta(days=20)


def test_a_request_without_a_running_clock_is_waiting_and_never_late(world: World) -> None:
    wait_on_upstream(actor=world.alice, request=started(world), reason="Payments repairs the feed", at=TUESDAY)
    row = request_row(listed_requests(world.bob).get(), "UTC", LATER)
    assert (row.side, row.side_css) == ("waiting", "muted")


def test_a_request_with_a_broken_running_promise_is_late(world: World) -> None:
    filed(world)
    assert request_row(listed_requests(world.bob).get(), "UTC", LATER).side.startswith("late since")


def test_what_was_put_off_has_no_date_wherever_it_is_listed(world: World) -> None:
    period_of(world.data_platform)
    request = decided(world, 900, lane="complex")
    assert (request.state, request_row(request, "UTC", TUESDAY).side) == ("deferred", "waits for the plan")
