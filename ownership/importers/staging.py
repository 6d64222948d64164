"""Facts into the staging tables by COPY, 5,000 rows a batch: memory stays flat whatever the file."""

from __future__ import annotations

import csv
import json
from collections import Counter
from io import StringIO
from typing import TYPE_CHECKING, Any

from django.db import connection

from ownership.domain.naming import slug_of
from ownership.domain.states import Duty
from ownership.importers.facts import (
    AliasFact,
    AssetFact,
    ClaimFact,
    ColumnEdgeFact,
    ColumnFact,
    EdgeFact,
    EvidenceFact,
    PartyFact,
    StatusFact,
)
from ownership.models import StagedClaim

if TYPE_CHECKING:
    from collections.abc import Iterable

BATCH = 5000
# The columns in which nothing stands for nothing; everywhere else it is an empty text.
NULLABLE = frozenset({"tier", "seen_at", "valid_from", "valid_to", "at"})
TABLES: dict[type, tuple[str, tuple[str, ...]]] = {
    AssetFact: (
        "ownership_stagedasset",
        (
            "run_id", "n", "key", "system", "kind", "name", "slug", "domain", "tier", "lifecycle", "relation", "repo",
            "file_path", "description", "grain", "pitfalls", "schema_hash", "definition_hash", "attrs", "aliases",
            "is_reference", "is_placeholder", "says", "is_home", "change", "changed",
        ),
    ),
    EdgeFact: ("ownership_stagededge", ("run_id", "src_key", "dst_key", "kind", "seen_at")),
    ClaimFact: (
        "ownership_stagedclaim",
        (
            "run_id", "asset_key", "raw", "id_system", "duty", "rank", "rank_inferred", "basis", "confidence",
            "evidence", "valid_from", "valid_to",
        ),
    ),
    ColumnFact: ("ownership_stagedcolumn", ("run_id", "asset_key", "n", "name", "type", "description")),
    StatusFact: ("ownership_stageddetail", ("run_id", "sort", "asset_key", "one", "two", "three", "at")),
}  # fmt: skip
DETAILS = (AliasFact, ColumnEdgeFact, EvidenceFact, PartyFact, StatusFact)


class Staging:
    """Buffers of one run, one a table; `counts` says how many of each sort the file holds."""

    def __init__(self, run_id: int) -> None:
        self.run_id = run_id
        self.counts: Counter[str] = Counter()
        self._buffers: dict[type, list[tuple[Any, ...]]] = {sort: [] for sort in TABLES}
        self._n = 0

    def take(self, facts: Iterable[Any]) -> dict[str, int]:
        """Write all facts; edges to placeholders are counted apart, since the file does not describe their end."""
        for fact in facts:
            sort = StatusFact if isinstance(fact, DETAILS) else type(fact)
            buffer = self._buffers[sort]
            buffer.append(self._row(fact))
            if len(buffer) >= BATCH:
                self._flush(sort)
        for sort in TABLES:
            self._flush(sort)
        self.counts["owner_records"] = self._owned() if self.counts["claims"] else 0
        return dict(self.counts)

    def _row(self, fact: Any) -> tuple[Any, ...]:
        if isinstance(fact, EdgeFact):
            self.counts["edges"] += 1
            return (self.run_id, fact.src_key, fact.dst_key, fact.kind, fact.at)
        if isinstance(fact, AssetFact):
            return self._asset(fact)
        if isinstance(fact, ColumnFact):
            self.counts["columns"] += 1
            return (self.run_id, fact.asset_key, fact.n, fact.name, fact.type, fact.description)
        if isinstance(fact, ClaimFact):
            return self._claim(fact)
        return (self.run_id, *self._detail(fact))

    def _asset(self, fact: AssetFact) -> tuple[Any, ...]:
        """Until it is compared with the register an asset is taken to be a new one of this source."""
        self._n += 1
        self.counts[_sort_of(fact)] += 1
        said = {what: at.isoformat() if at else None for what, at in fact.says.items()}
        change = "absent" if fact.is_reference and fact.is_placeholder else "new"
        return (
            self.run_id, self._n, fact.key, fact.system, fact.kind, fact.name, slug_of(fact.name), fact.domain,
            fact.tier, fact.lifecycle, fact.relation, fact.repo, fact.file_path, fact.description, fact.grain,
            fact.pitfalls, fact.schema_hash, fact.definition_hash, json.dumps(fact.attrs), _array(fact.aliases),
            fact.is_reference, fact.is_placeholder, json.dumps(said), True, change, "{}",
        )  # fmt: skip

    def _claim(self, fact: ClaimFact) -> tuple[Any, ...]:
        self.counts["claims"] += 1
        return (
            self.run_id, fact.asset_key, fact.raw, fact.id_system, fact.duty, fact.rank, fact.rank_inferred,
            fact.basis, fact.confidence, json.dumps(fact.evidence), fact.valid_from, fact.valid_to,
        )  # fmt: skip

    def _detail(self, fact: Any) -> tuple[Any, ...]:
        """Sort, asset key, three texts and an instant."""
        if isinstance(fact, AliasFact):
            return ("alias", fact.asset_key, fact.system, fact.key, "", None)
        if isinstance(fact, ColumnEdgeFact):
            self.counts["column_edges"] += 1
            return ("column", fact.dst_key, fact.dst_column, fact.src_key, fact.src_column, None)
        if isinstance(fact, EvidenceFact):
            self.counts["evidence"] += 1
            return ("evidence", fact.asset_key, fact.raw, fact.kind, fact.ref, fact.at)
        if isinstance(fact, PartyFact):
            self.counts["people"] += 1
            return ("party", "", fact.raw, fact.email, fact.team, None)
        self.counts["statuses"] += 1
        return ("status", fact.asset_key, fact.what, fact.value, "", fact.at)

    def _owned(self) -> int:
        """How many records name a technical owner."""
        said = StagedClaim.objects.filter(run_id=self.run_id, duty=Duty.TECHNICAL)
        return said.values("asset_key").distinct().count()

    def _flush(self, sort: type) -> None:
        rows, self._buffers[sort] = self._buffers[sort], []
        if rows:
            copy_rows(*TABLES[sort], rows)


def _sort_of(fact: AssetFact) -> str:
    if fact.is_placeholder:
        return "pointers" if fact.is_reference else "placeholders"
    return "assets"


def copy_rows(table: str, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """COPY rows into a table; None is NULL in the columns that may hold it. Names are ours, never of a file."""
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    text.seek(0)
    texts = ", ".join(name for name in columns if name not in NULLABLE)
    form = f"FORMAT csv, NULL '', FORCE_NOT_NULL ({texts})"
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN WITH ({form})", text)


def _array(values: Iterable[str]) -> str:
    quoted = ('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    return "{" + ",".join(quoted) + "}"
