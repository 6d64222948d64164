"""Sums around private work: what outsiders, members and letters are told, and what is decided by."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from portal.core.models import AuditEntry
from portal.engine.models import Notice
from requests_queue.domain.states import State
from requests_queue.models import BudgetPeriod, DecisionLetter
from requests_queue.queries.budget import budget_for, outlook_of
from requests_queue.queries.load import adhoc_minutes, open_clocks
from requests_queue.services.deciding import Estimate, decide_request
from requests_queue.services.privacy import make_private
from requests_queue.services.quarters import close_quarter
from requests_queue.services.working import start_work
from tests.app.requests_queue.books import decided, period_of, worked
from tests.app.requests_queue.desk import TUESDAY, filed
from tests.world import make_person

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from requests_queue.models import DataRequest
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
ALWAYS_SAID = "in these figures only where at least three"
LEDGER = "/api/v1/budget/data-platform/2026q4/ledger/"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _now(clock: MovableClock) -> None:
    clock.set(TUESDAY)


def get(person: Person, path: str) -> Any:
    client = Client()
    client.force_login(person)
    return client.get(path)


def secret(world: World, minutes: int, spent: int = 0) -> DataRequest:
    """Alice and Bob know of it; it was taken in at the desk, so it counts in the budget."""
    request = filed(world, kind="extract", title="Zeppelin")
    make_private(actor=world.bob, request=request, people=[world.alice], reason="names of customers", at=TUESDAY)
    request.refresh_from_db()
    decide_request(actor=world.alice, request=request, estimate=Estimate("quick_win", minutes), at=TUESDAY)
    if spent:
        worked(start_work(actor=world.alice, request=request, at=TUESDAY), world.alice, spent)
    return request


def figures(person: Person) -> dict[str, Any]:
    """Everything that is said of the books of Data Platform: page, ledger, report, forecast and plan."""
    page = get(person, "/budget/data-platform/").content.decode()
    view = budget_for(person, BudgetPeriod.objects.get().team, TUESDAY)
    return {
        "api": get(person, "/api/v1/budget/data-platform/2026q4/").json(), "said": ALWAYS_SAID in page,
        "page": page[page.index("Ad-hoc work</h2>") : page.index("How this desk answers")],
        "ledger": get(person, LEDGER).json(), "forecast": outlook_of(view, TUESDAY),
        "uses": {row["use"]: row["minutes"] for row in get(person, "/api/v1/reports/quarter/").json()["rows"]},
    }  # fmt: skip


def test_one_or_two_secrets_leave_every_figure_of_an_outsider_as_it_was(world: World) -> None:
    period_of(world.data_platform, 10_000)
    worked(start_work(actor=world.alice, request=decided(world, 60), at=TUESDAY), world.alice, 30)
    before = figures(world.carol)
    assert (before["api"]["spent"], before["api"]["reserved"], before["said"]) == (30, 30, True)
    for _ in range(2):
        secret(world, 90, spent=40)
        assert figures(world.carol) == before
    inside = figures(world.alice)
    assert (inside["api"]["spent"], inside["api"]["reserved"], inside["said"]) == (110, 130, True)
    assert inside["uses"] == {"Ad-hoc: one-off extract": 110}


def test_from_three_on_their_sum_is_one_row_and_the_members_see_them_by_kind(world: World) -> None:
    period_of(world.data_platform, 10_000)
    for _ in range(3):
        secret(world, 90, spent=40)
    told = figures(world.carol)
    assert (told["api"]["spent"], told["api"]["reserved"]) == (120, 150)
    assert told["uses"] == {"Ad-hoc: private, as a sum": 120}
    assert (told["ledger"]["results"], told["ledger"]["folded"]) == ([], {"spent": 120, "reserved": 150, "exempt": 0})
    assert told["page"].count("Private work, as a sum") == 3  # the ledger, by kind and by asking team
    assert figures(world.alice)["uses"] == {"Ad-hoc: one-off extract": 120}


def test_the_books_decide_by_all_work_whatever_an_outsider_sees(world: World) -> None:
    period_of(world.data_platform, 4_000)  # F 200, K 400
    secret(world, 110), secret(world, 80)
    assert budget_for(world.carol, world.data_platform, TUESDAY).state == "green"
    decided(world, 20)
    last = decided(world, 110)
    assert [event.data["ruling"] for event in last.events.filter(to_state=State.ACCEPTED)] == ["ACCEPT_AMBER"]


def test_a_letter_says_what_everybody_may_see_and_that_more_may_count(world: World) -> None:
    period_of(world.data_platform, 2_000)  # F 100, K 200
    secret(world, 110), secret(world, 80)
    assert decided(world, 100).state == State.QUEUED
    letter = DecisionLetter.objects.get()
    assert (letter.numbers["used_minutes"], letter.numbers["used"], letter.numbers["place"]) == ("0", "0.0 %", "1")
    assert "Work in confidence counts as well" in letter.body


def test_a_lead_outside_hears_of_the_band_as_they_see_it(world: World) -> None:
    period_of(world.data_platform, 4_000)  # F 200, K 400
    outside = make_person("lena", team=world.data_platform, role="lead")
    secret(world, 110), secret(world, 100)
    notices = Notice.objects.filter(kind="requests.budget_band")
    assert [(one.recipient, one.context["used"]) for one in notices.all()] == [(world.alice, "5.2 %")]
    decided(world, 30)
    assert notices.count() == 1
    secret(world, 10)
    told = notices.exclude(recipient=world.alice)
    assert [(one.recipient, one.context["used"]) for one in told] == [(outside, "6.2 %")]


def test_the_load_of_a_person_holds_private_work_for_who_knows_of_it(world: World) -> None:
    period_of(world.data_platform)
    outside = make_person("lena", team=world.data_platform, role="lead")
    worked(start_work(actor=world.alice, request=decided(world, 60), at=TUESDAY), world.alice, 30)
    window = TUESDAY - 2 * DAY, TUESDAY + DAY

    def seen(viewer: Person) -> tuple[int, int]:
        minutes, clocks = (found([world.alice.pk], *window, viewer) for found in (adhoc_minutes, open_clocks))
        return minutes[world.alice.pk], clocks[world.alice.pk]

    before = seen(outside)
    assert (before, seen(world.alice)) == (seen(world.alice), before)
    secret(world, 90, spent=20), secret(world, 90, spent=20)
    assert seen(outside) == before
    assert seen(world.alice) == (70, 3 * before[1])
    secret(world, 90, spent=20)
    assert seen(outside) == seen(world.alice) == (90, 4 * before[1])


def test_the_overdraft_of_the_next_quarter_holds_what_everybody_may_see(world: World) -> None:
    period = period_of(world.data_platform, 10_000)  # K 1,000
    secret(world, 90, spent=200), secret(world, 90, spent=200)
    worked(start_work(actor=world.alice, request=decided(world, 120), at=TUESDAY), world.alice, 900)
    close_quarter(period=period, at=datetime(2027, 1, 8, 9, 0, tzinfo=UTC))
    assert BudgetPeriod.objects.get(quarter_start=date(2027, 1, 1)).overdraft_minutes == 0
    assert AuditEntry.objects.get(verb="requests.quarter_closed").after["spent"] == 900
