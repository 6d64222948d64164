"""Item h: how good the suggestions are against words or meaning alone, and how long one takes (spec faq 12).

Quality needs the question sets that HEADWATER_FAQ_SETS names; without them only the times are measured, over made-up
wordings with random vectors, which cost the database the same.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connection

from bench import answers_in_browser
from bench.answers_in_browser import RANDOM_VECTORS
from bench.lines import Line
from portal.core.clock import now
from requests_queue.domain.evaluation import DEPTH, Result, figures_of, first_by_digest, read_set
from requests_queue.domain.linkage import THEME, groups_at, linkage, similarities
from requests_queue.domain.matching import clean_query, judge
from requests_queue.models import FaqEntry, FaqPhrase
from requests_queue.queries.embedding import embedder, vector_of
from requests_queue.queries.scoring import Question, score
from requests_queue.services.evaluating import ask_all, load_set, throw_away_tables
from requests_queue.services.phrases import write_phrases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from requests_queue.domain.evaluation import Query
    from requests_queue.domain.matching import Candidate
    from requests_queue.services.evaluating import Loaded

WORDS = [
    "orders",
    "revenue",
    "churn",
    "refunds",
    "customers",
    "accounts",
    "growth",
    "board",
    "margin",
    "carrier",
    "country",
    "week",
    "month",
    "daily",
    "export",
    "table",
    "metric",
    "dashboard",
    "experiment",
    "owner",
    "load",
    "late",
    "column",
    "schema",
    "definition",
    "how",
    "many",
    "which",
    "what",
    "why",
    "when",
    "where",
    "the",
    "of",
    "in",
    "by",
]
ROUNDS = 200
SIZES = (2_000, 15_000)
GOALS = {2_000: (80.0, 80.0), 15_000: (150.0, 72.0)}
QUERIES = 1_500
FULL_TEXT = """
SELECT phrase.entry_id FROM requests_queue_faqphrase AS phrase, faq_vector(phrase.text) AS held,
       (SELECT to_tsquery('en_nostop', string_agg(quote_literal(lexeme), ' | ')) AS query
        FROM unnest(faq_vector(%s))) AS asked
WHERE held @@ asked.query ORDER BY ts_rank_cd(held, asked.query) DESC, phrase.entry_id LIMIT 10
"""


def measure() -> Iterator[Line]:
    """Quality on each set, then times by size."""
    folder = Path(os.environ.get("HEADWATER_FAQ_SETS", ""))
    if os.environ.get("HEADWATER_FAQ_SETS"):
        for path in sorted(folder.iterdir()):
            if (path / "corpus.jsonl").is_file():
                yield from quality(path)
    for size in SIZES:
        yield from times(size)
    yield clusters(2_000)
    yield from answers_in_browser.measure(SIZES[-1], sentence)


def quality(path: Path) -> Iterator[Line]:
    """Recall at 1 of the fusion, beside full text, BM25 and the model by themselves on the same rows."""
    with (
        (path / "corpus.jsonl").open(encoding="utf-8") as corpus,
        (path / "queries.jsonl").open(encoding="utf-8") as asks,
    ):
        given = read_set(corpus, asks)
    queries = first_by_digest(given.queries, QUERIES)
    with throw_away_tables():
        loaded = load_set(given, is_semantic=embedder() is not None)
        fused = figures_of(list(ask_all(queries, loaded, is_semantic=embedder() is not None)))
        peers = {
            "full text": figures_of(list(by_full_text(queries, loaded))).recall_1,
            "BM25 alone": figures_of(list(ranked_by(queries, loaded, lambda one: one.words))).recall_1,
            "MiniLM alone": figures_of(list(ranked_by(queries, loaded, lambda one: one.best_cosine))).recall_1,
        }
    for name, peer in peers.items():
        yield Line("h", f"{path.name}: recall@1, {name}", fused.recall_1, "share", fused.n, peer=peer,
                   ratio_to_peer=fused.recall_1 / peer if peer else None)  # fmt: skip
    yield Line("h", f"{path.name}: recall@5", fused.recall_5, "share", fused.n)


def by_full_text(queries: list[Query], loaded: Loaded) -> Iterator[Result]:
    """PostgreSQL's own ranking of texts that hold any of the words."""
    for query in queries:
        with connection.cursor() as cursor:
            cursor.execute(FULL_TEXT, [clean_query(query.text)])
            ranked = dict.fromkeys(loaded.names[row[0]] for row in cursor.fetchall())
        yield Result(query, tuple(ranked), "none", 0.0)


def ranked_by(queries: list[Query], loaded: Loaded, key: Callable[[Candidate], float]) -> Iterator[Result]:
    """The candidates of the statement in the order of one half of the score."""
    for query in queries:
        found = score(Question(clean_query(query.text), vector_of(clean_query(query.text))), FaqEntry.objects.all())
        best = sorted(found, key=lambda one: (-key(one), one.id))[:DEPTH]
        yield Result(query, tuple(loaded.names[one.id] for one in best), "none", 0.0)


def times(size: int) -> Iterator[Line]:
    """p95 of encoding and statement, of the statement alone, and by words alone, over `size` wordings."""
    whole, limit = GOALS[size]
    draw = random.Random(size)
    with throw_away_tables():
        fill(size, draw)
        asks = [sentence(draw) for _ in range(ROUNDS)]
        ours, sql, lexical = [], [], []
        for text in asks:
            begin = time.perf_counter()
            question = Question(text, vector_of(text))
            encoded = time.perf_counter()
            judge(score(question, FaqEntry.objects.all()), entries=size, is_semantic=question.is_semantic)
            ours.append(time.perf_counter() - begin)
            sql.append(time.perf_counter() - encoded)
            begin = time.perf_counter()
            judge(score(Question(text), FaqEntry.objects.all()), entries=size, is_semantic=False)
            lexical.append(time.perf_counter() - begin)
    for name, found, goal in (
        ("suggestion", ours, whole),
        ("statement alone", sql, limit),
        ("by words", lexical, 80.0),
    ):
        yield Line("h", f"{name} p95 at {size:,} wordings", p95(found), "ms", ROUNDS, goal_at_most=goal)


def fill(size: int, draw: random.Random) -> None:
    """Made-up wordings, one an entry, each with a random direction as its vector."""
    at = now()
    FaqEntry.objects.bulk_create(
        FaqEntry(pk=n, slug=f"e{n}", team_id=0, created_at=at, updated_at=at) for n in range(1, size + 1)
    )
    phrases = [
        FaqPhrase(entry_id=n, text=f"{sentence(draw)} {n}", is_canonical=True, is_public=True)
        for n in range(1, size + 1)
    ]
    for start in range(0, size, 1000):
        write_phrases(phrases[start : start + 1000])
    with connection.cursor() as cursor:
        cursor.execute(RANDOM_VECTORS)
        for table in ("faqentry", "faqphrase", "faqposting", "faqterm"):
            cursor.execute(f"VACUUM ANALYZE requests_queue_{table}")  # as autovacuum would have by then


def clusters(count: int) -> Line:
    """Average linkage of two thousand questions; wall clock."""
    draw = random.Random(7)
    bags = [dict.fromkeys(sentence(draw).split(), 1) for _ in range(count)]
    begin = time.perf_counter()
    groups_at(count, linkage(similarities(bags, None)), THEME)
    return Line("h", f"clusters of {count:,} questions", time.perf_counter() - begin, "s", count, goal_at_most=30)


def sentence(draw: random.Random) -> str:
    """Nine words as a question has them, common ones among them."""
    return " ".join(draw.choices(WORDS, k=9))


def p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.95)] * 1e3
