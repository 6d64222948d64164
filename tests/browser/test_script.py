"""What portal.js adds: palette, keys, quiet polling. Everything else works without it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from portal.accounts.models import Person
from portal.core import clock
from portal.core.registries import Hit, register_search_source, reopened
from tests.app.ownership.manifests import applied, shop
from tests.world import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def aiko(transactional_db: None) -> Person:
    return Person.objects.create(handle="aiko", name="Aiko Tan", joined_at=datetime(2026, 1, 5, 9, 0, tzinfo=UTC))


@pytest.fixture
def source() -> Iterator[None]:
    hits = [Hit("guide", "orders in the guide", "a page", "/styleguide/", "eye", (0, 0), "page")]
    with reopened():
        register_search_source("test-guide", 99, lambda query, viewer, limit: hits if query == "orders" else [])  # noqa: ARG005 (the registry's signature)
        yield


@pytest.mark.usefixtures("source")
def test_the_palette_opens_types_and_goes_by_keyboard_alone(
    visit: Callable[..., Visit], aiko: Person, axe: str
) -> None:
    seen = visit(aiko)
    page = seen.open("/more/")
    page.keyboard.press("Control+k")
    page.keyboard.type("orders")
    page.get_by_role("option", name="orders in the guide").wait_for()
    assert page.locator("dialog.palette input").get_attribute("aria-activedescendant") == "o0"
    assert seen.all_faults(axe) == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/styleguide/")


def test_escape_closes_the_palette(visit: Callable[..., Visit], aiko: Person) -> None:
    page = visit(aiko).open("/more/")
    page.keyboard.press("Control+k")
    page.locator("dialog.palette[open]").first.wait_for()
    page.keyboard.press("Escape")
    page.locator("dialog.palette[open]").wait_for(state="detached")


def test_a_chord_goes_to_its_page(visit: Callable[..., Visit], aiko: Person) -> None:
    page = visit(aiko).open("/more/")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url(lambda url: url.endswith("/"))


def test_the_question_mark_shows_the_keys_of_this_page(visit: Callable[..., Visit], aiko: Person, axe: str) -> None:
    seen = visit(aiko)
    page = seen.open("/more/")
    page.keyboard.press("?")
    page.locator("dialog.keys[open]").get_by_text("My day").wait_for()
    assert seen.all_faults(axe) == []


def test_with_keys_off_only_the_palette_answers(visit: Callable[..., Visit], aiko: Person) -> None:
    aiko.keys_enabled = False
    aiko.save()
    page = visit(aiko).open("/more/")
    page.keyboard.press("?")
    assert page.locator("dialog[open]").count() == 0
    page.keyboard.press("Control+k")
    page.locator("dialog.palette[open]").wait_for()


def test_keys_do_nothing_while_somebody_types(visit: Callable[..., Visit], aiko: Person) -> None:
    page = visit(aiko).open("/search")
    page.locator("#search-q").fill("")
    page.keyboard.type("g d?")
    assert page.locator("#search-q").input_value() == "g d?"
    assert page.locator("dialog[open]").count() == 0


def test_a_poll_with_nothing_new_swaps_nothing(visit: Callable[..., Visit], aiko: Person) -> None:
    seen = visit(aiko)
    page = seen.open("/")
    page.evaluate(
        "() => { document.querySelector('#day').dataset.mark = 'same'; document.querySelector('#day h1').id = 'kept'; }"
    )
    for status in (200, 304):
        with page.expect_response(lambda answer: answer.url == seen.base + "/") as answer:
            page.evaluate("() => htmx.ajax('GET', '/', {source: '#day', target: '#day'})")
        assert answer.value.status == status
        if status == 200:
            page.evaluate("() => { document.querySelector('#day h1').id = 'kept'; }")
    assert page.locator("#kept").count() == 1


def test_nothing_of_a_page_is_kept_in_the_browser(visit: Callable[..., Visit], aiko: Person) -> None:
    page = visit(aiko).open("/search")
    page.locator("#search-q").fill("orders")
    page.wait_for_url("**q=orders**")
    with page.expect_request(lambda request: request.url.endswith("/search")):
        page.go_back()
    page.wait_for_load_state()
    assert page.locator("#search-q").input_value() == ""
    kept = page.evaluate("() => [...Object.values(sessionStorage), ...Object.values(localStorage)]")
    assert [text for text in kept if "<" in text] == []


def test_a_graph_moves_by_arrows_grows_by_plus_and_follows_who_walks_by_tab(
    visit: Callable[..., Visit], aiko: Person
) -> None:
    applied(shop(), clock.now())
    page = visit(aiko).open("/lineage/fct_orders")
    moved = "() => document.querySelector('[data-graph] svg').style.transform"
    page.wait_for_function(moved)
    before = page.evaluate(moved)
    page.locator("[data-graph]").focus()
    page.keyboard.press("ArrowLeft")
    left = page.evaluate(moved)
    page.get_by_label("Larger").click()
    larger = page.evaluate(moved)
    assert len({before, left, larger}) == 3
    assert ("scale(1)" in left, "scale(1.25)" in larger) == (True, True)
    for _ in range(30):
        page.keyboard.press("ArrowLeft", delay=0)
    page.locator("[data-graph] svg a").first.focus()
    node, frame = (page.locator(place).first.bounding_box() for place in ("[data-graph] svg a", "[data-graph]"))
    assert node is not None
    assert frame is not None
    assert frame["x"] <= node["x"] <= node["x"] + node["width"] <= frame["x"] + frame["width"]


def test_signing_in_works_without_scripts(visit: Callable[..., Visit], alice: Person) -> None:
    page = visit(scripts=False).open("/auth/login/")
    page.get_by_label("Email").fill("alice@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name=alice.name.split()[0]).wait_for()


def test_an_asset_is_claimed_without_scripts(visit: Callable[..., Visit], alice: Person) -> None:
    applied(shop(), at=clock.now())
    page = visit(alice, scripts=False).open("/assets/fct_orders")
    page.get_by_role("button", name="Send").click()
    page.locator("#owners").get_by_text(alice.name).first.wait_for()


def test_search_works_without_scripts(visit: Callable[..., Visit], aiko: Person) -> None:
    page = visit(aiko, scripts=False).open("/more/")
    page.get_by_role("link", name="Search or jump to").click()
    page.locator("#search-q").fill("orders")
    page.locator("#search-q").press("Enter")
    page.wait_for_url("**/search?q=orders")
