"""Two people at once, on two connections: the books stay a sum, and the last hour is given away once."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from portal.core.errors import DomainError
from requests_queue.models import BudgetEntry, BudgetPeriod, DataRequest, UrgencyToken
from requests_queue.services.deciding import Estimate, decide_request
from requests_queue.services.quarters import adjust_capacity
from requests_queue.services.time_log import log_time, reverse_entry
from requests_queue.services.working import withdraw_request
from tests.app.requests_queue.desk import TUESDAY, filed
from tests.world import make_person, make_world

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
Act = Callable[[], object]
# In the suite and in `make test-full` (spec budget 14.4).
ROUNDS = (12, pytest.param(200, marks=pytest.mark.slow))
SUMS = {"spent": "d_spent", "reserved": "d_reserved", "exempt": "d_exempt", "adjusted": "d_capacity"}


def together(*acts: Act) -> list[str]:
    """Run the acts at the same moment, each on a connection of its own; "ok" or the code of the refusal."""
    gate = threading.Barrier(len(acts))

    def run(act: Act) -> str:
        try:
            gate.wait(10)
            act()
        except DomainError as refusal:
            return refusal.code
        finally:
            connection.close()
        return "ok"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def books(world: World, capacity: int) -> BudgetPeriod:
    return BudgetPeriod.objects.create(
        team=world.data_platform, quarter_start=date(2026, 10, 1), opening_capacity_minutes=capacity, locked_at=TUESDAY
    )


def decide(world: World, request: DataRequest, minutes: int) -> Act:
    estimate = Estimate("quick_win", minutes)
    return lambda: decide_request(actor=world.alice, request=request, estimate=estimate, at=TUESDAY)


def sums() -> dict[str, int]:
    found = BudgetEntry.objects.aggregate(**{name: Sum(column) for name, column in SUMS.items()})
    return {name: int(value or 0) for name, value in found.items()}


@pytest.mark.parametrize("rounds", ROUNDS)
def test_two_triagers_never_both_take_the_last_hour(rounds: int) -> None:
    world = make_world()
    period = books(world, 600)  # K is 60 minutes
    for _ in range(rounds):
        pair = [filed(world, kind="extract"), filed(world, kind="extract")]
        assert together(*(decide(world, request, 60) for request in pair)) == ["ok", "ok"]
        states = sorted(DataRequest.objects.filter(pk__in=[one.pk for one in pair]).values_list("state", flat=True))
        assert states == ["accepted", "queued"]
        queued = DataRequest.objects.get(state="queued")
        withdraw_request(actor=world.bob, request=queued, at=TUESDAY)
        withdraw_request(actor=world.bob, request=DataRequest.objects.get(state="accepted"), at=TUESDAY)
        period.refresh_from_db()
        assert (period.reserved, sums()["reserved"]) == (0, 0)


def test_one_key_ten_times_at_once_posts_one_entry() -> None:
    world = make_world()
    books(world, 60_000)
    request, key = filed(world, kind="extract"), uuid.uuid4()
    decide(world, request, 60)()

    def post() -> object:
        return log_time(
            actor=world.alice, request=request, minutes=30, work_date=TUESDAY.date(), idem_key=key, at=TUESDAY
        )

    assert set(together(*[post] * 10)) == {"ok"}
    assert BudgetEntry.objects.filter(kind="SPEND").count() == 1


def test_the_fourth_token_is_refused_in_two_posts_at_once_and_a_returned_one_is_spent_again() -> None:
    world = make_world()
    urgent = [filed(world, use_token=True) for _ in range(2)]
    assert sorted(together(*[lambda: filed(world, use_token=True)] * 3)) == ["ok"] + ["requests.no_token"] * 2
    assert UrgencyToken.objects.filter(returned_at=None).count() == 3
    withdraw_request(actor=world.bob, request=urgent[0], at=TUESDAY)
    assert UrgencyToken.objects.get(request=urgent[0]).return_reason == "withdrawn"
    filed(world, use_token=True)
    assert DataRequest.objects.filter(urgency="urgent").count() == 4


class Ledger(RuleBasedStateMachine):
    """Pairs of acts at once; after each pair the cached balances are the sum of the entries."""

    def __init__(self) -> None:
        super().__init__()
        self.world, self.erin = CAST[0]
        self.open: list[DataRequest] = []
        self.day = 0

    def _file(self) -> DataRequest:
        request = filed(self.world, kind="extract")
        self.open.append(request)
        return request

    @rule(first=st.integers(1, 200), second=st.integers(1, 200))
    def decide_two(self, first: int, second: int) -> None:
        together(decide(self.world, self._file(), first), decide(self.world, self._file(), second))

    @precondition(lambda self: bool(self.open))
    @rule(first=st.integers(1, 120), second=st.integers(1, 120), pick=st.integers(0, 99))
    def spend_on_one_request_at_once(self, first: int, second: int, pick: int) -> None:
        request = self.open[pick % len(self.open)]
        self.day = (self.day + 1) % 50
        on = TUESDAY.date() - timedelta(days=self.day)

        def spend(person: Person, minutes: int) -> Act:
            return lambda: log_time(
                actor=person, request=request, minutes=minutes, work_date=on, idem_key=uuid.uuid4(), at=TUESDAY
            )

        together(spend(self.world.alice, first), spend(self.erin, second))

    @precondition(lambda self: bool(self.open))
    @rule(pick=st.integers(0, 99), minutes=st.integers(-500, 500).filter(bool))
    def close_one_while_capacity_changes(self, pick: int, minutes: int) -> None:
        request = self.open.pop(pick % len(self.open))
        team = self.world.data_platform
        together(
            lambda: withdraw_request(actor=self.world.bob, request=request, at=TUESDAY),
            lambda: adjust_capacity(actor=self.world.alice, team=team, minutes=minutes, reason="test", at=TUESDAY),
        )

    @precondition(lambda _: BudgetEntry.objects.filter(kind="SPEND", reversal=None).exists())
    @rule(pick=st.integers(0, 99))
    def reverse_one_entry_twice_at_once(self, pick: int) -> None:
        entries = list(BudgetEntry.objects.filter(kind="SPEND", reversal=None).order_by("pk"))
        entry = entries[pick % len(entries)]
        again = lambda: reverse_entry(actor=self.world.alice, entry=entry, reason="wrong", at=TUESDAY)  # noqa: E731
        assert sorted(together(again, again)) == ["budget.already_reversed", "ok"]

    @invariant()
    def the_cache_is_the_sum(self) -> None:
        period = BudgetPeriod.objects.get()
        assert {name: getattr(period, name) for name in SUMS} == sums()
        assert list(BudgetEntry.objects.order_by("seq").values_list("seq", flat=True)) == list(
            range(1, period.last_seq + 1)
        )

    @invariant()
    def no_reservation_is_negative_or_larger_than_what_was_asked(self) -> None:
        rows = BudgetEntry.objects.values("request", "request__estimate_minutes").exclude(request=None)
        for row in rows.annotate(left=Sum("d_reserved")):
            assert 0 <= row["left"] <= row["request__estimate_minutes"]


CAST: list[tuple[World, Person]] = []


def test_the_books_are_a_sum_whatever_happens_at_once() -> None:
    world = make_world()
    books(world, 20_000)
    CAST[:] = [(world, make_person("erin", team=world.data_platform))]
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=5, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
