"""Wordings with their postings: written here and nowhere else, so that every count agrees (spec faq 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection

from portal.engine.domain.drafts import JobDraft
from portal.engine.services.enqueueing import enqueue_jobs
from requests_queue.domain.matching import normal_form
from requests_queue.models import FaqPhrase
from requests_queue.queries.embedding import embedder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from requests_queue.models import DataRequest

EMBED_JOB = "requests.embed_phrases"
EMBED_KEY = "requests.embed_phrases"
EMBEDDED_AT_ONCE = 500
POST = """
INSERT INTO requests_queue_faqposting (phrase_id, term, tf)
SELECT phrase.id, lexeme, cardinality(positions)
FROM requests_queue_faqphrase AS phrase, unnest(faq_vector(phrase.text)) WHERE phrase.id = ANY(%(ids)s)
"""
MEASURE = """
UPDATE requests_queue_faqphrase AS phrase SET len = counted.len
FROM (SELECT phrase_id, sum(tf) AS len FROM requests_queue_faqposting
      WHERE phrase_id = ANY(%(ids)s) GROUP BY phrase_id) AS counted
WHERE counted.phrase_id = phrase.id
"""
# A request's title as a wording, and whether its requester said within `since` that an answer was enough.
INDEX_REQUEST = """
WITH made AS (
    INSERT INTO requests_queue_faqphrase (request_id, text, normal, is_canonical, source, len, is_public, embedder)
    SELECT %(request)s, %(text)s, %(normal)s, false, 'request',
           coalesce((SELECT sum(cardinality(positions)) FROM unnest(faq_vector(%(text)s))), 0), false, ''
    RETURNING id
), posted AS (
    INSERT INTO requests_queue_faqposting (phrase_id, term, tf)
    SELECT made.id, lexeme, cardinality(positions) FROM made, unnest(faq_vector(%(text)s))
)
SELECT EXISTS (SELECT FROM requests_queue_faqevent
               WHERE kind = 'solved' AND NOT is_stale AND person_id = %(person)s AND at > %(since)s)
"""
# In the order of the terms, so that two writers of the same words never wait for each other in a ring.
COUNT = """
INSERT INTO requests_queue_faqterm AS known (term, df)
SELECT term, count(*) FROM requests_queue_faqposting WHERE phrase_id = ANY(%(ids)s) GROUP BY term ORDER BY term
ON CONFLICT (term) DO UPDATE SET df = known.df + excluded.df
"""
UNCOUNT = """
WITH gone AS (
    SELECT term, count(*) AS times FROM requests_queue_faqposting WHERE phrase_id = ANY(%(ids)s) GROUP BY term
), held AS (
    SELECT known.term, gone.times FROM requests_queue_faqterm AS known JOIN gone ON gone.term = known.term
    ORDER BY known.term FOR UPDATE OF known
)
UPDATE requests_queue_faqterm AS known SET df = known.df - held.times FROM held WHERE held.term = known.term
"""


def add_phrases(phrases: Sequence[FaqPhrase], *, at: datetime) -> list[FaqPhrase]:
    """`write_phrases`, and a job of the engine that makes their vectors; until then their words find them."""
    made = write_phrases(phrases)
    if made:
        enqueue_jobs(drafts=[JobDraft(EMBED_JOB, {}, EMBED_KEY)], at=at)
    return made


def write_phrases(phrases: Sequence[FaqPhrase]) -> list[FaqPhrase]:
    """Store new wordings with their postings; public ones are counted. Inside the caller's transaction."""
    for phrase in phrases:
        phrase.normal = normal_form(phrase.text)[:500]
    made = FaqPhrase.objects.bulk_create(phrases)
    ids = [phrase.pk for phrase in made]
    _run(POST, ids)
    _run(MEASURE, ids)
    _run(COUNT, [phrase.pk for phrase in made if phrase.is_public])
    return made


def index_request(*, request: DataRequest, since: datetime) -> bool:
    """Make the title of a new request a wording, in one statement: filing has no queries to give away.

    Returns whether its requester pressed "This answers it" since the instant. Its vector comes with the next run of
    the job.
    """
    text = request.title[:500]
    given: dict[str, Any] = {
        "request": request.pk, "text": text, "normal": normal_form(text)[:500], "person": request.requester_id,
        "since": since,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(INDEX_REQUEST, given)
        row = cursor.fetchone()
    return bool(row and row[0])


def remove_phrases(phrases: Iterable[FaqPhrase]) -> int:
    """Delete wordings with their postings and counts; returns how many."""
    rows = list(phrases)
    _run(UNCOUNT, [phrase.pk for phrase in rows if phrase.is_public])
    FaqPhrase.objects.filter(pk__in=[phrase.pk for phrase in rows]).delete()
    return len(rows)


def set_public(phrases: Iterable[FaqPhrase], *, is_public: bool) -> None:
    """Count the wordings in N and df, or take them out. Idempotent."""
    ids = [phrase.pk for phrase in phrases if phrase.is_public != is_public]
    _run(COUNT if is_public else UNCOUNT, ids)
    FaqPhrase.objects.filter(pk__in=ids).update(is_public=is_public)


def embed_phrases(*, limit: int = EMBEDDED_AT_ONCE) -> tuple[int, int]:
    """Give vectors to wordings without one, or with one of another model; returns how many, and how many are left.

    Repeatable: each wording is written by itself, so that a killed worker loses nothing.
    """
    model = embedder()
    if model is None:
        return 0, 0
    waiting = FaqPhrase.objects.exclude(embedder=model.name).order_by("pk")
    rows = list(waiting[:limit])
    for phrase in rows:
        vector: Any = list(model.embed([phrase.text])[0])
        FaqPhrase.objects.filter(pk=phrase.pk, text=phrase.text).update(embedding=vector, embedder=model.name)
    return len(rows), waiting.count()


def _run(statement: str, ids: list[int]) -> None:
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"ids": ids})
