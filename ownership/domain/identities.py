"""Who might be meant by a foreign name: suggestions only, people decide (spec ownership 4, "Identity aliases")."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

SURE_ENOUGH = 0.6
MOST = 3
SAME_LOCAL, IN_NOREPLY = 0.9, 0.85
_MAIL = re.compile(r"<?([^<>\s@]+)@([^<>\s@]+)>?$")
_NOREPLY = re.compile(r"^(?:\d+\+)?(.+)@users\.noreply\.", re.IGNORECASE)
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True)
class Candidate:
    """A person or a team somebody may have meant: `key` is the person's id, or minus the team's."""

    key: int
    name: str
    slug: str
    email: str = ""


@dataclass(frozen=True)
class Suggestion:
    candidate: Candidate
    confidence: float
    why: str


def suggest(raw: str, candidates: Iterable[Candidate], *, rejected: Collection[int] = ()) -> list[Suggestion]:
    """At most three parties that may be meant, the likeliest first; equal ones by name.

    The same local part in another mail domain, a login inside a noreply address, or names that look alike
    (trigrams >= 0.6). Pairs that people have rejected never come back.
    """
    wanted = _Wanted(raw)
    found = (wanted.likeness(candidate) for candidate in candidates if candidate.key not in rejected)
    sure = [suggestion for suggestion in found if suggestion is not None]
    return sorted(sure, key=lambda each: (-each.confidence, each.candidate.name, each.candidate.key))[:MOST]


class _Wanted:
    """What a raw name offers for comparing."""

    def __init__(self, raw: str) -> None:
        text = raw.strip().casefold()
        mail = _MAIL.search(text)
        noreply = _NOREPLY.match(text.strip("<>"))
        self.login = noreply[1] if noreply else ""
        self.local = mail[1] if mail and not noreply else ""
        self.bare = self.login or self.local or text.rpartition("/")[2].rpartition(":")[2].lstrip("@")
        self.trigrams = trigrams(text.partition("<")[0] if "<" in text and text[0] != "<" else self.bare)

    def likeness(self, candidate: Candidate) -> Suggestion | None:
        local = candidate.email.casefold().partition("@")[0]
        if self.login and self.login in {candidate.slug.casefold(), local}:
            return Suggestion(candidate, IN_NOREPLY, "the same login in a noreply address")
        if self.local and self.local == local:
            return Suggestion(candidate, SAME_LOCAL, "the same name in another mail domain")
        alike = max(_similarity(self.trigrams, trigrams(name)) for name in (candidate.name, candidate.slug, local))
        if alike >= SURE_ENOUGH:
            return Suggestion(candidate, round(alike * 0.8, 2), "the names look alike")
        return None


def trigrams(text: str) -> frozenset[str]:
    """As PostgreSQL's pg_trgm makes them: each word with two blanks before and one after."""
    words = [f"  {word} " for word in _WORDS.findall(text.casefold().replace("_", " "))]
    return frozenset(word[n : n + 3] for word in words for n in range(len(word) - 2))


def _similarity(one: frozenset[str], other: frozenset[str]) -> float:
    both = len(one & other)
    return both / (len(one) + len(other) - both) if both else 0.0
