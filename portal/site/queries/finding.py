"""Search and palette over whatever the rooms register (spec site 4). Nothing that was typed is logged."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import OperationalError

from portal.core.patience import at_most
from portal.core.registries import (
    CommandEntry,
    Hit,
    SearchSource,
    command_registry,
    intent_registry,
    search_registry,
)
from portal.core.web.shell import url_of
from portal.site.queries.finding_more import find_more
from portal.site.queries.recent import followed_keys, recent_hits

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

MOST_CHARACTERS = 200
MOST_TERMS = 10
PALETTE_ROWS = 8
PALETTE_PATIENCE = 40
PAGE_ROWS = 5
PAGE_PATIENCE = 2000
EXACT_NAME = 1
KIND = re.compile(r"(?:^|\s)kind:(\w+)")
# "@mara" is a person, "team:payments" a team, wherever else the words occur.
SHORT = {"@": "people", "team:": "teams"}
QUOTES = str.maketrans("", "", '"\u201c\u201d\u201e')
# Found on the page alone: the palette has to answer in 50 ms.
PAGE_ONLY = SearchSource("more", 60, find_more)


@dataclass(frozen=True)
class Query:
    """What was typed, made even: NFKC, one space between terms, cut to length; `kind` limits it to one source."""

    text: str
    kind: str = ""


@dataclass(frozen=True)
class Group:
    """The hits of one source; `is_late` when the source did not answer in time."""

    key: str
    hits: Sequence[Hit]
    is_late: bool = False


def read_query(raw: str, kind: str = "") -> Query:
    """Read a search field; "kind:assets" inside the text is the same as the parameter."""
    text = unicodedata.normalize("NFKC", raw)[:MOST_CHARACTERS].replace("\0", "")
    found = KIND.search(text)
    if found:
        kind, text = found[1], KIND.sub(" ", text)
    words = " ".join(text.translate(QUOTES).split()[:MOST_TERMS])
    for mark, source in SHORT.items():
        if words.casefold().startswith(mark) and len(words) > len(mark):
            return Query(words[len(mark) :].strip(), source)
    return Query(words, kind.casefold())


def find_in_sources(query: Query, viewer: Any) -> list[Group]:
    """For the page: up to five hits a source, best first; sources with an exact hit before the others."""
    if not query.text:
        return []
    asked = [*_sources(query.kind), *([PAGE_ONLY] if query.kind in {"", PAGE_ONLY.key} else [])]
    followed = followed_keys(viewer)
    groups = [_ask(source, query.text, viewer, PAGE_ROWS, PAGE_PATIENCE, followed) for source in asked]
    return sorted(groups, key=lambda group: not any(hit.rank[0] <= EXACT_NAME for hit in group.hits))


def palette_hits(query: Query, viewer: Any, at: datetime) -> tuple[list[Hit], list[str]]:
    """At most eight: answers and commands, then exact hits of any source, then the sources in order.

    Nothing typed: what the viewer worked on last, then commands.

    The second value names the sources that were too slow.
    """
    commands = _commands(query.text, viewer)
    if not query.text:
        return [*recent_hits(viewer), *commands][:PALETTE_ROWS], []
    answers = _answers(query.text, viewer, at)
    answered = {key.partition(".")[0] for key in answers}
    sources = [source for source in _sources(query.kind) if source.key not in answered]
    followed = followed_keys(viewer)
    groups = [_ask(source, query.text, viewer, PAGE_ROWS, PALETTE_PATIENCE, followed) for source in sources]
    found = [hit for group in groups for hit in group.hits]
    found.sort(key=lambda hit: hit.rank[0] > EXACT_NAME)  # stable: exact ones first, else the order of the sources
    hits = [*answers.values(), *commands, *found]
    return hits[:PALETTE_ROWS], [group.key for group in groups if group.is_late]


def _sources(kind: str) -> list[SearchSource]:
    entries = sorted(search_registry.values(), key=lambda source: (source.order, source.key))
    return [source for source in entries if kind in {"", source.key}]


def _ask(
    source: SearchSource, text: str, viewer: Any, limit: int, patience: int, followed: Collection[str]
) -> Group:  # fmt: skip
    """Within a class of the rank what is followed, or near to the viewer, comes first."""
    try:
        with at_most(patience):
            found = source.find(text, viewer, limit)
            hits = sorted(found, key=lambda hit: (hit.rank[0], hit.key not in followed and hit.rank[1], hit.label))
    except OperationalError:
        return Group(source.key, (), is_late=True)
    return Group(source.key, hits[:limit])


def _commands(text: str, viewer: Any) -> list[Hit]:
    terms = text.casefold().split()
    entries = [entry for entry in command_registry.values() if entry.allowed is None or entry.allowed(viewer)]
    hits = [_command_hit(entry) for entry in entries if all(term in entry.label.casefold() for term in terms)]
    return [hit for hit in hits if hit is not None]


def _command_hit(entry: CommandEntry) -> Hit | None:
    url = url_of(entry.url_name)
    return Hit(entry.key, entry.label, "Action", url, entry.icon, (0, 0), "command") if url else None


def _answers(text: str, viewer: Any, at: datetime) -> dict[str, Hit]:
    """Questions the house answers at once. An intent `assets.owner` stands in for the source `assets`."""
    answers: dict[str, Hit] = {}
    for entry in intent_registry.values():
        matches = (re.search(pattern, text, re.IGNORECASE) for pattern in entry.patterns)
        match = next((found for found in matches if found), None)
        hit = entry.answer(match, viewer, at) if match else None
        if hit is not None:
            answers[entry.key] = hit
    return answers
