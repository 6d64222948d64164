"""The rows of item g; this module needs Django."""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from bench.installation import alone
from ownership.importers.openlineage.live import drain_batch
from ownership.models import Asset, AssetAlias, AssetStatus, Column, Edge, StatusEntry
from portal.core.limits import COMMAND_BYTES
from portal.core.models import ImportSource
from portal.core.services.imports import FileToImport, apply_import, plan_import
from portal.engine.services.inbound import receive_many

if TYPE_CHECKING:
    from typing import BinaryIO

AT = datetime(2026, 3, 2, 3, tzinfo=UTC)
REGISTER = ("ownership_asset", "ownership_assetalias", "ownership_column", "ownership_edge")


def run_file(source: str, file: BinaryIO) -> None:
    """Plan and apply, as the command does."""
    run = plan_import(actor=None, given=FileToImport(source, file, "bench", max_bytes=COMMAND_BYTES), at=AT)
    assert run.state == "planned", run.counts
    apply_import(actor=None, run=run, confirm_shrink=True, at=AT)


def save_one_by_one(count: int) -> None:
    """The peer: what a file says of an asset, saved row by row: it, its name, its column, one or two edges."""
    source = ImportSource.objects.create(importer="dbt", scope="peer", name="peer", precedence=70, created_at=AT)
    made: list[Asset] = []
    for n in range(count):
        asset = Asset.objects.create(
            kind=20, slug=f"peer-{n}", name=f"peer-{n}", attrs={}, created_at=AT, updated_at=AT
        )
        AssetAlias.objects.create(
            asset=asset, system="peer", key=f"peer-{n}", source=source, first_seen=AT, last_seen=AT
        )
        Column.objects.create(asset=asset, n=0, name="id", type="bigint")
        for above in made[-1 - n % 2 :]:
            Edge.objects.create(dst=asset, src=above, kind=1, source=source, first_seen=AT, last_seen=AT)
        made.append(asset)


def hear_one_by_one(count: int) -> None:
    """The peer of events: what a finished run says of known assets, saved row by row."""
    source = ImportSource.objects.get(name="peer")
    assets = list(Asset.objects.filter(slug__startswith="peer-").order_by("pk")[:4])
    for n in range(count):
        at = AT + timedelta(seconds=n)
        for above in assets[1:]:
            Edge.objects.update_or_create(
                dst=assets[0], src=above, kind=1, source=source,
                defaults={"last_seen": at}, create_defaults={"first_seen": at, "last_seen": at},
            )  # fmt: skip
        StatusEntry.objects.create(asset=assets[0], what="run", value="COMPLETE", at=at, source=source)
        AssetStatus.objects.update_or_create(
            asset=assets[0], what="run", defaults={"value": "COMPLETE", "at": at, "source": source}
        )


def receive(events: list[dict[str, Any]]) -> None:
    """What the endpoint stores."""
    for start in range(0, len(events), 1000):
        block = events[start : start + 1000]
        messages = [(hashlib.sha256(json.dumps(each).encode()).hexdigest(), each) for each in block]
        receive_many(source="openlineage", messages=messages, at=AT)


def drain_all() -> None:
    while drain_batch(at=AT):
        pass


def copy_alone() -> float:
    """The limit: the rows that the import left in the register, by COPY into tables without a key; in seconds."""
    seconds = 0.0
    with connection.cursor() as cursor:
        for table in REGISTER:
            with TemporaryFile() as rows:
                cursor.copy_expert(f"COPY (SELECT * FROM {table}) TO STDOUT", rows)
                rows.seek(0)
                cursor.execute(f"CREATE TEMPORARY TABLE bare AS SELECT * FROM {table} LIMIT 0")
                begin = time.perf_counter()
                cursor.copy_expert("COPY bare FROM STDIN", rows)
                seconds += time.perf_counter() - begin
                cursor.execute("DROP TABLE bare")
    return seconds


def copy_with_keys() -> float:
    """The same rows by COPY into the tables themselves, emptied before: their indexes, foreign keys and triggers."""
    with ExitStack() as files, connection.cursor() as cursor:
        kept = [(table, _columns(cursor, table), files.enter_context(TemporaryFile())) for table in REGISTER]
        for table, columns, rows in kept:
            cursor.copy_expert(f"COPY (SELECT {columns} FROM {table}) TO STDOUT", rows)
            rows.seek(0)
        alone("TRUNCATE ownership_asset CASCADE")
        begin = time.perf_counter()
        with transaction.atomic():
            for table, columns, rows in kept:
                cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", rows)
        return time.perf_counter() - begin


def _columns(cursor: Any, table: str) -> str:
    """All but generated ones, which a COPY may not name."""
    cursor.execute(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        [table],
    )
    return str(cursor.fetchone()[0])
