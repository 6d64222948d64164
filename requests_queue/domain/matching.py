"""From scored wordings to what is suggested: fusion, asset boost, and when to stay silent (spec faq 5, 6).

The weights and the coefficients were fitted on the development sets only and are shipped as they stand here.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

COSINE_SHARE, WORD_SHARE = 0.6, 0.4
ASSET_BOOST = 0.15
MOST_BM25 = 1.5
UPPER, LOWER = 0.8, 0.5
SHOWN = 5
SHOWN_REQUESTS = 3
LEAST_WORDS = 5
MOST_QUERY = 2000
SIXTH = 6
HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Candidate:
    """An entry with its best wording: `cosine` and `words` are those of that wording, `best_cosine` of any."""

    id: int
    phrase: int
    cosine: float
    words: float
    best_cosine: float = 0.0
    is_about: bool = False
    is_stale: bool = False

    @property
    def score(self) -> float:
        """Linear fusion; reciprocal ranks lose eleven points of recall at 1 on the development sets."""
        return fused(self.cosine, self.words)


@dataclass(frozen=True)
class Suggested:
    """An entry as it is shown: its rank from 1, and its score with the boost."""

    id: int
    phrase: int
    rank: int
    score: float
    is_stale: bool


@dataclass(frozen=True)
class Judged:
    """What is shown, how sure that is, and the figures it was judged by."""

    entries: tuple[Suggested, ...]
    p: float
    band: str
    features: tuple[float, ...]


@dataclass(frozen=True)
class Logistic:
    """`p = sigmoid(intercept + sum weight * (x - mean) / std)`."""

    intercept: float
    means: tuple[float, ...]
    stds: tuple[float, ...]
    weights: tuple[float, ...]

    def probability(self, features: Sequence[float]) -> float:
        parts = zip(self.weights, features, self.means, self.stds, strict=True)
        return sigmoid(self.intercept + sum(weight * (x - mean) / std for weight, x, mean, std in parts))

    def as_json(self) -> dict[str, Any]:
        return {
            "intercept": self.intercept, "means": list(self.means), "stds": list(self.stds),
            "weights": list(self.weights),
        }  # fmt: skip


def logistic_from(stored: Mapping[str, Any]) -> Logistic:
    """Read what `as_json` wrote."""
    return Logistic(float(stored["intercept"]), tuple(stored["means"]), tuple(stored["stds"]), tuple(stored["weights"]))


HYBRID = Logistic(
    -0.011,
    (0.7102, 0.4807, 0.1152, 0.2366, 0.2361),
    (0.1589, 0.2450, 0.1146, 0.1415, 0.1411),
    (1.288, -0.435, 0.713, 0.353, 0.391),
)
LEXICAL = Logistic(-0.395, (0.5106, 0.1154, 0.2365), (0.2283, 0.1295, 0.1692), (-0.094, 0.550, 0.863))


@dataclass(frozen=True)
class Judge:
    """The coefficients in use; without a model the three lexical features count and there is no upper band."""

    hybrid: Logistic = HYBRID
    lexical: Logistic = LEXICAL
    number: int = 0


SHIPPED = Judge()


def sigmoid(x: float) -> float:
    """Without overflow at either end."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def fused(cosine: float, words: float) -> float:
    """0.6 of the cosine and 0.4 of the normalised BM25, which is capped at 1.5."""
    return COSINE_SHARE * cosine + WORD_SHARE * min(words, MOST_BM25)


def clean_query(text: str) -> str:
    """What was typed as one line without control characters, cut at a word when longer than 2,000 characters."""
    line = " ".join(HIDDEN.sub(" ", text[: MOST_QUERY * 2]).split())
    if len(line) <= MOST_QUERY:
        return line
    head = line[:MOST_QUERY]
    return head.rsplit(" ", 1)[0] if " " in head else head


def normal_form(text: str) -> str:
    """Two wordings with one normal form are one wording: NFKC, no accents, lower case, words only."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text))
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(WORD.findall(kept.casefold()))


def says_something(text: str) -> bool:
    """Not only signs, not one word over and over."""
    words = WORD.findall(text.casefold())
    return bool(words) and (len(words) == 1 or len(set(words)) > 1)


def is_long_enough(text: str) -> bool:
    """While somebody types, three words find a fifth of what the whole sentence finds."""
    return len(text.split()) >= LEAST_WORDS


def features_of(candidates: Sequence[Candidate], entries: int, *, is_semantic: bool) -> tuple[float, ...]:
    """The figures of the logistic, before the boost; `entries` is how many could have been found at all.

    An entry that no list holds scores 0. With fewer than six entries the sixth is the last one.
    """
    ranked = sorted(candidates, key=lambda one: (-one.score, one.id))
    first = ranked[0]
    if not is_semantic:
        words = sorted((one.words for one in candidates), reverse=True)
        return (words[0], words[0] - _at(words, 2, entries), words[0] - _at(words, SIXTH, entries))
    scores = [one.score for one in ranked]
    cosines = sorted((one.best_cosine for one in candidates), reverse=True)
    return (
        first.cosine,
        first.words,
        scores[0] - _at(scores, 2, entries),
        scores[0] - _at(scores, SIXTH, entries),
        cosines[0] - _at(cosines, SIXTH, entries),
    )


def _at(values: Sequence[float], place: int, entries: int) -> float:
    place = min(place, max(entries, len(values)))
    return values[place - 1] if place <= len(values) else 0.0


def judge(
    candidates: Iterable[Candidate], *, entries: int, is_semantic: bool, using: Judge = SHIPPED, limit: int = SHOWN
) -> Judged:
    """Rank, boost what is about the chosen asset, and say how sure the list is.

    The boost reorders and hides nothing. Margins are taken among the entries of the asset where there are six. A
    stale answer at the head holds the list in the lower band (spec faq 4).
    """
    found = list(candidates)
    if not found:
        return Judged((), 0.0, "none", ())
    about = [one for one in found if one.is_about]
    among = about if len(about) >= SIXTH else found
    features = features_of(among, len(about) if among is about else entries, is_semantic=is_semantic)
    model = using.hybrid if is_semantic else using.lexical
    p = model.probability(features)
    ranked = sorted(found, key=lambda one: (-boosted(one), one.id))[:limit]
    shown = tuple(
        Suggested(one.id, one.phrase, place, boosted(one), one.is_stale) for place, one in enumerate(ranked, 1)
    )
    return Judged(shown, p, band_of(p, is_semantic=is_semantic, is_stale=shown[0].is_stale), features)


def boosted(one: Candidate) -> float:
    """The score with 0.15 more for what is about the chosen asset."""
    return one.score + (ASSET_BOOST if one.is_about else 0.0)


def band_of(p: float, *, is_semantic: bool, is_stale: bool) -> str:
    """upper, lower or none; by words alone the upper band would be wrong too often."""
    if p >= UPPER and is_semantic and not is_stale:
        return "upper"
    return "lower" if p >= LOWER else "none"


def best_wordings(rows: Iterable[Candidate]) -> list[Candidate]:
    """One candidate an entry: the wording with the highest score, never their sum."""
    best: dict[int, Candidate] = {}
    cosines: dict[int, float] = {}
    for row in rows:
        cosines[row.id] = max(cosines.get(row.id, -1.0), row.cosine)
        standing = best.get(row.id)
        if standing is None or (row.score, -row.phrase) > (standing.score, -standing.phrase):
            best[row.id] = row
    return [replace(row, best_cosine=cosines[row.id]) for row in best.values()]


def marked(text: str, query: str) -> list[tuple[str, bool]]:
    """The text in parts, with the words marked that the query has too; words of one or two letters are left plain."""
    asked = {word for word in WORD.findall(query.casefold()) if len(word) > 2}  # noqa: PLR2004 (two letters)
    pieces = [piece for piece in re.split(r"(\w+)", text) if piece]
    hits = [piece.casefold() in asked for piece in pieces]
    parts: list[tuple[str, bool]] = []
    for place, piece in enumerate(pieces):
        # A gap between two hits belongs to the mark; one beside other words does not.
        hit = hits[place] or (0 < place < len(pieces) - 1 and hits[place - 1] and hits[place + 1])
        if parts and parts[-1][1] == hit:
            parts[-1] = (parts[-1][0] + piece, hit)
        else:
            parts.append((piece, hit))
    return parts
