"""Who probably owns what nobody owns: weak signs add up to a guess, which is only asked (spec ownership 11)."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

GIT_DAYS, GIT_HALF_LIFE = timedelta(days=180), timedelta(days=90)
LEAST_SHARE, LEAST_NEIGHBOURS = 0.5, 2
GIT, WRITER, READER, NEIGHBOURS = (
    "commits",
    "the pipeline that writes it",
    "the only one that shows it",
    "its neighbours",
)
CONFIDENCE = {GIT: 0.6, WRITER: 0.6, READER: 0.5, NEIGHBOURS: 0.5}


@dataclass(frozen=True)
class Hint:
    """One sign: the party (a person, or minus a team), which sign, how sure, and the words behind it."""

    party: int
    kind: str
    confidence: float
    ref: str


@dataclass(frozen=True)
class Guess:
    """Everything that speaks for one party."""

    party: int
    hints: tuple[Hint, ...]

    @property
    def confidence(self) -> float:
        """1 minus the product of the doubts; a kind of sign counts once, at its surest."""
        surest: dict[str, float] = defaultdict(float)
        for hint in self.hints:
            surest[hint.kind] = max(surest[hint.kind], hint.confidence)
        doubt = 1.0
        for confidence in surest.values():
            doubt *= 1 - confidence
        return round(1 - doubt, 2)

    @property
    def evidence(self) -> list[dict[str, str]]:
        """The lines of the card."""
        return [{"kind": hint.kind, "ref": hint.ref} for hint in self.hints]


def guesses(hints: Iterable[Hint]) -> list[Guess]:
    """One guess a party, the surest first."""
    found: dict[int, list[Hint]] = defaultdict(list)
    for hint in hints:
        found[hint.party].append(hint)
    made = [Guess(party, tuple(sorted(each, key=lambda hint: hint.kind))) for party, each in found.items()]
    return sorted(made, key=lambda guess: (-guess.confidence, guess.party))


def of_commits(commits: Sequence[tuple[int, datetime]], at: datetime) -> list[Hint]:
    """Who has at least half of the commits of 180 days, each halved every 90 days; (person, instant) each."""
    weights: dict[int, float] = defaultdict(float)
    counts: Counter[int] = Counter()
    for person, when in commits:
        if at - GIT_DAYS < when <= at:
            weights[person] += 0.5 ** ((at - when) / GIT_HALF_LIFE)
            counts[person] += 1
    whole = sum(weights.values())
    return [
        Hint(person, GIT, CONFIDENCE[GIT], f"{counts[person]} of {counts.total()} in 180 days")
        for person, weight in sorted(weights.items())
        if weight / whole >= LEAST_SHARE
    ]


def of_writers(owners: Iterable[tuple[int, str]]) -> list[Hint]:
    """Who owns a pipeline that writes it; (party, name of the pipeline) each."""
    return [Hint(party, WRITER, CONFIDENCE[WRITER], name) for party, name in owners]


def of_readers(owners: Sequence[tuple[int | None, str]]) -> list[Hint]:
    """Who owns the only dashboard or experiment below it; (party or None, its name) of all that are below."""
    if len(owners) != 1:
        return []
    return [Hint(party, READER, CONFIDENCE[READER], name) for party, name in owners if party is not None]


def of_neighbours(owners: Iterable[tuple[int, str]]) -> list[Hint]:
    """Who answers for at least two direct neighbours of the same zone and domain; (party, name) each."""
    names: dict[int, list[str]] = defaultdict(list)
    for party, name in owners:
        names[party].append(name)
    return [
        Hint(party, NEIGHBOURS, CONFIDENCE[NEIGHBOURS], ", ".join(sorted(each)[:3]))
        for party, each in sorted(names.items())
        if len(each) >= LEAST_NEIGHBOURS
    ]
