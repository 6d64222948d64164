from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from oncall.models import Agreement, Runbook
from ownership.services.assets import AssetDraft, create_asset
from portal.accounts.queries.finding import find_people, find_teams
from portal.accounts.services.follows import follow
from portal.core.registries import Hit, register_command, register_intent, register_search_source
from portal.core.services.audit import record_audit
from portal.engine.domain.subjects import Subject
from portal.site.queries.finding import Query, find_in_sources, palette_hits, read_query
from portal.site.queries.finding_more import find_more
from tests.world import BEFORE, make_person, make_team

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_registries")]


def _hit(label: str, rank: int = 2, kind: str = "asset") -> Hit:
    return Hit(label, label, "Data Platform", f"/x/{label}", "database", (rank, 0), kind)


def _source(*hits: Hit) -> Any:
    def find(query: str, viewer: Any, limit: int) -> Sequence[Hit]:
        del query, viewer
        return hits[:limit]

    return find


def test_what_was_typed_is_made_even() -> None:
    assert read_query("  \uff46ct\u00a0  orders\0 kind:Assets").text == "fct orders"
    assert read_query("orders kind:Assets").kind == "assets"


def test_a_query_keeps_200_characters_and_ten_terms() -> None:
    assert len(read_query("x" * 500).text) == 200
    assert read_query("a " * 30).text == " ".join("a" * 10)


def test_exact_hits_of_any_source_stand_before_the_order_of_sources(aiko: Person, clock: MovableClock) -> None:
    register_search_source("assets", 2, _source(_hit("prefix")))
    register_search_source("people", 3, _source(_hit("exact", 0)))
    hits, _ = palette_hits(read_query("x"), aiko, clock.now())
    assert [hit.label for hit in hits] == ["exact", "prefix"]


def test_the_palette_gives_at_most_eight(aiko: Person, clock: MovableClock) -> None:
    for number in range(4):
        register_search_source(f"s{number}", number, _source(*(_hit(f"{number}{row}") for row in range(5))))
    assert len(palette_hits(read_query("x"), aiko, clock.now())[0]) == 8


def test_an_answer_stands_first_and_takes_the_place_of_its_source(aiko: Person, clock: MovableClock) -> None:
    def owner(match: re.Match[str], viewer: Any, at: Any) -> Hit:
        del viewer, at
        return _hit(f"Who owns {match[1]}?", 0)

    register_search_source("assets", 2, _source(_hit("orders")))
    register_intent("assets.owner", (r"who owns (\w+)",), owner)
    hits, _ = palette_hits(read_query("Who owns orders"), aiko, clock.now())
    assert [hit.label for hit in hits] == ["Who owns orders?"]


def test_commands_are_shown_to_those_who_may(aiko: Person, clock: MovableClock) -> None:
    register_command("guide", "Style guide", "styleguide", "eye")
    register_command("secret", "Style of admins", "styleguide", "eye", allowed=lambda viewer: viewer.is_admin)
    register_command("later", "Style later", "no_such_page", "eye")
    hits, _ = palette_hits(read_query("sty"), aiko, clock.now())
    assert [hit.label for hit in hits] == ["Style guide"]


def test_a_source_that_is_too_slow_is_left_out_and_named(aiko: Person, clock: MovableClock) -> None:
    def slow(query: str, viewer: Any, limit: int) -> list[Hit]:
        del query, viewer, limit
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")
        return [_hit("never")]

    register_search_source("assets", 2, slow)
    register_search_source("people", 3, _source(_hit("Mara")))
    hits, late = palette_hits(read_query("mara"), aiko, clock.now())
    assert ([hit.label for hit in hits], late) == (["Mara"], ["assets"])


def test_the_palette_is_a_list_of_options_without_links(browser: Client) -> None:
    register_search_source("assets", 2, _source(_hit("orders")))
    page = browser.get("/palette", {"q": "orders"}).content.decode()
    assert '<li role="option" id="o0" aria-selected="false" data-href="/x/orders">' in page
    assert "<a " not in page


def test_the_page_groups_hits_by_source(browser: Client) -> None:
    register_search_source("assets", 2, _source(_hit("orders")))
    page = browser.get("/search", {"q": "orders"}).content.decode()
    assert "<h2>Assets</h2>" in page
    assert 'href="/x/orders"' in page


def test_nothing_found_offers_to_say_it_differently(browser: Client) -> None:
    register_search_source("assets", 2, _source())
    page = browser.get("/search", {"q": "gmv <b>"}).content.decode()
    assert "Nothing matches “gmv &lt;b&gt;”" in page


def test_a_kind_limits_the_page_to_one_source(browser: Client) -> None:
    register_search_source("assets", 2, _source(_hit("orders")))
    register_search_source("people", 3, _source(_hit("Mara")))
    page = browser.get("/search", {"q": "x", "kind": "people"}).content.decode()
    assert "Mara" in page
    assert "/x/orders" not in page


def test_a_short_mark_names_the_source() -> None:
    assert read_query("@Mara") == Query("Mara", "people")
    assert read_query("team: payments") == Query("payments", "teams")
    assert read_query("\u201cnet gmv\u201d") == Query("net gmv")
    assert read_query("@") == Query("@")


def test_a_source_with_an_exact_hit_stands_first_on_the_page(aiko: Person) -> None:
    register_search_source("assets", 2, _source(_hit("prefix")))
    register_search_source("people", 3, _source(_hit("exact", 0)))
    assert [group.key for group in find_in_sources(read_query("x"), aiko)] == ["people", "assets", "more"]


def test_the_page_finds_runbooks_agreements_and_plans_in_one_question(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    asset = create_asset(actor=world.alice, draft=AssetDraft("pipeline", "fct_orders"), at=BEFORE)
    Runbook.objects.create(slug="late-orders", title="Orders are late", asset=asset)
    Agreement.objects.create(asset=asset, downstream_team=world.checkout, registered_at=BEFORE)
    with django_assert_num_queries(1):
        found = find_more("orders", world.bob, 5)
    assert [(hit.label, hit.url) for hit in found] == [
        ("Orders are late", "/runbooks/late-orders"),
        ("fct_orders for Checkout", f"/agreements/{Agreement.objects.get().pk}"),
    ]
    assert find_more("no such thing", world.bob, 5) == []


def test_a_full_card_leads_to_the_list_of_its_room(client: Client, world: World) -> None:
    register_search_source("people", 3, _source(*(_hit(f"ana {number}") for number in range(5))))
    client.force_login(world.bob)
    page = client.get("/search", {"q": "ana"}).content
    assert b'href="/people/?q=ana"' in page


def test_an_empty_palette_leads_back_to_what_one_worked_on(aiko: Person, world: World, clock: MovableClock) -> None:
    made = [
        create_asset(actor=world.alice, draft=AssetDraft(kind="dataset", name=f"made_{n}"), at=clock.now())
        for n in range(7)
    ]
    for asset in made:
        record_audit(actor=aiko, verb="ownership.asset_changed", subject=asset, at=clock.now())
    record_audit(actor=world.alice, verb="ownership.asset_changed", subject=made[0], at=clock.now())
    register_command("guide", "Style guide", "styleguide", "eye")
    hits, late = palette_hits(read_query(""), aiko, clock.now())
    assert [hit.label for hit in hits] == ["made_6", "made_5", "made_4", "made_3", "made_2", "Style guide"]
    assert (hits[0].url, late) == ("/assets/made_6", [])


def test_a_page_that_is_only_looked_at_leaves_no_trace_in_the_palette(
    browser: Client, world: World, clock: MovableClock
) -> None:
    create_asset(actor=world.alice, draft=AssetDraft(kind="dataset", name="seen"), at=clock.now())
    browser.get("/assets/seen")
    assert "seen" not in browser.get("/palette").content.decode()


def test_what_is_followed_stands_first_among_equals(aiko: Person, world: World, clock: MovableClock) -> None:
    asset = create_asset(actor=world.alice, draft=AssetDraft(kind="dataset", name="zeta"), at=clock.now())
    follow(actor=aiko, subject=Subject("ownership.asset", asset.pk), at=clock.now())
    rest = [Hit(name, name, "", "/x", "database", (rank, 1), "asset") for name, rank in (("alpha", 2), ("exact", 1))]
    followed = Hit(f"asset:{asset.pk}", "zeta", "", "/x", "database", (2, 1), "asset")
    register_search_source("assets", 2, _source(*rest, followed))
    hits, _ = palette_hits(read_query("x"), aiko, clock.now())
    assert [hit.label for hit in hits] == ["exact", "zeta", "alpha"]


def test_ones_own_team_and_its_people_stand_first_among_equals(world: World) -> None:
    make_team("data-archive")
    make_person("adam", team=world.data_platform, name="Sam Young")
    make_person("anna", team=world.checkout, name="Sam Adams")
    assert [hit.label for hit in find_people("sam", world.alice, 5)] == ["Sam Young", "Sam Adams"]
    assert [hit.label for hit in find_people("sam", world.carol, 5)] == ["Sam Adams", "Sam Young"]
    assert [hit.label for hit in find_teams("data", world.alice, 5)] == ["Data Platform", "Data Archive"]
    assert [hit.label for hit in find_teams("data", world.carol, 5)] == ["Data Archive", "Data Platform"]
