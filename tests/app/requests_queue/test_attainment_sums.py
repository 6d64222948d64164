"""The sums of promises by day say what the clocks say, in whole days and in parts of them."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest

from requests_queue.handlers import run_attainment
from requests_queue.models import AttainmentDay, ExemptKind
from requests_queue.queries.attainment import GROUPS, attainment
from requests_queue.services.clocks import excuse_breach
from requests_queue.services.concluding import answer_request
from requests_queue.services.privacy import make_private
from requests_queue.services.summing import sum_attainment
from requests_queue.services.working import reopen_request, resolve_request
from tests.app.requests_queue.desk import TUESDAY, filed, started

if TYPE_CHECKING:
    from requests_queue.models import DataRequest
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = TUESDAY + 8 * DAY
PERIODS = [(TUESDAY - 9 * DAY, LATER), (TUESDAY - HOUR, TUESDAY + 2 * HOUR), (TUESDAY + HOUR, TUESDAY + 2 * DAY)]


def told(**more: Any) -> list[Any]:
    """Every cell of every grouping of some periods, with its seconds in order."""
    groups = [chosen for size in range(1, 5) for chosen in combinations(GROUPS, size)]
    return [
        (key, [(cell.key, cell.met, cell.premature, cell.breached, cell.excused, sorted(cell.seconds))
               for cell in attainment(start=start, end=end, group_by=key, at=LATER, **more)])
        for key in groups
        for start, end in PERIODS
    ]  # fmt: skip


@pytest.fixture
def late(world: World, clock: MovableClock) -> DataRequest:
    """Some kept, some broken, one urgent, one private, one that still runs late; the broken one."""
    clock.set(LATER)
    for n in range(3):
        answer_request(actor=world.alice, request=filed(world), body="Yes", at=TUESDAY + n * HOUR)
    answer_request(actor=world.alice, request=filed(world, use_token=True), body="Yes", at=TUESDAY + HOUR)
    broken, secret = filed(world), filed(world, exemption=ExemptKind.objects.all()[0], people=[world.alice])
    answer_request(actor=world.alice, request=broken, body="Sorry", at=TUESDAY + 30 * HOUR)
    answer_request(actor=world.alice, request=secret, body="Yes", at=TUESDAY + HOUR)
    filed(world)
    return broken


def test_summed_days_and_clocks_give_the_same_cells(world: World, late: DataRequest) -> None:
    before = told(), told(team="data-platform")
    assert sum_attainment(at=LATER) == 8
    assert AttainmentDay.objects.filter(is_private=True).count() == 3
    assert (told(), told(team="data-platform")) == before


def test_a_second_night_changes_nothing_and_a_missed_one_is_made_up_for(world: World, late: DataRequest) -> None:
    sum_attainment(at=TUESDAY + DAY)
    sum_attainment(at=LATER)
    cells = list(AttainmentDay.objects.order_by("pk").values_list("day", "clock", "met", "breached", "seconds"))
    assert run_attainment({}, None)["days"] < 8  # type: ignore[arg-type]  # the job tells no progress
    again = AttainmentDay.objects.order_by("pk").values_list("day", "clock", "met", "breached", "seconds")
    assert sorted(map(str, again)) == sorted(map(str, cells))


def test_an_excuse_counts_at_once_and_leaves_the_raw_figure(world: World, late: DataRequest) -> None:
    sum_attainment(at=LATER)

    def figures() -> tuple[float | None, float | None, int]:
        cells = attainment(start=PERIODS[0][0], end=LATER, at=LATER)
        cell = next(cell for cell in cells if cell.key == ("first_response",))
        return cell.raw, cell.without_excused, cell.excused

    raw, _, excused = figures()
    excuse_breach(actor=world.alice, clock=late.clocks.get(kind="first_response"),
                  reason="the office had no power all day", at=LATER)  # fmt: skip
    assert figures()[0] == raw
    assert (excused, figures()[2]) == (0, 1)


def test_what_is_not_solved_and_what_becomes_private_are_moved_in_the_sums_at_once(
    world: World, late: DataRequest
) -> None:
    done = started(world)
    resolve_request(actor=world.alice, request=done, result="Done", at=TUESDAY + 2 * HOUR)
    sum_attainment(at=LATER)
    reopen_request(actor=world.bob, request=done, reason="not_solved", at=TUESDAY + 5 * DAY)
    make_private(actor=world.alice, request=late, people=[world.alice], reason="names of customers", at=LATER)
    summed = told()
    assert summed[0][1] != []
    AttainmentDay.objects.all().delete()
    assert told() == summed
