"""The rows of item g; this module needs Django."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection

from ownership.importers.openlineage.live import drain_batch
from ownership.models import Asset, AssetAlias
from portal.core.limits import COMMAND_BYTES
from portal.core.services.imports import FileToImport, apply_import, plan_import
from portal.engine.services.inbound import receive_many

if TYPE_CHECKING:
    from typing import BinaryIO

AT = datetime(2026, 3, 2, 3, tzinfo=UTC)


def run_file(source: str, file: BinaryIO) -> None:
    """Plan and apply, as the command does."""
    run = plan_import(actor=None, given=FileToImport(source, file, "bench", max_bytes=COMMAND_BYTES), at=AT)
    assert run.state == "planned", run.counts
    apply_import(actor=None, run=run, confirm_shrink=True, at=AT)


def save_one_by_one(count: int) -> None:
    """The peer: an ORM save for each asset and its name."""
    for n in range(count):
        asset = Asset.objects.create(
            kind=20, slug=f"peer-{n}", name=f"peer-{n}", attrs={}, created_at=AT, updated_at=AT
        )
        AssetAlias.objects.create(asset=asset, system="peer", key=f"peer-{n}", first_seen=AT, last_seen=AT)


def receive(events: list[dict[str, Any]]) -> None:
    """What the endpoint stores."""
    for start in range(0, len(events), 1000):
        block = events[start : start + 1000]
        messages = [(hashlib.sha256(json.dumps(each).encode()).hexdigest(), each) for each in block]
        receive_many(source="openlineage", messages=messages, at=AT)


def drain_all() -> None:
    while drain_batch(at=AT):
        pass


def copy_alone(assets: int, edges: int) -> None:
    """The limit: the same number of narrow rows into bare tables by COPY."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE bench_assets (id bigint, name text)")
        cursor.execute("CREATE TEMPORARY TABLE bench_edges (src bigint, dst bigint)")
        rows = io.StringIO("".join(f"{n}\tm{n}\n" for n in range(assets)))
        cursor.copy_expert("COPY bench_assets FROM STDIN", rows)
        pairs = io.StringIO("".join(f"{n % assets}\t{n * 7 % assets}\n" for n in range(edges)))
        cursor.copy_expert("COPY bench_edges FROM STDIN", pairs)
