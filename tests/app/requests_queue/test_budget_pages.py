"""The budget as a person and as a program read it."""

from __future__ import annotations

import re
import uuid
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from requests_queue.models import BudgetEntry, BudgetPeriod, ExemptKind
from requests_queue.services.deciding import Estimate, decide_request
from requests_queue.services.privacy import make_private
from requests_queue.services.time_log import log_time
from tests.app.requests_queue.books import bumpable
from tests.app.requests_queue.desk import TUESDAY, accepted, filed
from tests.contract.template_rules import rendered
from tests.world import make_admin, make_person

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
URL = "/budget/data-platform/"


@pytest.fixture(autouse=True)
def _now(clock: MovableClock) -> None:
    clock.set(TUESDAY)


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def program(person: Any) -> APIClient:
    made = APIClient()
    made.force_authenticate(person)
    return made


def some_work(world: World) -> None:
    BudgetPeriod.objects.create(
        team=world.data_platform, quarter_start=date(2026, 10, 1), opening_capacity_minutes=10_000, locked_at=TUESDAY
    )
    request = accepted(world)
    log_time(actor=world.alice, request=request, minutes=20, work_date=TUESDAY.date(), idem_key=uuid.uuid4(),
             at=TUESDAY)  # fmt: skip


def test_the_page_and_the_api_show_the_same_figures(world: World) -> None:
    some_work(world)
    page = browser(world.bob).get(URL).content.decode()
    told = program(world.bob).get("/api/v1/budget/data-platform/2026q4/").json()
    assert (told["capacity"], told["floor"], told["cap"]) == (10_000, 500, 1000)
    assert (told["spent"], told["reserved"], told["used"], told["state"]) == (20, 10, 30, "green")
    assert "30 min, 0.3\N{NO-BREAK SPACE}%" in page
    assert re.search(r'<div class="band p2" role="img" aria-label="0.3.% used, agreed band 5.% to 10.%"', page)


def test_before_the_first_entry_the_page_says_what_will_be_here(world: World) -> None:
    page = browser(world.bob).get(URL).content.decode()
    assert "Nothing is booked yet" in page
    assert "No plan is locked" in page
    assert list(rendered(page)) == []


def test_minutes_of_a_person_are_for_them_and_their_lead(world: World) -> None:
    some_work(world)
    assert "Alice Example" in browser(world.alice).get(URL).content.decode()
    entries = re.search(r"Every line(.*)Figures", browser(world.bob).get(URL).content.decode(), re.DOTALL)
    assert entries is not None
    assert "Alice Example" not in entries[1]
    assert [row["person"] for row in program(world.bob).get("/api/v1/budget/data-platform/2026q4/ledger/").json()[
        "results"]] == [None, None]  # fmt: skip
    assert ",alice," not in b"".join(browser(world.bob).get(f"{URL}export.csv")).decode()


def test_the_lines_of_one_person_are_their_own_and_the_leads_to_filter(world: World) -> None:
    some_work(world)
    erin = make_person("erin", team=world.data_platform)
    log_time(actor=erin, request=accepted(world), minutes=25, work_date=TUESDAY.date(), idem_key=uuid.uuid4(),
             at=TUESDAY)  # fmt: skip

    def lines(person: Any, query: str) -> list[int]:
        """The spent minutes of the lines, the same by API and CSV."""
        answer = program(person).get(f"/api/v1/budget/data-platform/2026q4/ledger/?{query}").json()
        found = [row["d_spent"] for row in answer["results"]]
        table = b"".join(browser(person).get(f"{URL}export.csv?{query}")).decode().splitlines()[1:]
        assert [int(line.split(",")[5]) for line in table] == found
        page = browser(person).get(f"{URL}?{query}").content.decode()
        assert all((f"{minutes} min<" in page) is (minutes in found) for minutes in (20, 25))
        return found

    assert lines(world.alice, "person=erin&kind=SPEND") == [25]
    assert lines(world.alice, "person=me&kind=SPEND") == [20]
    assert lines(erin, "person=me&kind=SPEND") == lines(erin, "person=erin&kind=SPEND") == [25]
    assert lines(erin, "person=alice") == lines(world.bob, "person=erin") == []


def test_lines_entered_since_a_day_are_found_and_a_day_that_is_none_is_refused(world: World) -> None:
    some_work(world)
    for day, count in (("2026-11-24", 2), ("2026-11-25", 0)):
        answer = program(world.bob).get(f"/api/v1/budget/data-platform/2026q4/ledger/?since={day}").json()
        page = browser(world.bob).get(f"{URL}?since={day}").content.decode()
        assert (len(answer["results"]), page.count('class="title" href="/requests/REQ-')) == (count, count)
    for url in (URL, f"{URL}export.csv", "/api/v1/budget/data-platform/2026q4/ledger/"):
        assert browser(world.bob).get(f"{url}?since=soon").status_code == 400


def test_outsiders_read_private_work_as_one_sum_of_three_and_never_below(world: World) -> None:
    kind = ExemptKind.objects.get(slug="legal-hold")
    for number in range(3):
        request = filed(world, title=f"Zeppelin {number}", exemption=kind, people=[world.alice])
        estimate = Estimate("exempt", 100)
        decide_request(actor=world.alice, request=request, estimate=estimate, at=TUESDAY)
        log_time(actor=world.alice, request=request, minutes=50, work_date=TUESDAY.date(), idem_key=uuid.uuid4(),
                 at=TUESDAY)  # fmt: skip
        page = browser(world.carol).get(URL).content.decode()
        assert "Zeppelin" not in page
        assert ("Private work, as a sum" in page) is (number == 2)
    told = program(world.carol).get("/api/v1/budget/data-platform/2026q4/ledger/").json()
    assert (told["results"], told["folded"]) == ([], {"spent": 0, "reserved": 0, "exempt": 150})
    assert "Zeppelin 2" in browser(world.alice).get(URL).content.decode()


def test_the_list_costs_the_same_with_many_lines(world: World, django_assert_max_num_queries: Any) -> None:
    some_work(world)
    period = BudgetPeriod.objects.get()
    BudgetEntry.objects.bulk_create([
        BudgetEntry(period=period, seq=n, kind="ADJUST_CAPACITY", d_capacity=1, reason="more", idem_key=uuid.uuid4(),
                    recorded_at=TUESDAY) for n in range(100, 400)
    ])  # fmt: skip
    with django_assert_max_num_queries(8):
        answer = program(world.bob).get("/api/v1/budget/data-platform/2026q4/ledger/")
    assert len(answer.json()["results"]) == 50


def test_time_is_logged_once_by_a_form_and_by_a_program(world: World) -> None:
    request = accepted(world)
    alice, body = browser(world.alice), {"minutes": "20", "work_date": "2026-11-24", "form_key": "key-of-a-form"}
    for _ in range(2):
        assert alice.post(f"/requests/{request.number}/time", body).status_code == 303
    sent = {"request": request.number, "minutes": 20, "work_date": "2026-11-24"}
    url = "/api/v1/budget/data-platform/2026q4/entries/"
    for _ in range(2):
        answer = program(world.alice).post(url, sent, headers={"Idempotency-Key": "k-1"}, format="json")
        assert (answer.status_code, answer.json()["d_spent"]) == (201, 20)
    assert BudgetEntry.objects.filter(kind="SPEND").count() == 2


def test_wrong_minutes_are_refused_at_their_field(world: World) -> None:
    request = accepted(world)
    page = browser(world.alice).post(f"/requests/{request.number}/time", {"minutes": "0", "work_date": "2026-11-24"})
    assert (page.status_code, "Whole minutes" in page.content.decode()) == (422, True)
    assert not BudgetEntry.objects.filter(kind="SPEND").exists()


def test_the_lead_posts_a_change_of_capacity_and_others_do_not(world: World) -> None:
    some_work(world)
    body = {"minutes": "-480", "reason": "Ben left"}
    assert browser(world.carol).post(f"{URL}capacity", body).status_code == 403
    assert browser(world.alice).post(f"{URL}capacity", body).status_code == 303
    assert BudgetEntry.objects.get(kind="ADJUST_CAPACITY").d_capacity == -480


def test_a_private_request_shows_its_lines_to_members_alone(world: World) -> None:
    request = accepted(world)
    make_private(actor=world.bob, request=request, people=[world.alice], reason="legal matter", at=TUESDAY)
    entry = BudgetEntry.objects.get()
    assert browser(world.carol).get(f"/budget/entries/{entry.pk}/reverse").status_code == 404
    assert browser(world.carol).get("/budget/entries/999999/reverse").status_code == 404
    assert program(world.carol).get("/api/v1/budget/data-platform/2026q4/ledger/").json()["results"] == []


def test_what_may_give_way_is_chosen_by_its_name(world: World) -> None:
    some_work(world)
    item = bumpable(world)
    request = filed(world, kind="extract")
    decide_request(actor=world.alice, request=request, estimate=Estimate("complex", 600), at=TUESDAY)
    alice = browser(world.alice)
    assert (
        f'<option value="{item.pk}">{item.rank}. {item.title}</option>'
        in alice.get(request.get_absolute_url()).content.decode()
    )
    body = {"reason": "too short", "gives_way": str(item.pk)}
    refused = alice.post(f"/requests/{request.number}/do/propose", body)
    assert refused.status_code == 422
    assert f'<option value="{item.pk}" selected>' in refused.content.decode()


def test_the_short_address_leads_who_has_no_team_to_one_that_takes_requests(world: World) -> None:
    assert browser(make_admin()).get("/budget/", follow=True).status_code == 200
    assert browser(world.alice).get("/budget/")["Location"] == URL
