"""What a backup says of itself, what makes it unusable here, and which backups are kept (spec operations 6)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

FORMAT = 1
PREFIX = "headwater-"
STAMP = "%Y%m%d-%H%M%S"
DAILY, WEEKLY, MONTHLY = 14, 8, 12


@dataclass(frozen=True)
class TableFacts:
    """How many rows a table holds, and the sum of a digest of each: equal sums mean equal content."""

    rows: int
    sum: str


@dataclass(frozen=True)
class Manifest:
    """Everything needed to judge a restored copy; holds no row, no secret and no address."""

    taken_at: str
    release: str
    server: int
    migrations: Sequence[str]
    tables: Mapping[str, TableFacts]
    seals: Mapping[str, str]
    keys: Sequence[str]
    dump_sha256: str
    files: Mapping[str, str]
    missing_files: Sequence[str] = field(default_factory=list)
    format: int = FORMAT

    def text(self) -> str:
        """Stable JSON: the same facts give the same bytes."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"

    @property
    def rows(self) -> int:
        return sum(facts.rows for facts in self.tables.values())


def read_manifest(text: str) -> Manifest:
    """The manifest in a text; raises ValueError when it is none of this format."""
    try:
        facts: dict[str, Any] = json.loads(text)
        tables = {name: TableFacts(**own) for name, own in facts.pop("tables").items()}
        manifest = Manifest(**facts, tables=tables)
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        message = f"this is no manifest of a backup: {error}"
        raise ValueError(message) from None
    if manifest.format != FORMAT:
        message = f"the manifest has format {manifest.format}, this release reads {FORMAT}"
        raise ValueError(message)
    return manifest


def digest(content: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def refusals(manifest: Manifest, *, migrations: Collection[str], keys: Collection[str]) -> list[str]:
    """Why this installation must not restore the backup; empty when it may."""
    newer = sorted(set(manifest.migrations) - set(migrations))
    unknown = sorted(set(manifest.keys) - set(keys))
    found = []
    if newer:
        found.append(f"the backup's schema is newer than this code: {', '.join(newer[:5])}")
    if unknown:
        found.append(f"HEADWATER_DATA_KEYS lacks the key with fingerprint {', '.join(unknown)}")
    return found


def differences(wanted: Mapping[str, TableFacts], found: Mapping[str, TableFacts]) -> list[str]:
    """One sentence a table whose rows are not those of the backup."""
    faults = []
    for table, facts in sorted(wanted.items()):
        own = found.get(table)
        if own is None:
            faults.append(f"{table} is missing")
        elif own.rows != facts.rows:
            faults.append(f"{table} has {own.rows} rows, the backup {facts.rows}")
        elif own.sum != facts.sum:
            faults.append(f"{table} has the rows of the backup with other content")
    return faults


def name_of(at: datetime) -> str:
    """The folder of a backup; names sort by time."""
    return PREFIX + at.strftime(STAMP)


def taken_on(name: str) -> date | None:
    """The day of a backup's folder, or None for a folder that is none."""
    try:
        return datetime.strptime(name.removeprefix(PREFIX), STAMP).date() if name.startswith(PREFIX) else None  # noqa: DTZ007 (only its day is used)
    except ValueError:
        return None


def kept(names: Collection[str]) -> set[str]:
    """The newest backup of each of 14 days, 8 weeks and 12 months that have one."""
    days = {name: day for name in sorted(names) if (day := taken_on(name)) is not None}
    keep: set[str] = set()
    for most, period in (
        (DAILY, lambda day: day.toordinal()),
        (WEEKLY, lambda day: day.isocalendar()[:2]),
        (MONTHLY, lambda day: (day.year, day.month)),
    ):
        newest: dict[Any, str] = {period(day): name for name, day in days.items()}
        keep |= {newest[key] for key in sorted(newest)[-most:]}
    return keep
