"""Item d: closures of lineage in memory against graph libraries and SQL, and the page that draws them."""

from __future__ import annotations

import os
import random
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import rustworkx as rx
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order

from bench.installation import vacuum
from bench.lines import Line, rate
from bench.timing import cpu_seconds
from ownership.domain.graph import Snapshot, build_snapshot, closure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SEED = 20261126
SMALL, LARGE = (100_000, 300_000), (1_000_000, 3_000_000)
FLAG = "BENCH_LARGE"
SNAPSHOT_MB = 40
PAGES = ((60, 65, 60), (500, 665, 150), (2000, 2890, 500))
CACHED_MS = 60
ROUNDS = 5
CTE = """
WITH RECURSIVE below(id) AS (
    SELECT %s::bigint UNION
    SELECT edge.dst_id FROM below JOIN ownership_edge AS edge ON edge.src_id = below.id AND edge.closed_at IS NULL
) SELECT count(*) FROM below
"""
Array = Any


@dataclass(frozen=True)
class Graph:
    """Edges between assets 1..n; few assets feed many, most feed none."""

    n: int
    src: Array
    dst: Array
    hub: int
    leaf: int

    @classmethod
    def drawn(cls, n: int, m: int) -> Graph:
        sure = np.random.default_rng(SEED)
        low = np.minimum((n * sure.random(m) ** 3).astype(np.int64), n - 2)
        high = low + 1 + (sure.random(m) * (n - low - 1)).astype(np.int64)
        name = sure.permutation(n) + 1
        pairs = np.unique(np.stack([name[low], name[high]]), axis=1)
        return cls(n, pairs[0], pairs[1], int(name[0]), int(name[n * 7 // 10]))


def measure() -> Iterator[Line]:
    """100 k assets and 300 k edges; a million and three with `BENCH_LARGE=1`."""
    for size in (SMALL, LARGE) if os.environ.get(FLAG) else (SMALL,):
        graph = Graph.drawn(*size)
        yield from _in_memory(graph)
        yield from _in_sql(graph)
    yield from _pages()


def _in_memory(graph: Graph) -> Iterator[Line]:
    built = cpu_seconds({"ours": partial(build_snapshot, graph.src, graph.dst), "scipy": partial(_matrix, graph)}, 3)
    ours, matrix = build_snapshot(graph.src, graph.dst), _matrix(graph)
    name = f"{graph.n:,} assets"
    yield rate("d", f"snapshot, {name}", built["ours"], 1, limit=built["scipy"], goal_limit=1 / 3)
    size = ours.bytes / 1e6 * LARGE[1] / len(graph.src)
    yield Line("d", f"memory of 3 M edges, {name}", size, "MB", 1, goal_at_most=SNAPSHOT_MB)
    works: dict[str, Callable[[], object]] = {
        "ours": partial(closure, ours, graph.hub),
        "scipy": lambda: breadth_first_order(matrix, graph.hub, return_predecessors=False),
        "rustworkx": _rustworkx(graph),
    }
    if graph.n == SMALL[0]:
        works["networkx"] = _networkx(graph)
    cost = cpu_seconds(works, ROUNDS)
    peer = {"peer": cost["rustworkx"], "goal_peer": 2.5}
    yield rate("d", f"hub, {name}, rustworkx", cost["ours"], 1, limit=cost["scipy"], goal_limit=0.5, **peer)
    if "networkx" in cost:
        yield rate("d", f"hub, {name}, networkx", cost["ours"], 1, peer=cost["networkx"])
    yield from _leaf(graph, ours)


def _leaf(graph: Graph, ours: Snapshot) -> Iterator[Line]:
    cost = cpu_seconds({"ours": partial(closure, ours, graph.leaf)}, ROUNDS)
    yield rate("d", f"leaf's parent, {graph.n:,} assets", cost["ours"], 1)


def _in_sql(graph: Graph) -> Iterator[Line]:
    """The same hub by a recursive query, and a small closure against reading single rows."""
    from django.db import connection  # noqa: PLC0415 -- Django is set up after this module is loaded

    _fill(graph)
    ours = build_snapshot(graph.src, graph.dst)
    with connection.cursor() as cursor:

        def ask(statement: str, *values: int) -> None:
            cursor.execute(statement, values)
            cursor.fetchall()

        each: dict[str, Callable[[], object]] = {
            "ours": partial(closure, ours, graph.hub),
            "cte": partial(ask, CTE, graph.hub),
            "small": partial(ask, CTE, graph.leaf),
            "row": partial(ask, "SELECT name FROM ownership_asset WHERE id = %s", graph.leaf),
        }
        cost = {name: _wall(work) for name, work in each.items()}
    name = f"{graph.n:,} assets"
    goal = 20 if graph.n == LARGE[0] else None
    yield rate("d", f"hub, {name}, recursive query", cost["ours"], 1, peer=cost["cte"], goal_peer=goal)
    yield Line("d", f"small closure by query, {name}", cost["small"] / cost["row"], "rows", 1, goal_at_most=10)


def _pages() -> Iterator[Line]:
    """Whole answers of the lineage page: the first of a version, and a remembered one."""
    from django.test import Client  # noqa: PLC0415 -- as above

    from bench.lineage_rows import make_person, make_picture, touch  # noqa: PLC0415 -- as above

    client = Client()
    client.force_login(make_person())
    for nodes, edges, goal in PAGES:
        url = f"/lineage/{make_picture(nodes, edges, random.Random(SEED))}?up=5&down=5&limit=2000"
        first, again = [], []
        for _ in range(ROUNDS):
            touch()
            first.append(_once(client, url))
            again.append(_once(client, url))
        yield Line("d", f"page, {nodes} nodes", min(first) * 1000, "ms", ROUNDS, goal_at_most=goal)
        yield Line("d", f"page, {nodes} nodes, remembered", min(again) * 1000, "ms", ROUNDS, goal_at_most=CACHED_MS)


def _once(client: Any, url: str) -> float:
    """CPU of this process; PostgreSQL's share shows in the lines above."""
    begin = time.process_time()
    answer = client.get(url)
    assert answer.status_code == 200
    return time.process_time() - begin


def _wall(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begin)
    return best


def _matrix(graph: Graph) -> Any:
    ones = np.ones(len(graph.src), dtype=np.int8)
    return csr_matrix((ones, (graph.src, graph.dst)), shape=(graph.n + 1, graph.n + 1))


def _rustworkx(graph: Graph) -> Callable[[], object]:
    made = rx.PyDiGraph()
    made.add_nodes_from(range(graph.n + 1))
    made.add_edges_from_no_data(list(zip(graph.src.tolist(), graph.dst.tolist(), strict=True)))
    return partial(rx.descendants, made, graph.hub)


def _networkx(graph: Graph) -> Callable[[], object]:
    made = nx.DiGraph()
    made.add_edges_from(zip(graph.src.tolist(), graph.dst.tolist(), strict=True))
    return partial(nx.descendants, made, graph.hub)


def _fill(graph: Graph) -> None:
    from bench.lineage_rows import fill  # noqa: PLC0415 -- as above

    fill(graph.n, graph.src, graph.dst)
    vacuum()
