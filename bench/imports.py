"""Item g: files into the register, against saving row by row and against COPY alone."""

from __future__ import annotations

import gc
import io
import json
import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

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
PEER_ROWS, MEMORY_MB, ROUNDS = 200, 100, 3
CHANGED_EACH = 100
SMALL_PROJECT, LARGE_PROJECT = "bench", "large"
# What a merge may take over COPY into the same tables, which stages nothing, compares nothing and names nothing.
WITH_KEYS = 0.3


def measure() -> Iterator[Line]:
    """A manifest of 1,400 assets and 10,000 events; a million assets and three million edges with `BENCH_LARGE=1`."""
    from bench import import_rows  # noqa: PLC0415 (needs Django, which is set up by now)

    sure = random.Random(7)
    content = manifest(NODES, PARENTS, sure)
    peer = wall_seconds(lambda: import_rows.save_one_by_one(PEER_ROWS)) / PEER_ROWS
    first = wall_seconds(lambda: import_rows.run_file("dbt", content))
    yield rate("g", "dbt manifest, 1,400 assets", first, NODES, peer=peer, goal_peer=10)
    again = min(wall_seconds(lambda: import_rows.run_file("dbt", content)) for _ in range(ROUNDS))
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
    """The share `BENCH_LARGE` of a million assets and three million edges, a project that is new to the register."""
    from bench import import_rows  # noqa: PLC0415 (as above)

    assets, edges = (int(n * float(os.environ[FLAG])) for n in LARGE)
    name, seed = f"{assets:,} assets and {edges:,} edges", sure.random()
    with TemporaryFile() as file:
        write_manifest(file, LARGE_PROJECT, _parents(assets, edges, random.Random(seed)))
        held = forget_peak()
        first = wall_seconds(lambda: import_rows.run_file("dbt", file))
    most_memory = (peak() - held) / 1024
    with TemporaryFile() as file:
        write_manifest(file, LARGE_PROJECT, _parents(assets, edges, random.Random(seed)), changed_each=CHANGED_EACH)
        again = wall_seconds(lambda: import_rows.run_file("dbt", file))
    yield Line("g", f"{name}: one in a hundred changed", first / again, "times", 1, ratio_to_peer=first / again,
               goal_peer=1)  # fmt: skip
    limit = import_rows.copy_alone()
    yield rate("g", name, first, assets, limit=limit / assets, goal_limit=1 / 20)
    kept = import_rows.copy_with_keys()
    yield rate("g", f"{name}, with keys", first, assets, limit=kept / assets, goal_limit=WITH_KEYS)
    yield Line("g", f"{name}: memory", most_memory, "MB", 1, goal_at_most=MEMORY_MB)


def forget_peak() -> int:
    """Begin to watch this process's memory anew; what it holds now, in KiB."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return peak()


def peak() -> int:
    """The most this process has held since, in KiB."""
    told = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in told.splitlines() if line.startswith("VmHWM")).split()[1])


def manifest(nodes: int, edges: int, sure: random.Random) -> io.BytesIO:
    """Models that read earlier ones, few of them much more often than others."""
    file = io.BytesIO()
    write_manifest(file, SMALL_PROJECT, _parents(nodes, edges, sure))
    return file


def write_manifest(
    file: IO[bytes], project: str, parents: Iterator[list[int]], *, changed_each: int | None = None
) -> None:
    """The same, record by record, so that a large one is never whole in memory; the file stands at its start.

    Every so many records say something anew of themselves and of their column.
    """
    head = {"dbt_schema_version": SCHEMA, "project_name": project}
    file.write(f'{{"metadata": {json.dumps(head)}, "nodes": {{'.encode())
    for n, above in enumerate(parents):
        is_changed = changed_each is not None and n % changed_each == 0
        record = {
            "unique_id": f"model.{project}.m{n}", "resource_type": "model", "package_name": project, "name": f"m{n}",
            "relation_name": f'"{project}"."main"."m{n}"', "description": "Said anew." if is_changed else "",
            "columns": {"id": {"name": "id", "data_type": "text" if is_changed else "bigint"}},
            "depends_on": {"nodes": [f"model.{project}.m{up}" for up in above]},
        }  # fmt: skip
        file.write(f'{", " if n else ""}"model.{project}.m{n}": {json.dumps(record)}'.encode())
    file.write(b"}}")
    file.seek(0)


def _parents(nodes: int, edges: int, sure: random.Random) -> Iterator[list[int]]:
    """About edges / nodes parents each, none for the first."""
    yield []
    for child in range(1, nodes):
        count = edges // nodes + (sure.random() < edges / nodes % 1)
        yield sorted({int(child * sure.random() ** 3) for _ in range(count)})


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
