"""How good a list of suggestions is: recall, reciprocal rank, and what the bands promise (spec faq 12)."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from requests_queue.domain.matching import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DEPTH = 10
CUT_OF_TEN = 4
TRAINED_UPTO = 5
WORDS = re.compile(r"\w+")


@dataclass(frozen=True)
class Entry:
    """One answer of a set; `twins` says what counts as equally right: the same words about the same asset."""

    id: str
    question: str
    asset: str
    group: str

    @property
    def twins(self) -> tuple[str, str]:
        return " ".join(WORDS.findall(self.question.lower())), self.asset


@dataclass(frozen=True)
class Query:
    """One question somebody asks; `right` is empty where nothing answers it."""

    id: str
    text: str
    right: frozenset[str]
    asset: str
    group: str


@dataclass(frozen=True)
class QuestionSet:
    entries: tuple[Entry, ...]
    queries: tuple[Query, ...]
    aliases: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Result:
    """What one query got: entry ids in order, and the band of the list."""

    query: Query
    ranked: tuple[str, ...]
    band: str
    seconds: float
    sql_seconds: float = 0.0


@dataclass
class Figures:
    """The figures of one run; band figures are empty unless asked for."""

    n: int = 0
    recall_1: float = 0.0
    recall_5: float = 0.0
    recall_10: float = 0.0
    mrr_10: float = 0.0
    bands: dict[str, dict[str, float]] = field(default_factory=dict)
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    sql_p95_ms: float = 0.0


class BadSet(Exception):
    """A line of a set that is not in the documented form, with its file and number."""


@dataclass(frozen=True)
class _Line:
    """One object of a file; each reader raises `BadSet` with its place."""

    file: str
    number: int
    row: Any

    def fault(self, *words: str) -> BadSet:
        return BadSet(f"{self.file}:{self.number}: {' '.join(words)}")

    def text(self, key: str) -> str:
        """A text that says something; signs of control become spaces, as in what people type."""
        value = self.row[key]
        line = " ".join(HIDDEN.sub(" ", value).split()) if isinstance(value, str) else ""
        if not line or any("\ud800" <= letter <= "\udfff" for letter in line):
            raise self.fault(key, "is not a text")
        return line

    def optional(self, key: str) -> str:
        value = self.row.get(key)
        if value is not None and not isinstance(value, str | int):
            raise self.fault(key, "is not a text")
        return "" if value is None else str(value)

    def new_id(self, seen: set[str]) -> str:
        found = self.optional("id")
        if not found or found in seen:
            raise self.fault("id", found, "stands twice" if found else "is empty")
        seen.add(found)
        return found

    def ids(self, key: str, known: set[str]) -> list[str]:
        value = self.row[key]
        if not isinstance(value, list):
            raise self.fault(key, "is not a list of ids")
        for one in value:
            if str(one) not in known:
                raise self.fault(key, "names", str(one), "which is no id of corpus.jsonl")
        return [str(one) for one in value]


def read_set(corpus: Iterable[str], queries: Iterable[str]) -> QuestionSet:
    """The set of two JSONL files; raises `BadSet` naming file and line of what is not in the documented form."""
    entries: list[Entry] = []
    seen = set[str]()
    for line in _rows(corpus, "corpus.jsonl", ("id", "question")):
        asset, group = line.optional("asset"), line.optional("group")
        entries.append(Entry(line.new_id(seen), line.text("question"), asset, group))
    asked = [
        Query(
            line.optional("id"), line.text("text"), frozenset(line.ids("rel", seen)), line.optional("asset"),
            line.optional("group"),
        )
        for line in _rows(queries, "queries.jsonl", ("id", "text", "rel"))
    ]  # fmt: skip
    return QuestionSet(tuple(entries), _with_twins(entries, asked))


def first_by_digest(queries: Sequence[Query], most: int) -> list[Query]:
    """The first `most` by the md5 of the id, in that order; 0 takes all."""
    ordered = sorted(queries, key=lambda query: (_md5(query.id), query.id))
    return ordered[:most] if most else ordered


def with_aliases(given: QuestionSet, count: int) -> QuestionSet:
    """The first `count` queries of each group, by the md5 of the text, become aliases of what answers them.

    The test then uses the queries from the sixth on, whatever `count` is, so that runs can be compared.
    """
    by_group: dict[str, list[Query]] = defaultdict(list)
    for query in given.queries:
        by_group[query.group].append(query)
    aliases, kept = [], []
    for group in by_group.values():
        ordered = sorted(group, key=lambda query: (_md5(query.text), query.id))
        aliases += [(entry, query.text) for query in ordered[:count] for entry in sorted(query.right)[:1]]
        kept += ordered[TRAINED_UPTO:]
    return QuestionSet(given.entries, tuple(kept), tuple(aliases))


def without_some(given: QuestionSet) -> QuestionSet:
    """Entries whose group falls under the cut are removed: their queries have near neighbours and no answer."""
    gone = {entry.id for entry in given.entries if int(_md5(f"cut{entry.group}"), 16) % 10 < CUT_OF_TEN}
    kept = tuple(entry for entry in given.entries if entry.id not in gone)
    queries = tuple(
        Query(query.id, query.text, query.right - gone, query.asset, query.group) for query in given.queries
    )
    return QuestionSet(kept, queries, given.aliases)


def figures_of(results: Sequence[Result], *, with_bands: bool = False) -> Figures:
    """Recall and reciprocal rank over the answerable queries; the bands over all of them."""
    places = [_place(result) for result in results if result.query.right]
    found = [place for place in places if place is not None]
    n = len(places)
    seconds = sorted(result.seconds for result in results)
    sql = sorted(result.sql_seconds for result in results)
    figures = Figures(
        n, p50_ms=_at(seconds, 0.5) * 1e3, p95_ms=_at(seconds, 0.95) * 1e3, sql_p95_ms=_at(sql, 0.95) * 1e3
    )
    if n:
        figures.recall_1, figures.recall_5, figures.recall_10 = (
            sum(place <= depth for place in found) / n for depth in (1, 5, DEPTH)
        )
        figures.mrr_10 = sum(1 / place for place in found if place <= DEPTH) / n
    if with_bands:
        figures.bands = {"upper": _band(results, {"upper"}), "listed": _band(results, {"upper", "lower"})}
    return figures


def _band(results: Sequence[Result], bands: set[str]) -> dict[str, float]:
    """Precision: a right answer is among the five shown; coverage: of what can be answered; false: of the rest."""
    shown = [result for result in results if result.band in bands]
    right = [result for result in shown if (_place(result) or DEPTH) <= 5]  # noqa: PLR2004 (five are shown)
    answerable = sum(bool(result.query.right) for result in results)
    unanswerable = len(results) - answerable
    false = sum(not result.query.right for result in shown)
    return {
        "precision": len(right) / len(shown) if shown else 0.0,
        "coverage": (len(shown) - false) / answerable if answerable else 0.0,
        "false": false / unanswerable if unanswerable else 0.0,
    }


def _place(result: Result) -> int | None:
    return next((n for n, entry in enumerate(result.ranked, 1) if entry in result.query.right), None)


def _at(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def _with_twins(entries: Sequence[Entry], queries: Sequence[Query]) -> tuple[Query, ...]:
    twins: dict[tuple[str, str], set[str]] = defaultdict(set)
    by_id = {entry.id: entry for entry in entries}
    for entry in entries:
        twins[entry.twins].add(entry.id)
    return tuple(
        Query(
            query.id, query.text,
            frozenset(twin for right in query.right if right in by_id for twin in twins[by_id[right].twins]),
            query.asset, query.group,
        )
        for query in queries
    )  # fmt: skip


def _rows(lines: Iterable[str], name: str, needed: Sequence[str]) -> Iterable[_Line]:
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except (ValueError, RecursionError) as fault:
            message = f"{name}:{number}: {fault}"
            raise BadSet(message) from None
        line = _Line(name, number, row)
        missing = needed if not isinstance(row, dict) else [key for key in needed if key not in row]
        if missing:
            raise line.fault(", ".join(missing), "is missing")
        yield line


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
