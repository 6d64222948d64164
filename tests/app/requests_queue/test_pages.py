"""The pages of requests, as a browser without a script sees them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from portal.core import clock as portal_clock
from portal.engine.models import Notice
from requests_queue.models import DataRequest, SlaClock, Supporter
from requests_queue.services.privacy import make_private
from requests_queue.services.talking import post_message
from requests_queue.services.working import ask_requester
from tests.app.requests_queue.books import decided, period_of
from tests.app.requests_queue.desk import TUESDAY, accepted, filed, started
from tests.contract.template_rules import rendered

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
FORM = {"title": "Why is net GMV lower than in finance", "kind": "question", "team": "data-platform"}


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_form_shows_by_when_and_the_clocks_keep_it(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    bob = browser(world.bob)
    page = bob.get("/requests/new?team=data-platform&kind=question")
    assert "by today 12:00" in page.content.decode()
    promised = page.context["promised"]
    clock.set(TUESDAY)
    answer = bob.post("/requests/new", FORM)
    assert answer.status_code == 303
    made = dict(SlaClock.objects.values_list("kind", "due_at"))
    for promise in promised.promises:
        assert abs(made[promise.kind] - promise.due_at) < timedelta(seconds=2)


def test_a_double_click_files_once(world: World) -> None:
    bob = browser(world.bob)
    body = FORM | {"form_key": "0d7e7f7e-0000-4000-8000-000000000001"}
    assert bob.post("/requests/new", body)["Location"] == bob.post("/requests/new", body)["Location"]
    assert DataRequest.objects.count() == 1


def test_what_is_wrong_is_shown_at_its_field_and_kept(world: World) -> None:
    page = browser(world.bob).post("/requests/new", FORM | {"wanted_by": "2020-01-01", "body": "keep me"})
    text = page.content.decode()
    assert (page.status_code, DataRequest.objects.count()) == (422, 0)
    assert "This day is over" in text
    assert "keep me" in text


def test_a_megabyte_is_refused_with_the_field_named(world: World) -> None:
    page = browser(world.bob).post("/requests/new", FORM | {"body": "x" * 1_000_000})
    assert (page.status_code, DataRequest.objects.count()) == (422, 0)
    assert "At most 64 KB" in page.content.decode()


@pytest.mark.parametrize("path", ["/requests/", "/requests/new", "/triage/", "/requests/{n}", "/requests/{n}/clock"])
def test_every_page_keeps_the_rules_of_the_look(world: World, path: str) -> None:
    number = filed(world).number
    page = browser(world.alice).get(path.format(n=number))
    assert page.status_code == 200
    own = re.sub(r'<nav class="side".*?</nav>', "", page.content.decode(), flags=re.DOTALL)
    assert [fault for fault in rendered(own) if "aria-current" not in fault] == []


def test_a_filter_that_does_not_fit_is_named(world: World) -> None:
    page = browser(world.bob).get("/requests/?state=banana")
    assert page.status_code == 400
    assert "State: Select a valid choice. banana is not one of the available choices." in page.content.decode()


def test_an_empty_list_asks_for_a_first_request_and_a_filtered_one_to_be_cleared(world: World) -> None:
    pages = [browser(world.bob).get(f"/requests/{query}").content.decode() for query in ("", "?q=nowhere")]
    assert ["No requests yet" in page for page in pages] == [True, False]
    assert ["No request matches" in page for page in pages] == [False, True]


def test_the_list_costs_at_most_eight_queries(world: World, django_assert_max_num_queries: Any) -> None:
    for _ in range(12):
        filed(world)
    bob = browser(world.bob)
    bob.get("/requests/")
    with django_assert_max_num_queries(8 + 3):  # session, user and the count of the side navigation come on top
        bob.get("/requests/?state=open")


def test_the_page_costs_at_most_fifteen_queries(world: World, django_assert_max_num_queries: Any) -> None:
    request = started(world)
    alice = browser(world.alice)
    alice.get("/requests/")
    with django_assert_max_num_queries(15 + 3):  # session, user and the count of the side navigation come on top
        alice.get(f"/requests/{request.number}")


def test_the_same_404_for_a_private_and_an_unknown_request(world: World) -> None:
    request = filed(world)
    make_private(actor=world.bob, request=request, people=[world.alice], reason="legal matter", at=TUESDAY)
    number, carol = DataRequest.objects.get().number, browser(world.carol)
    hidden, unknown = carol.get(f"/requests/{number}"), carol.get("/requests/PRV-ZZZZZZ")
    assert hidden.status_code == unknown.status_code == 404
    strip = re.compile(rb"PRV.[0-9A-Z]{6}|ZZZZZZ|csrf[^>]*|" + number[4:].encode())
    assert strip.sub(b"", hidden.content) == strip.sub(b"", unknown.content)
    assert number not in carol.get("/requests/").content.decode()
    assert number not in carol.get("/search?q=GMV").content.decode()


def test_one_key_of_the_desk_accepts_and_shows_the_next(world: World) -> None:
    request = filed(world)
    alice = browser(world.alice)
    answer = alice.post(
        f"/requests/{request.number}/do/decide", {"lane": "quick_win", "next": "triage", "version": "1"}
    )
    assert (answer.status_code, answer["Location"]) == (303, "/triage/")
    assert DataRequest.objects.get().estimate_minutes == 60
    page = alice.get("/triage/").content.decode()
    assert f"{request.number}: accepted." in page
    assert "The desk is empty" in page


def test_an_outsider_sees_no_desk(world: World) -> None:
    filed(world)
    assert "The desk is empty" in browser(world.dave).get("/triage/").content.decode()


def test_an_old_version_of_the_page_is_told(world: World) -> None:
    request = accepted(world)
    page = browser(world.alice).post(f"/requests/{request.number}/do/start", {"version": "1"})
    assert page.status_code == 422
    assert "It has changed since" in page.content.decode()


def test_joining_by_the_page(world: World) -> None:
    request = filed(world)
    browser(world.dave).post(f"/requests/{request.number}/join", {"text": "me too"})
    assert Supporter.objects.get().wording == "me too"


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](http://evil.example/x.png)",
        "<img src=x onerror=alert(1)>", "[x](data:text/html;base64,PHNjcmlwdD4=)", "<a href='x' onclick=y>z</a>",
        "<svg onload=alert(1)>", "`<b>`<iframe src=//evil.example>", "[x](vbscript:msgbox)", "<style>*{}</style>",
    ],
)  # fmt: skip
def test_markdown_of_strangers_is_inert(world: World, attack: str) -> None:
    request = filed(world)
    post_message(actor=world.bob, request=request, body=attack, at=TUESDAY)
    page = browser(world.alice).get(f"/requests/{request.number}").content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    said = main[main.index("What happened") :]
    live = r"<(script|iframe|img|style)\b|<[^>]*\son[a-z]+=|href=\"(javascript|data|vbscript)"
    assert not re.search(live, said)


def test_the_page_says_whose_turn_it_is(world: World) -> None:
    asked = started(world)
    ask_requester(actor=world.alice, request=asked, question="Which month?", at=TUESDAY)
    mine = browser(world.bob).get(asked.get_absolute_url()).context["standing"]
    theirs = browser(world.carol).get(asked.get_absolute_url()).context["standing"]
    assert (mine.title, mine.action.url) == ("The team asks you something", "#message-text")
    assert (theirs.title, theirs.action) == (f"Waits for a reply by {world.bob.name}", None)


def test_who_waits_for_the_lead_or_for_room_reads_until_when_and_in_which_place(
    world: World, clock: MovableClock
) -> None:
    clock.set(TUESDAY)
    period_of(world.data_platform, 4_000)
    decided(world, 150)
    medium = decided(world, 220)
    for _ in range(2):
        decided(world, 110)
    hidden, line = decided(world, 100), decided(world, 100)
    states = [DataRequest.objects.get(pk=one.pk).state for one in (medium, hidden, line)]
    assert states == ["awaiting_approval", "queued", "queued"]
    bob = browser(world.bob)
    told = bob.get(medium.get_absolute_url()).context["standing"]
    assert told.line.startswith("It fits only with their word. They answer by tomorrow 10:00; then the leads above")
    assert bob.get(line.get_absolute_url()).context["standing"].title == "Number 2 in line"
    make_private(actor=world.bob, request=hidden, people=[world.alice], reason="legal matter", at=TUESDAY)
    assert bob.get(line.get_absolute_url()).context["standing"].title == "Number 1 in line"


def test_what_happened_in_one_instant_stands_in_its_order_and_before_what_was_said_with_it(world: World) -> None:
    request = accepted(world)
    post_message(actor=world.alice, request=request, body="Here you are.", at=TUESDAY)
    rows = browser(world.bob).get(request.get_absolute_url()).context["timeline"]
    assert [row.title.partition(".")[0] for row in rows] == [
        "Bob Example: asked", "Alice Example: read at the desk", "Alice Example: accepted", "Alice Example"
    ]  # fmt: skip


def test_a_title_that_a_sheet_would_run_is_quoted_in_the_download(world: World) -> None:
    filed(world, title="=HYPERLINK(1) and four more words")
    text = b"".join(browser(world.bob).get("/requests/export.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert ",'=HYPERLINK" in text


def test_a_request_is_copied_as_a_line_for_programs(world: World) -> None:
    request = filed(world)
    page = browser(world.bob).get(request.get_absolute_url()).content.decode()
    line = re.search(r'data-copy="curl [^"]*(/api/v1/requests/[^"]*)"', page)
    assert line is not None
    program = APIClient()
    program.force_authenticate(world.bob)
    assert program.get(line[1]).json()["number"] == request.number


def test_a_draft_comes_back(world: World) -> None:
    bob = browser(world.bob)
    bob.post("/requests/draft", {"title": "Half a thought", "kind": "extract"})
    assert "Half a thought" in bob.get("/requests/new").content.decode()


def test_my_day_holds_what_i_asked_and_what_i_have(world: World) -> None:
    started(world)
    assert "You asked" in browser(world.bob).get("/").content.decode()
    assert "In your hands" in browser(world.alice).get("/").content.decode()


def test_form_api_and_mail_promise_the_due_instants_of_the_clocks_to_the_second(
    world: World, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the week of a clock change, with the time standing still for the length of the test."""
    at = TUESDAY.replace(month=10, day=23, hour=15, minute=17, second=41)
    clock.set(at)
    monkeypatch.setattr(portal_clock, "process_clock", lambda: at)
    bob = browser(world.bob)
    shown = bob.get("/requests/new?team=data-platform&kind=extract").context["promised"]
    assert bob.post("/requests/new", FORM | {"kind": "extract"}).status_code == 303
    program = APIClient()
    program.force_authenticate(world.bob)
    answer = program.post("/api/v1/requests/", FORM | {"kind": "extract"}, format="json").json()["expected"]
    for request in DataRequest.objects.order_by("pk"):
        due = dict(request.clocks.values_list("kind", "due_at"))
        assert {promise.kind: promise.due_at for promise in shown.promises} == due
        assert {kind: datetime.fromisoformat(answer[f"{kind}_by"]) for kind in due} == due
        told = Notice.objects.get(kind="requests.confirmed", subject_id=request.pk).context
        assert {kind: told[f"{kind}_by"] for kind in due} == {
            kind: f"{instant:%Y-%m-%d %H:%M:%S} UTC" for kind, instant in due.items() if instant
        }
