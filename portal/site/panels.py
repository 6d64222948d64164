"""The blocks the site itself puts on My day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal.core.web.presentation import Empty, Link, Row, When, count_words, deadline_words, when
from portal.site.queries.day import MOST_NEEDS, needs_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.core.registries import Need


@dataclass(frozen=True)
class NeedsYou:
    rows: Sequence[Row]
    end: str
    empty: Empty | None
    headline: str


def needs_you(subject: Any, viewer: Any, at: datetime) -> NeedsYou:
    """Rows that go with their fact, never by being dismissed."""
    del subject
    needs = needs_of(viewer, at)
    rows = [_row(need, viewer.zone, at) for need in needs[:MOST_NEEDS]]
    count = len(needs)
    return NeedsYou(
        rows=rows,
        end=str(count) if count else "",
        empty=None if count else Empty("Nothing waits for you", "What only you can move appears here.", "check"),
        headline=f"{count_words(count, 'thing needs', 'things need')} a word from you" if count else "",
    )


def _row(need: Need, zone: str, at: datetime) -> Row:
    due = deadline_words(need.due_at, zone, at) if need.due_at else ""
    facts: list[str | When] = [need.sentence, when(need.since, zone, at, is_relative=True), *([due] if due else [])]
    late = bool(need.due_at and need.due_at < at)
    return Row(title=need.subject, url=need.url, dot="bad" if late else "warn" if due else "", facts=facts,
               action=Link(need.verb, need.url))  # fmt: skip
