"""Measuring the suggestions on a set of questions: the production code over throw-away tables (spec faq 12).

The tables live in the temporary schema of the connection, which shadows the real ones by name; nothing of the
installation is read or changed, and they vanish with the block.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import F

from portal.core import clock
from requests_queue.domain.answering import EntryState
from requests_queue.domain.evaluation import DEPTH, Result
from requests_queue.domain.matching import clean_query, judge, normal_form
from requests_queue.models import FaqAnswer, FaqDependency, FaqEntry, FaqPhrase
from requests_queue.queries.embedding import vector_of
from requests_queue.queries.scoring import Question, score
from requests_queue.services.phrases import embed_phrases, write_phrases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from requests_queue.domain.evaluation import Query, QuestionSet

TABLES = ("faqentry", "faqphrase", "faqposting", "faqterm", "faqanswer", "faqdependency")
CHUNK = 1000


@dataclass(frozen=True)
class Loaded:
    """The set as rows: public ids by primary key, and the number of each asset."""

    names: dict[int, str]
    assets: dict[str, int]


@contextmanager
def throw_away_tables() -> Iterator[None]:
    """Empty copies of the tables of answers, in front of the real ones until the block ends."""
    with connection.cursor() as cursor:
        for table in TABLES:
            name = f"requests_queue_{table}"
            cursor.execute(f"CREATE TEMP TABLE {name} (LIKE public.{name} INCLUDING ALL)")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"DROP TABLE pg_temp.requests_queue_{table}")


def load_set(given: QuestionSet, *, is_semantic: bool, say: Callable[[str], None] = lambda _: None) -> Loaded:
    """Write the entries and aliases of a set as published answers, through the service that writes wordings."""
    at = clock.now()
    named = sorted({entry.asset for entry in given.entries if entry.asset})
    assets = {name: number for number, name in enumerate(named, 1)}
    rows = [
        FaqEntry(pk=place, slug=f"e{place}", team_id=0, state=EntryState.DRAFT.value, created_at=at, updated_at=at)
        for place, _ in enumerate(given.entries, 1)
    ]
    FaqEntry.objects.bulk_create(rows)
    FaqAnswer.objects.bulk_create([FaqAnswer(pk=row.pk, entry_id=row.pk, n=1, body="-", created_at=at) for row in rows])
    FaqEntry.objects.update(state=EntryState.PUBLISHED.value, owner_id=0, current_id=F("id"))
    FaqDependency.objects.bulk_create(
        FaqDependency(answer_id=place, asset_id=assets[entry.asset])
        for place, entry in enumerate(given.entries, 1)
        if entry.asset
    )
    numbers = {entry.id: place for place, entry in enumerate(given.entries, 1)}
    phrases = [
        FaqPhrase(entry_id=numbers[entry.id], text=entry.question[:500], is_canonical=True, is_public=True)
        for entry in given.entries
    ] + [
        FaqPhrase(entry_id=numbers[entry], text=text[:500], source="alias", is_public=True)
        for entry, text in _different(given)
    ]
    for start in range(0, len(phrases), CHUNK):
        write_phrases(phrases[start : start + CHUNK])
    if is_semantic:
        _embed_all(say)
    _analyze()
    return Loaded({place: entry for entry, place in numbers.items()}, assets)


def ask_all(
    queries: Sequence[Query], loaded: Loaded, *, is_semantic: bool, with_asset: bool = False
) -> Iterator[Result]:
    """Each query as the form would ask it; times are those of encoding and of the statement."""
    visible = FaqEntry.objects.filter(state=EntryState.PUBLISHED.value)
    known = len(loaded.names)
    for query in queries:
        begin = time.perf_counter()
        text = clean_query(query.text)
        question = Question(text, vector_of(text) if is_semantic else None)
        encoded = time.perf_counter()
        assets = [loaded.assets[query.asset]] if with_asset and query.asset in loaded.assets else []
        found = score(question, visible, assets=assets)
        read = time.perf_counter()
        judged = judge(found, entries=known, is_semantic=is_semantic, limit=DEPTH)
        ended = time.perf_counter()
        ranked = tuple(loaded.names[one.id] for one in judged.entries)
        yield Result(query, ranked, judged.band, ended - begin, read - encoded)


def _different(given: QuestionSet) -> list[tuple[str, str]]:
    """Aliases that are new wordings of their entry, each once; the table holds no two with one normal form."""
    seen = {(entry.id, normal_form(entry.question)[:500]) for entry in given.entries}
    kept: list[tuple[str, str]] = []
    for entry, text in given.aliases:
        wording = (entry, normal_form(text)[:500])
        if wording not in seen:
            seen.add(wording)
            kept.append((entry, text))
    return kept


def _embed_all(say: Callable[[str], None]) -> None:
    left = 1
    while left:
        done, left = embed_phrases(limit=CHUNK)
        say(f"{left} wordings without a vector")
        if not done:
            return


def _analyze() -> None:
    """Temporary tables are not analysed by the database itself."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ANALYZE pg_temp.requests_queue_{table}")
