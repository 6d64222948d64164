"""Item g: files into the register, against saving row by row and against COPY alone."""

from __future__ import annotations

import io
import json
import os
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bench.installation import vacuum
from bench.lines import Line, rate
from bench.timing import wall_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

NODES, PARENTS = 1400, 2200
EVENTS, JOBS = 10_000, 800
LARGE, FLAG = (1_000_000, 3_000_000), "BENCH_LARGE"
AT = datetime(2026, 3, 2, 3, tzinfo=UTC)
SCHEMA = "https://schemas.getdbt.com/dbt/manifest/v12.json"
PEER_ROWS = 200


def measure() -> Iterator[Line]:
    """A manifest of 1,400 assets and 10,000 events; a million assets and three million edges with `BENCH_LARGE=1`."""
    from bench import import_rows  # noqa: PLC0415 (needs Django, which is set up by now)

    sure = random.Random(7)
    content = manifest(NODES, PARENTS, sure)
    peer = wall_seconds(lambda: import_rows.save_one_by_one(PEER_ROWS)) / PEER_ROWS
    first = wall_seconds(lambda: import_rows.run_file("dbt", content))
    yield rate("g", "dbt manifest, 1,400 assets", first, NODES, peer=peer, goal_peer=10)
    again = wall_seconds(lambda: import_rows.run_file("dbt", content))
    yield Line(
        "g", "unchanged file over first time", first / again, "times", 1, ratio_to_peer=first / again, goal_peer=20
    )
    vacuum()
    heard = wall_seconds(lambda: import_rows.hear_one_by_one(PEER_ROWS)) / PEER_ROWS
    import_rows.receive([event(n, sure) for n in range(EVENTS)])
    drained = wall_seconds(import_rows.drain_all)
    yield rate("g", "OpenLineage events, 500 at a time", drained, EVENTS, peer=heard, goal_peer=10)
    if os.environ.get(FLAG):
        yield from _large(sure)


def _large(sure: random.Random) -> Iterator[Line]:
    from bench import import_rows  # noqa: PLC0415 (as above)

    assets, edges = LARGE
    content = manifest(assets, edges, sure)
    limit = wall_seconds(lambda: import_rows.copy_alone(assets, edges))
    first = wall_seconds(lambda: import_rows.run_file("dbt", content))
    yield rate("g", "1 M assets and 3 M edges", first, assets, limit=limit / assets, goal_limit=1 / 20)


def manifest(nodes: int, edges: int, sure: random.Random) -> io.BytesIO:
    """Models that read earlier ones, few of them much more often than others."""
    parents: list[set[int]] = [set() for _ in range(nodes)]
    for _ in range(edges):
        child = sure.randrange(1, nodes)
        parents[child].add(int(child * sure.random() ** 3))
    records = {
        f"model.bench.m{n}": {
            "unique_id": f"model.bench.m{n}", "resource_type": "model", "package_name": "bench", "name": f"m{n}",
            "relation_name": f'"db"."main"."m{n}"', "columns": {"id": {"name": "id", "data_type": "bigint"}},
            "depends_on": {"nodes": [f"model.bench.m{up}" for up in sorted(above)]},
        }
        for n, above in enumerate(parents)
    }  # fmt: skip
    metadata = {"dbt_schema_version": SCHEMA, "project_name": "bench"}
    return io.BytesIO(json.dumps({"metadata": metadata, "nodes": records}).encode())


def event(n: int, sure: random.Random) -> dict[str, Any]:
    """One finished run of one of some jobs."""
    job = sure.randrange(JOBS)
    return {
        "eventType": "COMPLETE",
        "eventTime": (AT + timedelta(seconds=n)).isoformat(),
        "run": {"runId": f"00000000-0000-4000-8000-{n:012}"},
        "job": {"namespace": "bench", "name": f"job{job}"},
        "inputs": [{"namespace": "hive", "name": f"t{job * 2}"}, {"namespace": "hive", "name": f"t{job * 2 + 1}"}],
        "outputs": [{"namespace": "hive", "name": f"out{job}"}],
    }
