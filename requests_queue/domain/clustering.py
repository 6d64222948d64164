"""Questions that ask for one thing: average linkage on wording and assets, the same result every night (spec faq 9).

Never connected components: they chain. Everything here is deterministic; equal input gives equal groups.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from requests_queue.domain.linkage import similarities

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

THEME_CUT = 0.5
MOST_QUESTIONS = 2000
WORDS_WEIGHT = 0.7
WORD = re.compile(r"[^\W_]+")
RECURRING_ASKS, CANDIDATE_ASKS, CANDIDATE_TEAMS = 3, 5, 2
WINDOW = timedelta(days=90)
REMEMBERED = timedelta(days=90)
ALIKE = 0.5
LETTERS = 3
# As if so many other texts were known: among few questions a word of one of them is not yet a rare word.
PRIOR_TEXTS, PRIOR_USES = 200, 10


@dataclass(frozen=True)
class Question:
    """What was asked: its words, the assets it is about, the asking team, when, and what answering it took."""

    key: int
    text: str
    assets: frozenset[int]
    team: int | None
    asked_at: datetime
    minutes: int = 0
    vector: tuple[float, ...] = ()


@dataclass(frozen=True)
class Standing:
    """How often a group was asked lately, by how many teams, and what that makes it."""

    asks: int
    teams: int
    minutes: int

    @property
    def is_recurring(self) -> bool:
        return self.asks >= RECURRING_ASKS

    @property
    def is_candidate(self) -> bool:
        return self.asks >= CANDIDATE_ASKS and self.teams >= CANDIDATE_TEAMS


def grouped(questions: Sequence[Question], cut: float = THEME_CUT) -> list[list[Question]]:
    """Groups of at least two, the largest first, each in the order of asking; at most the newest 2,000 count."""
    newest = sorted(questions, key=lambda one: (one.asked_at, one.key))[-MOST_QUESTIONS:]
    if not newest:
        return []
    labels = _linked(_similarity(newest), cut)
    groups: dict[int, list[Question]] = {}
    for label, question in zip(labels, newest, strict=True):
        groups.setdefault(label, []).append(question)
    found = [group for group in groups.values() if len(group) > 1]
    return sorted(found, key=lambda group: (-len(group), group[0].asked_at, group[0].key))


def standing_of(group: Sequence[Question], at: datetime) -> Standing:
    """What counts is what was asked in the last 90 days."""
    lately = [question for question in group if at - WINDOW <= question.asked_at <= at]
    teams = {question.team for question in lately if question.team is not None}
    return Standing(len(lately), len(teams), sum(question.minutes for question in lately))


def name_of(group: Sequence[Question]) -> str:
    """The wording nearest to all others: the shortest of the most central."""
    similar = _similarity(list(group)).sum(axis=1)
    best = max(range(len(group)), key=lambda n: (round(float(similar[n]), 9), -len(group[n].text), -n))
    return group[best].text.strip()


def assigned(questions: Sequence[Question], themes: Mapping[int, Sequence[Question]]) -> dict[int, int]:
    """Which theme each question joins: the one with the highest mean similarity, if that reaches the cut.

    Keyed by question; questions that join nothing are left out. Ties go to the older theme (the smaller key).
    """
    members = [(theme, one) for theme in sorted(themes) for one in themes[theme]]
    if not questions or not members:
        return {}
    similar = _similarity([*questions, *(one for _, one in members)])[: len(questions), len(questions) :]
    owners = np.array([theme for theme, _ in members])
    means = {theme: similar[:, owners == theme].mean(axis=1) for theme in sorted(set(owners.tolist()))}
    found = {}
    for row, question in enumerate(questions):
        best = max(means, key=lambda theme: (round(float(means[theme][row]), 9), -theme))
        if means[best][row] >= THEME_CUT:
            found[question.key] = best
    return found


def is_same(one: frozenset[int], other: frozenset[int]) -> bool:
    """Whether two groups are one for the memory of people: half of all their members are shared."""
    return bool(one | other) and len(one & other) / len(one | other) >= ALIKE


def words_of(text: str) -> list[str]:
    """Words as they are compared: folded, without accents, a plural s taken off."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [word[:-1] if len(word) > LETTERS and word.endswith("s") else word for word in WORD.findall(bare)]


def _similarity(questions: Sequence[Question]) -> NDArray[np.float64]:
    """Meaning and words (spec faq 9) where each question has its vector.

    Without the model: 0.7 cosine of weighted words + 0.3 share of assets where both name some, else words alone.
    """
    if questions and all(question.vector for question in questions):
        bags = [Counter(words_of(question.text)) for question in questions]
        return np.asarray(np.round(similarities(bags, [question.vector for question in questions]), 9))
    words = _word_vectors([words_of(question.text) for question in questions])
    cosine = words @ words.T
    named = np.array([bool(question.assets) for question in questions])
    both = np.logical_and.outer(named, named)
    shared = np.where(both, _asset_shares(questions), 0.0)
    mixed = np.where(both, WORDS_WEIGHT * cosine + (1 - WORDS_WEIGHT) * shared, cosine)
    return np.asarray(np.round(mixed, 9), dtype=np.float64)


def _word_vectors(texts: Sequence[Sequence[str]]) -> NDArray[np.float64]:
    """Unit vectors of words, rare words weighing more; word order in the vocabulary is alphabetical."""
    frequency = Counter(word for text in texts for word in set(text))
    place = {word: n for n, word in enumerate(sorted(frequency))}
    vectors = np.zeros((len(texts), max(1, len(place))))
    for row, text in enumerate(texts):
        for word, times in Counter(text).items():
            rarity = (len(texts) + PRIOR_TEXTS) / (frequency[word] + PRIOR_USES)
            vectors[row, place[word]] = times * np.log(1 + rarity)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0), dtype=np.float64)


def _asset_shares(questions: Sequence[Question]) -> NDArray[np.float64]:
    assets = sorted({asset for question in questions for asset in question.assets})
    place = {asset: n for n, asset in enumerate(assets)}
    marks = np.zeros((len(questions), max(1, len(assets))))
    for row, question in enumerate(questions):
        for asset in question.assets:
            marks[row, place[asset]] = 1.0
    common = marks @ marks.T
    sizes = marks.sum(axis=1)
    union = np.add.outer(sizes, sizes) - common
    return np.asarray(np.divide(common, union, out=np.zeros_like(common), where=union > 0), dtype=np.float64)


def _linked(similarity: NDArray[np.float64], cut: float) -> list[int]:
    """Average linkage by chains of nearest neighbours, merged while the mean similarity is at least `cut`.

    O(n^2): each step of a chain looks at one row. A pair under the cut ends its chain for good, because averages of
    what is left can only be lower (average linkage is reducible).
    """
    count = len(similarity)
    mean = similarity.copy()
    np.fill_diagonal(mean, -1.0)
    sizes, labels, active = np.ones(count), list(range(count)), np.ones(count, dtype=bool)
    chain: list[int] = []
    while active.any():
        if not chain:
            chain.append(int(np.flatnonzero(active)[0]))
        last = chain[-1]
        row = np.where(active, mean[last], -1.0)
        row[last] = -1.0
        best = int(row.argmax())
        if len(chain) > 1 and row[chain[-2]] >= row[best]:
            best = chain[-2]
        if row[best] < cut:
            active[last] = False
            chain.pop()
        elif len(chain) > 1 and best == chain[-2]:
            chain = chain[:-2]
            _merge(mean, sizes, labels, active, (min(best, last), max(best, last)))
        else:
            chain.append(best)
    return labels


def _merge(
    mean: NDArray[np.float64], sizes: NDArray[np.float64], labels: list[int], active: NDArray[np.bool_],
    pair: tuple[int, int],
) -> None:  # fmt: skip
    kept, gone = pair
    both = (sizes[kept] * mean[kept] + sizes[gone] * mean[gone]) / (sizes[kept] + sizes[gone])
    mean[kept], mean[:, kept] = both, both
    mean[kept, kept] = -1.0
    sizes[kept] += sizes[gone]
    active[gone] = False
    for n, label in enumerate(labels):
        if label == gone:
            labels[n] = kept
