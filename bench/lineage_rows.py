"""Registers for item d, written by the fastest way in; this module needs Django."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection

from ownership.models import Asset, Edge
from portal.accounts.services.people import create_person
from portal.core.models import ImportSource

if TYPE_CHECKING:
    from random import Random

    from portal.accounts.models import Person

AT = datetime(2026, 1, 5, tzinfo=UTC)
STAMP = AT.isoformat()
PASSWORD = "correct horse battery staple"  # noqa: S105 -- of a database that lives for one run
HANDLE = "bench"
# Above every id of `fill`: the application may not set a sequence.
FIRST_FREE = 10_000_000


def make_person() -> Person:
    return create_person(
        actor=None, handle=HANDLE, name="Bench", email="bench@example.com", zone="UTC", password=PASSWORD, at=AT
    )


def make_source(name: str) -> ImportSource:
    made, _ = ImportSource.objects.get_or_create(
        importer="dbt", scope=name, defaults={"name": f"dbt:{name}", "created_at": AT}
    )
    return made


def fill(n: int, src: Any, dst: Any) -> None:
    """Assets 1..n and these edges, in place of what is there."""
    source = make_source("bench")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ownership_boundarycheck; DELETE FROM ownership_edge; DELETE FROM ownership_asset")
        assets = (f"{i}\t20\tm{i}\tm{i}\t{STAMP}\t{STAMP}\n" for i in range(1, n + 1))
        copy_rows(cursor, "ownership_asset (id, kind, slug, name, created_at, updated_at)", assets)
        pairs = zip(src.tolist(), dst.tolist(), strict=True)
        rows = (f"{a}\t{b}\t1\t{source.pk}\t{STAMP}\t{STAMP}\n" for a, b in pairs)
        copy_rows(cursor, "ownership_edge (src_id, dst_id, kind, source_id, first_seen, last_seen)", rows)


def make_picture(nodes: int, edges: int, sure: Random) -> str:
    """A neighbourhood of this size around one asset, five steps each way; returns its slug."""
    stem = f"picture-{nodes}"
    names = [f"{stem}-{n}" for n in range(nodes)]
    made = Asset.objects.bulk_create(
        Asset(id=FIRST_FREE + number, kind=20, slug=name, name=name, attrs={}, created_at=AT, updated_at=AT)
        for number, name in enumerate(names, start=nodes * nodes)
    )
    middle, pairs = nodes // 2, set()
    below, above = list(range(middle + 1, nodes)), list(range(middle))
    for side in (below, above[::-1]):
        for place, node in enumerate(side):
            parent = middle if place < 4 else side[place // 4 - 1]
            pairs.add((parent, node) if side is below else (node, parent))
    while len(pairs) < edges:
        low = sure.randrange(nodes - 1)
        pairs.add((low, sure.randrange(low + 1, min(nodes, low + 40))))
    source = make_source("bench")
    Edge.objects.bulk_create(
        Edge(src=made[low], dst=made[high], kind=1, source=source, first_seen=AT, last_seen=AT) for low, high in pairs
    )
    return names[middle]


def touch() -> None:
    """A new version of the graph: what is remembered is asked again."""
    Asset.objects.filter(slug="picture-60-0").update(updated_at=AT)


def copy_rows(cursor: Any, target: str, lines: Any) -> None:
    """Lines of text by COPY, a hundred thousand at a time."""
    block = io.StringIO()
    for number, line in enumerate(lines, start=1):
        block.write(line)
        if number % 100_000 == 0:
            block = _send(cursor, target, block)
    _send(cursor, target, block)


def _send(cursor: Any, target: str, block: io.StringIO) -> io.StringIO:
    block.seek(0)
    cursor.copy_expert(f"COPY {target} FROM STDIN", block)
    return io.StringIO()
