"""The openings through which rooms meet: each app fills them in its `wiring.py`, then they are closed.

A room that sits lower asks a registry; a higher room has answered in advance. A key registered twice stops the start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

Entry = TypeVar("Entry")


class RegistryClosed(Exception):
    """Something tried to register after start-up."""


class DuplicateKey(Exception):
    """Two registrations under one key."""


class Registry(Generic[Entry]):
    """Keyed entries in the order of registration."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._entries: dict[str, Entry] = {}

    def add(self, key: str, entry: Entry) -> None:
        if _state.is_closed:
            message = f"{self.name}: {key!r} was registered after start-up; do it in wiring.py"
            raise RegistryClosed(message)
        if key in self._entries:
            message = f"{self.name}: {key!r} is registered twice"
            raise DuplicateKey(message)
        self._entries[key] = entry

    def get(self, key: str) -> Entry | None:
        return self._entries.get(key)

    def items(self) -> list[tuple[str, Entry]]:
        return list(self._entries.items())

    def values(self) -> list[Entry]:
        return list(self._entries.values())

    def snapshot(self) -> dict[str, Entry]:
        return dict(self._entries)

    def restore(self, entries: dict[str, Entry]) -> None:
        self._entries = entries


@dataclass
class _State:
    is_closed: bool = False
    registries: list[Registry[Any]] = field(default_factory=list)


_state = _State()


def new_registry(name: str) -> Registry[Any]:
    """A registry that is closed and reopened with all others."""
    registry: Registry[Any] = Registry(name)
    _state.registries.append(registry)
    return registry


def close_registries() -> None:
    """Called once, when every app is wired."""
    _state.is_closed = True


@contextmanager
def reopened() -> Iterator[None]:
    """For tests: registrations inside the block vanish with it."""
    saved = [(registry, registry.snapshot()) for registry in _state.registries]
    _state.is_closed = False
    try:
        yield
    finally:
        _state.is_closed = True
        for registry, entries in saved:
            registry.restore(entries)


@dataclass(frozen=True)
class PanelEntry:
    slot: str
    key: str
    order: int
    build: Callable[[Any, Any, datetime], object | None]
    template: str
    needs: str | None


@dataclass(frozen=True)
class NavEntry:
    key: str
    label: str
    url_name: str
    icon: str
    order: int
    group: str = ""
    shortcut: str = ""
    count: Callable[[Any, datetime], int | None] | None = None
    is_live: bool = False
    is_minor: bool = False


@dataclass(frozen=True)
class ListEntry:
    key: str
    label: str
    url: str


@dataclass(frozen=True)
class Hit:
    """One line of search or palette. `rank` is (class 0-4, boost 0-1): lower comes first (spec site 4)."""

    key: str
    label: str
    line: str
    url: str
    icon: str
    rank: tuple[int, int]
    kind: str


@dataclass(frozen=True)
class SearchSource:
    key: str
    order: int
    find: Callable[[str, Any, int], Sequence[Hit]]


@dataclass(frozen=True)
class IntentEntry:
    key: str
    patterns: tuple[str, ...]
    answer: Callable[..., Hit | None]


@dataclass(frozen=True)
class CommandEntry:
    key: str
    label: str
    url_name: str
    icon: str
    allowed: Callable[[Any], bool] | None = None


@dataclass(frozen=True)
class Need:
    """What only this person can move (spec site 3)."""

    subject: str
    sentence: str
    verb: str
    url: str
    due_at: datetime | None
    since: datetime


@dataclass(frozen=True)
class VerbEntry:
    verb: str
    sentence: str
    undo: Callable[..., object] | None = None
    why_no_undo: str = ""


@dataclass(frozen=True)
class Check:
    """One line of the doctor: `colour` is ok, warn or bad."""

    colour: str
    sentence: str


@dataclass(frozen=True)
class CheckEntry:
    key: str
    order: int
    run: Callable[[], Check]
    command: str


@dataclass(frozen=True)
class TopicEntry:
    name: str
    subject_type: str
    example: dict[str, Any]
    is_external: bool


@dataclass(frozen=True)
class SeedEntry:
    key: str
    order: int
    seed: Callable[[], object]


@dataclass(frozen=True)
class ReportScope:
    """What a report is asked for: a quarter, and a team or all of them (None)."""

    quarter: Any
    team: Any
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class ReportColumn:
    """A column: `kind` is text, count, minutes, share (0 to 1) or number. There is never one of people."""

    key: str
    label: str
    kind: str = "text"


@dataclass(frozen=True)
class ReportEntry:
    """A report: `query(scope, viewer, at)` gives its rows, for page, CSV and API alike.

    `links(scope, rows)` gives by row the addresses of what stands behind its figures, by column.
    """

    key: str
    order: int
    title: str
    question: str
    columns: tuple[ReportColumn, ...]
    query: Callable[[ReportScope, Any, datetime], Sequence[tuple[Any, ...]]]
    links: Callable[[ReportScope, Sequence[tuple[Any, ...]]], Sequence[Mapping[str, str]]] | None = None


Window = tuple[datetime, datetime]
# By column the size of each person in each window `[since, until)`, in their order, as a viewer may see it.
LoadSource = Callable[[Sequence[int], Sequence[Window], Any], Mapping[str, Sequence[Mapping[int, int]]]]


@dataclass(frozen=True)
class LoadColumn:
    """One load of a person; over `limit` in four weeks it is too much. `source` counts it, alone or with others."""

    key: str
    order: int
    label: str
    unit: str
    source: LoadSource
    limit: int | None = None
    action: str = ""


panel_registry: Registry[PanelEntry] = new_registry("panels")
nav_registry: Registry[NavEntry] = new_registry("nav")
list_registry: Registry[ListEntry] = new_registry("lists")
search_registry: Registry[SearchSource] = new_registry("search sources")
intent_registry: Registry[IntentEntry] = new_registry("intents")
command_registry: Registry[CommandEntry] = new_registry("commands")
need_registry: Registry[Callable[[Any, datetime], Sequence[Need]]] = new_registry("needs")
verb_registry: Registry[VerbEntry] = new_registry("verbs")
check_registry: Registry[CheckEntry] = new_registry("checks")
topic_registry: Registry[TopicEntry] = new_registry("topics")
append_only_registry: Registry[str] = new_registry("append-only tables")
seed_registry: Registry[SeedEntry] = new_registry("seeds")
report_registry: Registry[ReportEntry] = new_registry("reports")
load_registry: Registry[LoadColumn] = new_registry("load columns")
contribution_registry: Registry[tuple[str, Callable[..., Any]]] = new_registry("contributions")

PanelBuild = Callable[[Any, Any, datetime], object | None]


def register_panel(slot: str, key: str, order: int, build: PanelBuild, template: str, needs: str | None = None) -> None:
    """A block on another room's page: `build(subject, viewer, at)` gives a frozen view model, or None for no block."""
    panel_registry.add(f"{slot}:{key}", PanelEntry(slot, key, order, build, template, needs))


def register_nav(  # noqa: PLR0913 (one flat entry reads better than a value object in every wiring)
    key: str,
    label: str,
    url_name: str,
    icon: str,
    order: int,
    *,
    group: str = "",
    shortcut: str = "",
    count: Callable[[Any, datetime], int | None] | None = None,
    is_live: bool = False,
    is_minor: bool = False,
) -> None:
    """An entry of the side navigation; `count` is what waits for the viewer, and a minor one is folded below its group.

    Counts are remembered until the next audit row, for a minute at most; one that changes without is `is_live`.
    """
    nav_registry.add(key, NavEntry(key, label, url_name, icon, order, group, shortcut, count, is_live, is_minor))


def register_list(key: str, label: str, url: str) -> None:
    """A list whose address, with its filters, people keep under a name."""
    list_registry.add(key, ListEntry(key, label, url))


def register_search_source(key: str, order: int, find: Callable[[str, Any, int], Sequence[Hit]]) -> None:
    search_registry.add(key, SearchSource(key, order, find))


def register_intent(key: str, patterns: tuple[str, ...], answer: Callable[..., Hit | None]) -> None:
    """A palette question; `answer(match, viewer, at)` says the answer itself."""
    intent_registry.add(key, IntentEntry(key, patterns, answer))


def register_command(
    key: str, label: str, url_name: str, icon: str, allowed: Callable[[Any], bool] | None = None
) -> None:
    command_registry.add(key, CommandEntry(key, label, url_name, icon, allowed))


def register_need(key: str, rows: Callable[[Any, datetime], Sequence[Need]]) -> None:
    need_registry.add(key, rows)


def register_verb(verb: str, sentence: str, undo: Callable[..., object] | None = None, why_no_undo: str = "") -> None:
    """An audit verb with its sentence, for example "{actor} filed {subject}"."""
    verb_registry.add(verb, VerbEntry(verb, sentence, undo, why_no_undo))


def register_check(key: str, order: int, run: Callable[[], Check], command: str) -> None:
    check_registry.add(key, CheckEntry(key, order, run, command))


def register_topic(name: str, subject_type: str, example: dict[str, Any], *, is_external: bool = False) -> None:
    topic_registry.add(name, TopicEntry(name, subject_type, example, is_external))


def register_append_only(table: str) -> None:
    """The application role loses UPDATE and DELETE on this table after each migrate."""
    append_only_registry.add(table, table)


def register_seed(key: str, order: int, seed: Callable[[], object]) -> None:
    """Rows every installation starts with; `seed` must be safe to repeat."""
    seed_registry.add(key, SeedEntry(key, order, seed))


def contribute(name: str, provide: Callable[..., Any]) -> None:
    """Answer a named question of a lower room (spec decisions, "openings upward")."""
    contribution_registry.add(f"{name}:{provide.__module__}.{provide.__qualname__}", (name, provide))


def contributions(name: str) -> list[Callable[..., Any]]:
    return [provide for asked, provide in contribution_registry.values() if asked == name]


def register_report(
    key: str,
    order: int,
    title: str,
    question: str,
    columns: Sequence[ReportColumn],
    query: Callable[[ReportScope, Any, datetime], Sequence[tuple[Any, ...]]],
    links: Callable[[ReportScope, Sequence[tuple[Any, ...]]], Sequence[Mapping[str, str]]] | None = None,
) -> None:
    """A report of `/reports/` with the question it answers."""
    report_registry.add(key, ReportEntry(key, order, title, question, tuple(columns), query, links))


def register_load_column(
    key: str,
    order: int,
    label: str,
    unit: str,
    rows: Callable[[Sequence[int], datetime, datetime, Any], Mapping[int, int]],
    *,
    limit: int | None = None,
    action: str = "",
) -> None:
    """A column of `/load/`; `limit` is for four weeks, `action` what a lead does about too much."""

    def source(ids: Sequence[int], windows: Sequence[Window], viewer: Any) -> Mapping[str, Sequence[Mapping[int, int]]]:
        return {key: [rows(ids, since, until, viewer) for since, until in windows]}

    load_registry.add(key, LoadColumn(key, order, label, unit, source, limit, action))


def register_load_columns(columns: Sequence[LoadColumn]) -> None:
    """Columns of `/load/` that one source counts together, in fewer reads than one by one."""
    for column in columns:
        load_registry.add(column.key, column)
