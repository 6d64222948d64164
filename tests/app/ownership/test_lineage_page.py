"""The lineage page: filters, caps, the lit path, the list beside the drawing, and the download of everything."""

from __future__ import annotations

import csv
import gzip
import io
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ownership.domain.kinds import METRIC, PIPELINE
from ownership.models import Asset, AssetStatus, Closure, Edge, StatusEntry
from ownership.queries.assets import asset_by_key
from ownership.queries.lineage_page import read_ask
from ownership.queries.snapshot import graph_version, whole_graph
from ownership.services.aging import age_edges
from ownership.services.closures import ask_closure, make_closure
from ownership.services.owning import Nomination, propose_owner
from ownership.services.refreshing import refresh_assets
from ownership.web.graph import lineage_context
from tests.app.ownership.graphs import make_graph, make_source

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
NODE = re.compile(r'<a href="([^"]*)" class="([a-z]*)" transform')
ROW = re.compile(r'<li><span class="dot [a-z]+"></span><div class="grow"><a class="title mono" href="/assets/([^"]+)"')
EDGE = re.compile(r'<path class="edge([^"]*)"')


@pytest.fixture
def browser(alice: Person) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def drawn(page: str) -> list[str]:
    """Slugs of the drawn assets, without the nodes that stand for many."""
    return sorted(href.rsplit("focus=", 1)[-1] for href, css in NODE.findall(page) if css != "more")


def listed(page: str) -> list[str]:
    return sorted(ROW.findall(page))


def look(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_cycle_a_hub_of_ten_thousand_and_a_lone_asset_stay_within_their_caps(
    browser: Client, clock: MovableClock
) -> None:
    clock.set(AT)
    fan = [("hub", f"reader-{n}") for n in range(10_000)]
    make_graph([*fan, ("hub", "back"), ("back", "hub")], at=AT, alone=["alone"])
    page = look(browser, "/lineage/hub")
    shown = listed(page)
    assert len(shown) == 50
    assert drawn(page) == sorted([*shown, "hub"])
    assert "9,951 more below" in page
    assert sum("back" in css for css in EDGE.findall(page)) == 1
    alone = look(browser, "/lineage/alone")
    assert (drawn(alone), "No lineage known" in alone) == ([], True)


def test_the_list_holds_exactly_the_drawn_assets_whatever_is_asked(browser: Client, clock: MovableClock) -> None:
    clock.set(AT)
    make_graph([(f"n{n}", f"n{n + step}") for n in range(40) for step in (1, 3)], at=AT)
    for query in ("", "?up=3&down=5", "?up=0", "?limit=7", "?focus=n11", "?down=5&tier=4", "?boundary=1", "?late=1"):
        page = look(browser, f"/lineage/n10{query}")
        assert drawn(page) == sorted([*listed(page), "n10"] if listed(page) else []), query


def test_a_filter_leaves_assets_out_and_draws_the_way_through_them(browser: Client, clock: MovableClock) -> None:
    clock.set(AT)
    assets = make_graph([("a", "b"), ("b", "c"), ("c", "d")], at=AT)
    Asset.objects.filter(pk=assets["c"].pk).update(tier=1)
    page = look(browser, "/lineage/a?tier=1")
    assert drawn(page) == ["a", "c"]
    assert EDGE.findall(page) == [" back lit"]


def test_mine_are_my_own_and_those_of_my_teams(browser: Client, alice: Person, world: Any, clock: MovableClock) -> None:
    clock.set(AT)
    assets = make_graph([("a", "b"), ("a", "c"), ("a", "d")], at=AT)
    for name, party in (("b", {"person": alice}), ("c", {"team": world.data_platform})):
        propose_owner(actor=alice, asset=assets[name], nomination=Nomination(**party), at=AT)
    assert listed(look(browser, "/lineage/a?mine=1")) == ["b", "c"]


def test_the_boundary_filter_keeps_what_crosses_one_and_what_nobody_owns(
    browser: Client, alice: Person, world: Any, clock: MovableClock
) -> None:
    clock.set(AT)
    assets = make_graph([("a", "b"), ("a", "c"), ("a", "d")], at=AT)
    Asset.objects.filter(slug="b").update(kind=METRIC.code)
    for name in ("b", "c"):
        propose_owner(actor=alice, asset=assets[name], nomination=Nomination(person=alice), at=AT - DAY)
    refresh_assets(asset_ids=[assets["b"].pk], at=AT)
    page = look(browser, "/lineage/a?boundary=1")
    assert (drawn(page), listed(page)) == (["a", "b", "d"], ["b", "d"])
    assert "Alice Example, across a boundary" in page
    assert page.count(">DE · crosses<") == 1
    nodes = browser.get("/api/v1/assets/a/lineage?boundary=1").json()["nodes"]
    assert [(node["slug"], node["crosses"]) for node in nodes] == [("a", False), ("b", True), ("d", False)]


def test_late_assets_are_found_and_the_way_down_to_the_centre_is_red(browser: Client, clock: MovableClock) -> None:
    clock.set(AT)
    assets = make_graph([("raw", "stg"), ("other", "stg"), ("stg", "fct"), ("fct", "mart")], at=AT)
    AssetStatus.objects.create(asset=assets["raw"], what="freshness", value="error", at=AT - timedelta(hours=3))
    assert listed(look(browser, "/lineage/fct?up=2&late=1")) == ["raw"]
    page = look(browser, "/lineage/fct?up=2&show=freshness")
    assert EDGE.findall(page).count(" late") == 2
    assert "late since today 06:00" in page


def test_a_lit_path_dims_the_rest_and_says_how_many(browser: Client, clock: MovableClock) -> None:
    clock.set(AT)
    make_graph([("a", "b"), ("b", "c"), ("a", "x"), ("x", "y")], at=AT)
    page = look(browser, "/lineage/a?focus=b")
    classes = {href.rsplit("focus=", 1)[-1]: css for href, css in NODE.findall(page)}
    assert classes == {"a": "", "b": "here", "c": "", "x": "dim", "y": "dim"}
    assert sorted(EDGE.findall(page)) == [" dim", " dim", " lit", " lit"]
    assert "1 asset above and 1 below, held by nobody yet. The rest of the 5 is dimmed." in page


@pytest.mark.parametrize(
    "query", ["up=6", "down=x", "kind=unicorn", "tier=5", "mine=yes", "limit=2001", "show=colours"]
)
def test_a_filter_that_fits_nothing_is_refused_by_page_and_api(
    browser: Client, clock: MovableClock, query: str
) -> None:
    clock.set(AT)
    make_graph([("a", "b")], at=AT)
    assert browser.get(f"/lineage/a?{query}").status_code == 400
    if not query.startswith("show"):
        assert browser.get(f"/api/v1/assets/a/lineage?{query}").status_code == 400


def test_the_page_costs_six_queries_at_most_and_two_when_it_is_remembered(alice: Person, clock: MovableClock) -> None:
    make_graph([("hub", f"m{n}") for n in range(300)], at=AT)
    costs = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as seen:
            asset = asset_by_key("hub", alice)
            assert asset is not None
            lineage_context(asset, alice, read_ask({"limit": "400"}), ("owner", ""), AT)
        costs.append(len(seen))
    assert costs == [6, 2]


def test_a_change_of_owner_or_edge_is_seen_at_once(browser: Client, alice: Person, clock: MovableClock) -> None:
    clock.set(AT)
    assets = make_graph([("a", "b")], at=AT)
    assert "Alice Example" not in look(browser, "/lineage/a").split("<main", 1)[1]
    propose_owner(actor=alice, asset=assets["b"], nomination=Nomination(person=alice), at=AT)
    assert "DE · Alice Example" in look(browser, "/lineage/a")
    before = graph_version()
    Edge.objects.update(closed_at=AT)
    assert graph_version() != before
    assert listed(look(browser, "/lineage/a")) == []


def test_the_same_graph_gives_the_same_bytes_without_style_or_script(browser: Client, clock: MovableClock) -> None:
    clock.set(AT)
    make_graph([(f"n{n}", f"n{n * 7 % 23}") for n in range(1, 23) if n != n * 7 % 23], at=AT)
    pictures = []
    for spell in range(2):
        Asset.objects.filter(slug="n1").update(description=f"told {spell}")
        page = look(browser, "/lineage/n1?up=5&down=5")
        pictures.append(page[page.index("<svg width") : page.index("</svg>", page.index("<svg width"))])
    assert pictures[0] == pictures[1]
    assert "style=" not in pictures[0]
    assert "<script" not in pictures[0]


def test_five_hundred_assets_fit_into_thirty_kilobytes(browser: Client, clock: MovableClock) -> None:
    clock.set(AT)
    edges = [(f"m{n:03}", f"m{n * 2 + k:03}") for n in range(250) for k in (1, 2) if n * 2 + k < 500]
    make_graph([*edges, *[(f"m{n:03}", f"m{n + 40:03}") for n in range(0, 400, 3)]], at=AT)
    page = look(browser, "/lineage/m000?down=5&limit=500")
    assert len(gzip.compress(page.encode())) < 30_000


def test_everything_below_is_taken_as_csv(browser: Client, alice: Person, clock: MovableClock) -> None:
    clock.set(AT)
    assets = make_graph([(f"n{n}", f"n{n + 1}") for n in range(9)], at=AT)
    Asset.objects.filter(slug="n4").update(lifecycle="retired", retired_at=AT)
    propose_owner(actor=alice, asset=assets["n2"], nomination=Nomination(person=alice), at=AT)
    answer = browser.post("/lineage/n0/closure", {"side": "down"})
    row = Closure.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/lineage/closures/{row.pk}")
    assert browser.get(f"/lineage/closures/{row.pk}/export.csv").status_code == 409
    make_closure(closure_id=row.pk, at=AT)
    assert "<b>9 assets</b> below it" in look(browser, f"/lineage/closures/{row.pk}")
    body = b"".join(browser.get(f"/lineage/closures/{row.pk}/export.csv")).decode()
    lines = list(csv.DictReader(io.StringIO(body)))
    assert [(line["slug"], line["steps"]) for line in lines][:3] == [("n1", "1"), ("n2", "2"), ("n3", "3")]
    assert "n4" not in {line["slug"] for line in lines}
    assert lines[1]["owner"] == "alice"


def test_a_closure_is_its_askers_alone(browser: Client, bob: Person, clock: MovableClock) -> None:
    clock.set(AT)
    assets = make_graph([("a", "b")], at=AT)
    row = ask_closure(actor=bob, asset=assets["a"], side="up", at=AT)
    assert browser.get(f"/lineage/closures/{row.pk}").status_code == 404
    assert browser.post("/lineage/a/closure", {"side": "around"}).status_code == 422


def test_the_snapshot_in_memory_follows_the_edges(clock: MovableClock) -> None:
    assets = make_graph([("a", "b"), ("b", "c")], at=AT)
    assert whole_graph() is whole_graph()
    assert len(whole_graph().ids) == 3
    Edge.objects.filter(dst=assets["c"]).update(closed_at=AT)
    assert len(whole_graph().ids) == 2


def test_edges_of_events_grow_old_by_the_cadence_of_their_source_and_go(clock: MovableClock) -> None:
    weekly = make_source("jobs", "openlineage", at=AT, cadence_hours=7 * 24)
    assets = make_graph([("a", "b")], at=AT, source=weekly)
    Edge.objects.create(
        src=assets["b"], dst=assets["a"], kind=3, source=make_source(at=AT), first_seen=AT, last_seen=AT
    )
    assert age_edges(at=AT + 20 * DAY)["stale"] == 0
    assert age_edges(at=AT + 21 * DAY)["stale"] == 1
    assert age_edges(at=AT + 22 * DAY)["stale"] == 0
    assert age_edges(at=AT + 90 * DAY)["closed"] == 1
    assert Edge.objects.filter(closed_at=None).count() == 1


def test_the_usual_interval_of_a_job_is_the_median_between_its_runs(clock: MovableClock) -> None:
    assets = make_graph([("daily", "table")], at=AT, source=make_source("jobs", "openlineage", at=AT))
    Asset.objects.filter(slug="daily").update(kind=PIPELINE.code)
    for days in (0, 10, 20, 21):
        StatusEntry.objects.create(asset=assets["daily"], what="last_run", value="complete", at=AT - days * DAY)
    assert age_edges(at=AT + 29 * DAY)["stale"] == 0
    assert age_edges(at=AT + 30 * DAY)["stale"] == 1


def test_an_old_edge_is_dashed_with_the_day_it_was_last_seen(browser: Client, clock: MovableClock) -> None:
    clock.set(AT)
    make_graph([("a", "b")], at=AT, source=make_source("jobs", "openlineage", at=AT))
    age_edges(at=AT + 8 * DAY)
    assert EDGE.findall(look(browser, "/lineage/a")) == [" back lit"]
    body = browser.get("/api/v1/assets/a/lineage").json()
    assert body["edges"] == [{"from": "a", "to": "b", "is_direct": True, "stale_since": "2026-03-02T09:00:00Z"}]
