"""Lineage in which everybody feeds everybody, and one without an end (spec security 10)."""

from __future__ import annotations

import time
from itertools import pairwise, permutations

import pytest
from django.urls import reverse

from ownership.queries.impact import impact_of
from ownership.queries.lineage import lineage_view
from portal.core import clock
from tests.app.ownership.graphs import make_graph
from tests.contract.cast import make_cast

CPU_SECONDS = 3


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
