"""Questions that mean the same: average linkage on words and meaning, never connected components (spec faq 9).

Chains of pairs that are each alike join everything (B-cubed precision .20 on the development sets); the average
similarity of two groups does not.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from requests_queue.domain.matching import COSINE_SHARE, WORD_SHARE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DUPLICATES, THEME, JOINING = 0.7, 0.5, 0.6
MOST_QUESTIONS = 2000
K1, B = 1.2, 0.75


def similarities(bags: Sequence[Mapping[str, int]], vectors: Sequence[Sequence[float]] | None) -> Any:
    """The square matrix of 0.6 cosine + 0.4 symmetric BM25; by words alone, BM25 counts whole."""
    words = word_similarities(bags)
    if vectors is None:
        return words
    own: Any = np.array(vectors, dtype=np.float64)
    return COSINE_SHARE * (own @ own.T) + WORD_SHARE * words


def word_similarities(bags: Sequence[Mapping[str, int]]) -> Any:
    """BM25 both ways over the BM25 of each text with itself: 1 on the diagonal, 0 for no common word."""
    n = len(bags)
    places = {term: place for place, term in enumerate(sorted({term for bag in bags for term in bag}))}
    if not places:
        return np.zeros((n, n))
    df = Counter(term for bag in bags for term in bag)
    lengths = [sum(bag.values()) for bag in bags]
    average = max(sum(lengths) / max(n, 1), 1.0)
    asked: Any = np.zeros((n, len(places)))
    held: Any = np.zeros((n, len(places)))
    for row, bag in enumerate(bags):
        for term, tf in bag.items():
            idf = math.log(1 + (n - df[term] + 0.5) / (df[term] + 0.5))
            asked[row, places[term]] = tf
            held[row, places[term]] = idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * lengths[row] / average))
    scores = asked @ held.T
    own = np.diag(scores)
    both = own[:, None] + own[None, :]
    return np.divide(scores + scores.T, both, out=np.zeros((n, n)), where=both > 0)


def linkage(matrix: Any) -> list[tuple[int, int, float]]:
    """Merges (a, b, average similarity) of average linkage, as a nearest-neighbour chain; b joins a.

    O(n^2) in time and space. Average linkage is monotone, so a cut of the merges is a cut of the tree. Ties go to the
    smaller index, so that two runs agree.
    """
    near: Any = np.array(matrix, dtype=np.float64)
    np.fill_diagonal(near, -np.inf)
    size = np.ones(len(near))
    alive = np.ones(len(near), dtype=bool)
    merges: list[tuple[int, int, float]] = []
    chain: list[int] = []
    while alive.sum() > 1:
        if not chain:
            chain.append(int(np.argmax(alive)))
        top = chain[-1]
        best = int(np.argmax(near[top]))
        if len(chain) > 1 and near[top, chain[-2]] >= near[top, best]:
            best = chain[-2]
        if len(chain) > 1 and best == chain[-2]:
            del chain[-2:]
            merges.append(_join(near, size, alive, min(top, best), max(top, best)))
        else:
            chain.append(best)
    return merges


def groups_at(count: int, merges: Sequence[tuple[int, int, float]], cut: float) -> list[list[int]]:
    """The groups of `count` questions when merges below the cut are not made, each in order, larger ones first."""
    parent = list(range(count))
    for kept, joined, similarity in merges:
        if similarity >= cut:
            parent[_root(parent, joined)] = _root(parent, kept)
    found: dict[int, list[int]] = defaultdict(list)
    for place in range(count):
        found[_root(parent, place)].append(place)
    return sorted(found.values(), key=lambda group: (-len(group), group[0]))


def middle_of(group: Sequence[int], matrix: Any) -> int:
    """The member most like the others: its words name the group."""
    return max(group, key=lambda one: (sum(matrix[one, other] for other in group), -one))


def b_cubed_precision(groups: Sequence[Sequence[int]], labels: Sequence[Any]) -> float:
    """Of each question's companions, the share that truly belong to it; the mean over all."""
    total, count = 0.0, 0
    for group in groups:
        sizes = Counter(labels[one] for one in group)
        total += sum(size * size / len(group) for size in sizes.values())
        count += len(group)
    return total / count if count else 1.0


def _join(near: Any, size: Any, alive: Any, kept: int, joined: int) -> tuple[int, int, float]:
    similarity = float(near[kept, joined])
    whole = size[kept] + size[joined]
    mean = (size[kept] * near[kept] + size[joined] * near[joined]) / whole
    near[kept, :] = near[:, kept] = mean
    near[joined, :] = near[:, joined] = -np.inf
    near[kept, kept] = -np.inf
    size[kept] = whole
    alive[joined] = False
    return kept, joined, similarity


def _root(parent: list[int], place: int) -> int:
    while parent[place] != place:
        parent[place] = parent[parent[place]]
        place = parent[place]
    return place
