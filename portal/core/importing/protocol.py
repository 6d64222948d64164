"""What a reader of one format promises, and what a room does with its facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from portal.core.registries import Registry, new_registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from portal.core.importing.issues import Issues
    from portal.core.importing.streams import TextStream
    from portal.core.models import ImportRun, ImportSource
    from portal.core.policies import Decision

Fact = Any


@dataclass(frozen=True)
class Scope:
    """The part of the register a file speaks about; `complete` says that absence means gone."""

    name: str
    complete: bool = True


@dataclass(frozen=True)
class Reading:
    """A file being read."""

    scope: Scope
    facts: Iterator[Fact]


class Importer(Protocol):
    """A reader: pure (no database, no network, no clock), and it streams."""

    code: str
    label: str
    snapshot: bool
    precedence: int

    def sniff(self, head: bytes, filename: str) -> float:
        """How likely the file is of this format, 0..1, from its first 64 KiB."""
        ...

    def read(self, stream: TextStream, *, options: dict[str, Any], issues: Issues) -> Reading:
        """What the file speaks about, and its facts, drawn lazily; raises `Unusable` when nothing can be read."""
        ...


class Room(Protocol):
    """Where facts go: staged, compared with the register, applied chunk by chunk."""

    def may_import(self, person: Any, at: datetime) -> Decision: ...

    def options_for(self, importer: Importer, source_scopes: list[str]) -> dict[str, Any]:
        """What the reader must know of the register, as plain values."""
        ...

    def stage(self, run: ImportRun, facts: Iterator[Fact]) -> dict[str, int]:
        """Write the facts to staging; returns how many of each sort the file holds."""
        ...

    def plan(self, run: ImportRun, at: datetime) -> dict[str, Any]:
        """Compare with the register, which does not change."""
        ...

    def apply_next(self, run: ImportRun, actor: Any, at: datetime) -> bool:
        """Apply one more chunk in the caller's transaction; False when nothing is left."""
        ...

    def refresh(self, source: ImportSource, actor: Any, at: datetime) -> int:
        """Take up what could not be settled when this file was first applied; returns the rows changed."""
        ...

    def forget(self, run: ImportRun) -> None:
        """Drop the staged facts."""
        ...

    def sample(self, run: ImportRun, limit: int) -> list[PlanLine]:
        """The difference, line by line, for people."""
        ...


@dataclass(frozen=True)
class PlanLine:
    """One line of the difference: `sign` is +, ~ or -."""

    sign: str
    sort: str
    title: str
    line: str = ""
    url: str = ""


@dataclass(frozen=True)
class Reader:
    importer: Importer
    room: Room


readers: Registry[Reader] = new_registry("importers")


def register_importer(importer: Importer, room: Room) -> None:
    """Make a format known; called from a room's wiring."""
    readers.add(importer.code, Reader(importer, room))


def reader_of(code: str) -> Reader | None:
    """The reader of a format, or None."""
    return readers.get(code)


def sniff(head: bytes, filename: str) -> Reader | None:
    """The reader most sure of this file, if any is at all."""
    sure = [(reader.importer.sniff(head, filename), reader) for reader in readers.values()]
    best = max(sure, key=lambda pair: pair[0], default=None)
    return best[1] if best and best[0] > 0 else None
