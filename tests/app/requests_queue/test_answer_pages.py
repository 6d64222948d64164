"""The pages and the API of answers, as a browser without a script and a program see them."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from portal.engine.models import Notice
from portal.engine.services.firing import fire_batch
from requests_queue.domain.answering import Stale
from requests_queue.models import DataRequest, FaqEntry, FaqEvent
from requests_queue.services.answers import AnswerDraft, publish_answer
from requests_queue.services.checking import mark_stale
from requests_queue.services.concluding import answer_request
from requests_queue.services.triage import claim_for_triage
from tests.app.requests_queue.desk import TUESDAY, filed
from tests.app.requests_queue.library import SQL, published, shop_assets
from tests.app.requests_queue.test_suggestions import GMV, LIBRARY

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
HOSTILE = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "<svg/onload=alert(1)>",
    "[x](data:text/html;base64,PHNjcmlwdD4=)", "![x](https://evil.example/a.png)", "<iframe src=//evil.example>",
    "{{7*7}} {0.__class__} ${7*7}", '<a hx-get="/x" hx-trigger="load">x</a>', "<b id=__proto__>x</b>",
    "</textarea><script>alert(1)</script>", "<math><mtext><script>alert(1)</script></mtext></math>",
)  # fmt: skip


@pytest.fixture
def now(clock: MovableClock) -> None:
    clock.set(TUESDAY)


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def program(person: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(person)
    return client


def test_an_answer_is_written_checked_and_shown(world: World, now: None) -> None:
    shop_assets(world)
    alice = browser(world.alice)
    form = {"question": GMV, "body": "Refunds, by *order date*.", "sql": SQL, "team": "data-platform", "tier": "2",
            "visibility": "all", "parameters": "since | date | 2026-11-01 | first day",
            "limits": "not for finance close", "aliases": "Finance shows more than we do",
            "is_checked": "on"}  # fmt: skip
    answer = alice.post("/faq/new", form)
    assert answer.status_code == 303
    page = alice.get(answer["Location"]).content.decode()
    for words in ("<em>order date</em>", "fct_orders", "not for finance close", "first day", "Checked by alice"[:7],
                  "Finance shows more than we do", "SELECT sum(total)"):  # fmt: skip
        assert words in page


def test_a_wrong_form_keeps_what_was_typed(world: World, now: None) -> None:
    form = {"question": GMV, "body": "b", "sql": "SELECT FROM ((", "team": "data-platform", "tier": "2",
            "visibility": "all"}  # fmt: skip
    answer = browser(world.alice).post("/faq/new", form)
    assert answer.status_code == 422
    assert "This SQL cannot be read" in answer.content.decode()
    assert FaqEntry.objects.count() == 0


def test_a_nul_in_a_hidden_field_is_refused_as_unreadable(world: World) -> None:
    answer = browser(world.alice).post("/faq/new", {"request": "\0REQ-1"})
    assert answer.status_code == 400


def test_an_answered_request_is_turned_into_an_answer_in_one_step(world: World, now: None) -> None:
    request = filed(world)
    claim_for_triage(actor=world.alice, request=request, at=TUESDAY)
    answer_request(actor=world.alice, request=request, body="Refunds by order date.", at=TUESDAY)
    alice = browser(world.alice)
    assert f"/faq/new?request={request.number}" in alice.get(f"/requests/{request.number}").content.decode()
    page = alice.get(f"/faq/new?request={request.number}").content.decode()
    assert request.title in page
    assert "Refunds by order date." in page


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_and_sql_of_people_are_inert(world: World, now: None, text: str) -> None:
    entry = published(world, f"Is it safe? {text}"[:400], body=text, answer={
        "sql": f"SELECT 1 /* {text} */", "limits": text,
        "parameters": [{"name": "x", "meaning": text, "example": text}],
    }, aliases=[text])  # fmt: skip
    bob = browser(world.bob)
    for url in (entry.get_absolute_url(), "/faq/", "/faq/review/", f"/requests/new?title={text} is it safe really"):
        found = Tags()
        found.feed(bob.get(url).content.decode())
        assert found.bad == [], url


class Tags(HTMLParser):
    """Tags and attributes of a page that no page of ours has."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.bad += [f"{tag} {name}" for name in given if name.startswith("on")]
        self.bad += [tag] if tag in {"iframe", "math", "img"} else []
        self.bad += [tag] if tag == "script" and not given.get("src", "").startswith("/static/") else []
        self.bad += [given["href"]] if given.get("href", "").strip().lower().startswith(("javascript", "data")) else []
        self.bad += [f"{tag} hx-get"] if given.get("hx-get") == "/x" else []
        self.bad += [f"{tag} id"] if given.get("id") == "__proto__" else []


def test_a_stale_answer_says_so_wherever_it_is_shown(world: World, now: None) -> None:
    assets = shop_assets(world)
    entry = published(world, GMV, answer={"assets": [assets["revenue"]]})
    assert entry.current is not None
    mark_stale(answer=entry.current, reason=Stale.DEFINITION, lines=["the definition of revenue changed"], at=TUESDAY)
    bob = browser(world.bob)
    assert "the definition of revenue changed" in bob.get(entry.get_absolute_url()).content.decode()
    for url in ("/faq/", "/assets/revenue"):
        page = bob.get(url).content.decode()
        assert "Stale" in page
        assert "a definition it rests on changed" in page
    mine = browser(world.alice).get("/").content.decode()
    assert "It may no longer be true. Check it." in mine


def test_review_shows_what_changed_and_one_press_checks(world: World, now: None) -> None:
    entry = published(world, GMV, checked=False)
    alice = browser(world.alice)
    assert GMV in alice.get("/faq/review/").content.decode()
    alice.post(f"{entry.get_absolute_url()}/do/verify", {"next": "review", "answer": "1"})
    assert "Nothing waits for a check" in alice.get("/faq/review/").content.decode()


def test_four_words_suggest_nothing_until_the_field_is_left_and_five_do(world: World, now: None) -> None:
    for question in LIBRARY:
        published(world, question)
    bob = browser(world.bob)
    short = "net GMV finance report"
    assert GMV.split()[0] not in bob.get("/requests/suggest", {"title": short}).content.decode()
    assert "answer" in bob.get("/requests/suggest", {"title": short, "complete": "1"}).content.decode()
    panel = bob.get("/requests/suggest", {"title": "why net GMV lower finance"}).content.decode()
    assert "<mark>net GMV lower</mark>" in panel


def test_the_form_shows_the_answers_and_the_meter_of_the_budget_side_by_side(world: World, now: None) -> None:
    for question in LIBRARY:
        published(world, question)
    given = {"title": GMV, "kind": "question", "team": "data-platform"}
    page = browser(world.bob).get("/requests/new", given)
    assert (page.context["band"], page.context["meter"].label[:4] != "") == ("lower", True)
    assert f'aria-label="{page.context["meter"].label}"' in page.content.decode()


def test_this_answers_it_leaves_no_request_and_one_deflection(world: World, now: None) -> None:
    for question in LIBRARY:
        published(world, question)
    bob = browser(world.bob)
    page = bob.get("/requests/new", {"title": GMV})
    ask = page.context["ask"]
    slug = FaqEntry.objects.get(phrases__text=GMV).slug
    answer = bob.post("/faq/ask", {"ask": ask, "solved": slug, "title": GMV})
    assert answer["Location"] == f"/faq/{slug}"
    assert DataRequest.objects.count() == 0
    assert FaqEvent.objects.get(kind="solved").entry.slug == slug  # type: ignore[union-attr]


def test_without_a_script_the_suggestions_are_a_step_after_send(world: World, now: None) -> None:
    for question in LIBRARY:
        published(world, question)
    bob = browser(world.bob)
    form = {"title": GMV, "kind": "question", "team": "data-platform"}
    first = bob.post("/requests/new", form)
    assert first.status_code == 422
    assert "Is it one of these?" in first.content.decode()
    assert bob.post("/requests/new", form | {"ask": first.context["ask"]}).status_code == 303
    assert FaqEvent.objects.filter(kind="submitted_anyway").count() == 1


def test_the_desk_answers_from_the_library(world: World, now: None) -> None:
    for question in LIBRARY:
        published(world, question)
    request = filed(world, title=GMV)
    panel = browser(world.alice).get(f"/faq/for/{request.number}", headers={"HX-Request": "true"}).content.decode()
    assert "Answer with this" in panel
    assert browser(world.alice).get("/triage/").content.decode().count(f'hx-get="/faq/for/{request.number}"') == 1


def test_who_follows_an_answer_hears_of_its_next_version_and_can_stop(
    world: World, now: None, clock: MovableClock
) -> None:
    entry = published(world, "What is churn?")
    client = browser(world.bob)
    assert client.post(f"/faq/{entry.slug}/do/follow").status_code == 303
    assert "Stop following" in client.get(f"/faq/{entry.slug}").content.decode()
    publish_answer(actor=world.alice, entry=entry, answer=AnswerDraft("Those who left."), at=clock.now())
    clock.set(clock.now() + timedelta(minutes=11))
    fire_batch(by="test")
    told = Notice.objects.get(recipient=world.bob, kind="accounts.follow_digest")
    assert "wrote a new version of" in told.context["lines"]
    client.post(f"/faq/{entry.slug}/do/unfollow")
    publish_answer(actor=world.alice, entry=entry, answer=AnswerDraft("Those who went."), at=clock.now())
    clock.set(clock.now() + timedelta(minutes=11))
    fire_batch(by="test")
    assert Notice.objects.filter(recipient=world.bob, kind="accounts.follow_digest").count() == 1


def test_joining_from_the_suggestions_is_noted_and_closes_the_draft(world: World, now: None) -> None:
    request = filed(world, title="How many orders were placed yesterday?")
    client = browser(world.dave)
    shown = client.get("/requests/suggest", {"title": request.title}).content.decode()
    mark = shown.split('name="ask" value="')[1].split('"')[0]
    given = {"text": request.title, "ask": mark}
    assert client.post(f"/requests/{request.number}/join", given).status_code == 303
    assert list(FaqEvent.objects.filter(kind="joined").values_list("request", "person")) == [
        (request.pk, world.dave.pk)
    ]
    assert request.supporters.get().wording == request.title


def test_a_merged_address_leads_on(world: World, now: None) -> None:
    survivor, other = published(world, GMV), published(world, "What is an active account?")
    alice = browser(world.alice)
    alice.post(f"{other.get_absolute_url()}/do/merge", {"text": survivor.get_absolute_url()})
    assert alice.get(other.get_absolute_url())["Location"] == survivor.get_absolute_url()


def test_the_download_holds_the_filtered_list(world: World, now: None) -> None:
    published(world, GMV)
    published(world, "=cmd|' /C calc'!A0")
    lines = b"".join(browser(world.bob).get("/faq/export.csv?state=fresh")).decode().splitlines()
    assert len(lines) == 3
    assert any("'=cmd" in line for line in lines)


def test_the_api_writes_checks_finds_and_counts(world: World, now: None) -> None:
    alice, bob = program(world.alice), program(world.bob)
    for question in LIBRARY[1:]:
        published(world, question)
    made = alice.post("/api/v1/faq/", {"question": GMV, "body": "Refunds.", "owner": "alice"}, format="json")
    assert made.status_code == 201
    slug = made.json()["slug"]
    assert alice.post(f"/api/v1/faq/{slug}/verify/", {}, format="json").json()["answer"]["verified_by"] == "alice"
    alice.post(f"/api/v1/faq/{slug}/aliases/", {"text": "Finance shows more than we do"}, format="json")
    found = bob.get("/api/v1/suggest/", {"q": "why is net GMV lower than in finance"}).json()
    assert (found["entries"][0]["slug"], found["band"], found["model"]) == (slug, "lower", "lexical")
    solved = {"ask": found["ask"], "event": "solved", "entry": slug}
    assert bob.post("/api/v1/suggest/events/", solved, format="json").json() == {"event": "solved", "counts": True}
    listed = bob.get("/api/v1/faq/", {"q": "gmv finance"}).json()["results"]
    assert [(row["slug"], row["helped"]) for row in listed] == [(slug, 1)]


def test_the_figures_name_their_parts(world: World, now: None) -> None:
    published(world, GMV)
    filed(world)
    page = browser(world.bob).get("/faq/figures/").content.decode()
    assert "0.0" in page
    assert "Requests filed" in page


def test_search_and_palette_find_answers(world: World, now: None) -> None:
    published(world, GMV)
    bob = browser(world.bob)
    assert GMV in bob.get("/palette", {"q": "gmv finance"}).content.decode()
    assert GMV in bob.get("/search", {"q": "gmv finance"}).content.decode()
