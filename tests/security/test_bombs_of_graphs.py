"""Lineage in which everybody feeds everybody, and one without an end (spec security 10)."""

from __future__ import annotations

import time
from itertools import pairwise, permutations

import numpy as np
import pytest
from django.db import connection
from django.urls import reverse

from ownership.domain.graph import build_snapshot, closure
from ownership.queries.impact import impact_of
from ownership.queries.lineage import lineage_view
from portal.core import clock
from portal.core.patience import at_most
from tests.app.ownership.graphs import make_graph, make_source
from tests.contract.cast import make_cast

CPU_SECONDS = 3
MILLION = 1_000_000
# Everybody feeds everybody: a million edges over a thousand assets.
CLIQUE = """
INSERT INTO ownership_edge (src_id, dst_id, kind, source_id, first_seen, last_seen)
SELECT src.id, dst.id, 1, %s, %s, %s FROM ownership_asset AS src, ownership_asset AS dst WHERE src.id <> dst.id
"""


@pytest.mark.django_db
def test_a_clique_is_walked_once_a_circle_to_its_depth_and_their_pages_answer() -> None:
    chain = [f"n{n}" for n in range(100)]
    clique = permutations([f"c{n}" for n in range(56)], 2)
    graph = make_graph([*clique, *pairwise([*chain, chain[0]])], at=clock.now())
    started = time.process_time()
    ids = [node.id for node in lineage_view(graph["c0"], up=5, down=5).nodes]
    assert len(ids) == len(set(ids)) <= 56
    ring = lineage_view(graph["n0"], up=5, down=5)
    assert (len(ring.nodes), ring.up_count, ring.down_count) == (11, 5, 5)
    touched = [each.asset_id for each in impact_of(graph["c0"], "schema", clock.now(), depth=5).touched]
    assert len(touched) == len(set(touched)) == 55
    assert time.process_time() - started < CPU_SECONDS
    client = make_cast(["ownership:read"], at=clock.now()).client("analyst")
    for page in ("assets_detail", "lineage"):
        started = time.process_time()
        assert client.get(reverse(page, args=["c0"])).status_code == 200
        assert time.process_time() - started < CPU_SECONDS
    assert client.get(reverse("lineage", args=["c0"]), {"down": "999999999999"}).status_code == 400


@pytest.mark.slow
def test_a_chain_of_a_million_is_walked_to_its_end_without_recursion() -> None:
    ends = np.arange(1, MILLION, dtype=np.int64)
    started = time.process_time()
    ids, distances = closure(build_snapshot(ends, ends + 1), 1)
    assert (len(ids), int(ids[-1]), int(distances[-1])) == (MILLION - 1, MILLION, MILLION - 1)
    assert time.process_time() - started < 30


@pytest.mark.slow
@pytest.mark.django_db
def test_a_clique_of_a_thousand_is_shown_within_its_caps_and_asked_within_five_seconds() -> None:
    at = clock.now()
    assets = make_graph([], at=at, alone=[f"c{n:03}" for n in range(1000)])
    with connection.cursor() as cursor:
        cursor.execute(CLIQUE, [make_source("clique", at=at).pk, at, at])
        cursor.execute("ANALYZE ownership_edge")
    with at_most(5000):  # each statement, as the database counts
        view = lineage_view(assets["c000"], up=5, down=5)
        impact = impact_of(assets["c000"], "schema", at, depth=5)
    assert (len(view.nodes), view.is_truncated, len(impact.touched)) == (51, True, 999)
