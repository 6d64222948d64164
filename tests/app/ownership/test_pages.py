"""The pages of the room, within their query budgets."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ownership.models import Asset, Ownership
from portal.core.models import ImportRun
from tests.app.ownership.manifests import applied, as_file, chain, manifest, node, shop

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(alice: Person) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def own_queries(client: Client, url: str) -> int:
    """Queries of the view itself: session, person and navigation counts are not its own."""
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(url).status_code == 200
    return sum(
        'FROM "ownership_' in query["sql"] or "ownership_edge" in query["sql"] for query in seen.captured_queries
    )


@pytest.mark.parametrize("count", [10, 200])
def test_lists_and_pages_cost_the_same_for_10_and_200_assets(browser: Client, clock: MovableClock, count: int) -> None:
    applied(chain(count), clock.now())
    costs = [own_queries(browser, url) for url in ("/assets/", "/assets/hub", "/lineage/hub")]
    assert costs[0] <= 8
    assert costs[1] <= 15
    assert costs[2] <= 6


def test_the_list_shows_owner_and_gap(browser: Client, clock: MovableClock) -> None:
    applied(shop(owner="alice@example.com"), clock.now())
    page = browser.get("/assets/").content.decode()
    assert "Alice Example · primary" in page
    assert "declared in dbt:shop, not yet confirmed" in page
    assert "Claim or nominate" in page


def test_filters_live_in_the_address(browser: Client, clock: MovableClock) -> None:
    applied(shop(owner="alice@example.com"), clock.now())
    answers = {
        query: sorted(row.title for row in browser.get(f"/assets/?{query}").context["rows"])
        for query in ("kind=metric", "gap=no_owner", "owner=alice", "q=ord", "tier=1", "gap=not_confirmed")
    }
    assert answers == {
        "kind=metric": ["revenue"],
        "gap=no_owner": ["raw.orders", "revenue"],
        "owner=alice": ["fct_orders"],
        "q=ord": ["fct_orders", "raw.orders"],
        "tier=1": ["fct_orders"],
        "gap=not_confirmed": ["daily", "fct_orders"],
    }


def test_a_filter_that_is_none_of_this_page_is_refused(browser: Client, clock: MovableClock) -> None:
    assert browser.get("/assets/?kind=unicorn").status_code == 400


def test_an_empty_register_leads_to_the_import(browser: Client, clock: MovableClock) -> None:
    assert 'href="/imports/"' in browser.get("/assets/").content.decode()


def test_the_download_never_starts_a_formula(browser: Client, clock: MovableClock) -> None:
    applied(manifest(node("model.shop.evil", name="=cmd|x")), clock.now())
    lines = b"".join(browser.get("/assets/export.csv").streaming_content).decode().splitlines()  # type: ignore[attr-defined] # a streaming answer
    assert lines[1].split(",")[2] == "'=cmd|x"


def test_the_asset_page_draws_its_lineage_with_classes_only(browser: Client, clock: MovableClock) -> None:
    applied(shop(owner="alice@example.com"), clock.now())
    page = browser.get("/assets/fct_orders").content.decode()
    assert "1 upstream, 2 downstream" in page
    assert page.count('<rect class="node"') == 4
    assert "style=" not in page


def test_text_of_a_file_is_text_on_the_page(browser: Client, clock: MovableClock) -> None:
    applied(manifest(node("model.shop.a", description="<script>alert(1)</script>", name="<b>a</b>")), clock.now())
    slug = Asset.objects.get().slug
    page = browser.get(f"/assets/{slug}").content.decode()
    assert "<script>alert" not in page
    assert "&lt;b&gt;a&lt;/b&gt;" in page


def test_an_unknown_asset_is_404(browser: Client, clock: MovableClock) -> None:
    assert {browser.get(url).status_code for url in ("/assets/none", "/lineage/none", "/imports/999")} == {404}


def test_a_person_claims_an_asset(browser: Client, alice: Person, clock: MovableClock) -> None:
    applied(shop(), clock.now())
    answer = browser.post("/assets/fct_orders/nominate", {"party": "alice", "rank": 1})
    assert (answer.status_code, answer["Location"]) == (303, "/assets/fct_orders")
    row = Ownership.objects.get(person=alice)
    assert (row.state, row.rank, row.origin) == ("accepted", 1, "portal")


def test_a_person_asked_accepts_on_the_page(browser: Client, bob: Person, clock: MovableClock) -> None:
    applied(shop(), clock.now())
    browser.post("/assets/fct_orders/nominate", {"party": "bob", "rank": 1})
    row = Ownership.objects.get(asset__slug="fct_orders", person=bob)
    assert row.state == "proposed"
    client = Client()
    client.force_login(bob)
    assert "Accept" in client.get("/assets/fct_orders").content.decode()
    client.post("/assets/fct_orders/accept", {"ownership": row.pk})
    row.refresh_from_db()
    assert row.state == "accepted"


def test_nobody_answers_for_another(browser: Client, bob: Person, carol: Person, clock: MovableClock) -> None:
    applied(shop(), clock.now())
    browser.post("/assets/fct_orders/nominate", {"party": "bob", "rank": 1})
    row = Ownership.objects.get(asset__slug="fct_orders", person=bob)
    client = Client()
    client.force_login(carol)
    answer = client.post("/assets/fct_orders/accept", {"ownership": row.pk})
    row.refresh_from_db()
    assert (answer.status_code, row.state) == (403, "proposed")


def test_an_import_by_page_shows_its_numbers_on_the_button(browser: Client, clock: MovableClock) -> None:
    data = as_file(shop(owner="alice@example.com")).file.read()
    upload = io.BytesIO(data)
    upload.name = "manifest.json"
    answer = browser.post("/imports/", {"file": upload, "source": "dbt"})
    run = ImportRun.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/imports/{run.pk}")
    page = browser.get(f"/imports/{run.pk}").content.decode()
    assert "Apply: 4 new, 0 changed, 2 without an owner" in page
    assert Asset.objects.count() == 0
    assert browser.post(f"/imports/{run.pk}/apply").status_code == 303
    assert Asset.objects.count() == 4
    assert browser.get("/imports/").status_code == 200


def test_an_unusable_file_says_why_on_its_page(browser: Client, clock: MovableClock) -> None:
    upload = io.BytesIO(b'{"metadata": {')
    upload.name = "manifest.json"
    answer = browser.post("/imports/", {"file": upload, "source": "dbt"})
    page = browser.get(answer["Location"]).content.decode()
    assert "This file cannot be used." in page
    assert "line 1, column 14" in page


def test_an_analyst_may_not_import(bob: Person, clock: MovableClock) -> None:
    client = Client()
    client.force_login(bob)
    upload = io.BytesIO(b"{}")
    upload.name = "manifest.json"
    assert client.post("/imports/", {"file": upload, "source": "dbt"}).status_code == 403
    assert ImportRun.objects.count() == 0
