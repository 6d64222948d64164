"""The one statement that finds wordings by words and by meaning (spec faq 5).

Who may see what is part of it: counts, order and time are those of a world without the hidden rows. N, df and the
average length count public wordings only, so that no figure leaks what is not public.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from requests_queue.domain.matching import Candidate, best_wordings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from requests_queue.queries.embedding import Vector

# What belongs to a term or a wording is computed once for it and in float8; numeric literals cost a third of the time.
STATEMENT = """
WITH words AS MATERIALIZED (
    SELECT lexeme AS term, cardinality(positions) AS repeats FROM unnest(faq_vector(%(text)s))
), corpus AS MATERIALIZED (
    SELECT count(*)::float8 AS phrases, coalesce(avg(len), 1)::float8 AS avg_len
    FROM requests_queue_faqphrase WHERE is_public
), weights AS MATERIALIZED (
    SELECT term, 2.2::float8 * weight / nullif(sum(weight) OVER (), 0) AS share
    FROM (SELECT words.term,
                 words.repeats * ln(1 + (phrases - coalesce(df, 0) + 0.5) / (coalesce(df, 0) + 0.5)) AS weight
          FROM words CROSS JOIN corpus LEFT JOIN requests_queue_faqterm AS known ON known.term = words.term) AS each
), eligible AS MATERIALIZED (
    SELECT phrase.id AS phrase_id, phrase.{owner} AS held_by,
           1.2::float8 * (0.25::float8 + 0.75::float8 * len / avg_len) AS damping,
           1 - (embedding <=> %(vector)s::halfvec) AS cosine
    FROM requests_queue_faqphrase AS phrase CROSS JOIN corpus WHERE phrase.{owner} IN ({visible})
), lexical AS MATERIALIZED (
    SELECT posting.phrase_id, sum(share * tf / (tf + damping)) AS bm25n
    FROM weights
    JOIN requests_queue_faqposting AS posting ON posting.term = weights.term
    JOIN eligible ON eligible.phrase_id = posting.phrase_id
    GROUP BY posting.phrase_id
), best AS (
    (SELECT phrase_id FROM lexical ORDER BY bm25n DESC, phrase_id LIMIT 100)
    UNION
    (SELECT phrase_id FROM eligible WHERE cosine IS NOT NULL ORDER BY cosine DESC, phrase_id LIMIT 100)
)
SELECT held_by, best.phrase_id, coalesce(cosine, 0)::float8, least(coalesce(bm25n, 0), 1.5)::float8, {facts}
FROM best JOIN eligible USING (phrase_id) LEFT JOIN lexical USING (phrase_id)
"""
ENTRY_FACTS = """
EXISTS (SELECT FROM requests_queue_faqdependency AS rests
        WHERE rests.answer_id = (SELECT current_id FROM requests_queue_faqentry WHERE id = held_by)
          AND rests.asset_id = ANY(%(assets)s)),
coalesce((SELECT stale_since IS NOT NULL FROM requests_queue_faqanswer
          WHERE id = (SELECT current_id FROM requests_queue_faqentry WHERE id = held_by)), false)
"""
REQUEST_FACTS = """
EXISTS (SELECT FROM requests_queue_requestasset AS about
        WHERE about.request_id = held_by AND about.asset_id = ANY(%(assets)s)),
false
"""
FACTS = {"entry_id": ENTRY_FACTS, "request_id": REQUEST_FACTS}


@dataclass(frozen=True)
class Question:
    """A clean text with its vector, or without where only words count."""

    text: str
    vector: Vector | None = None

    @property
    def is_semantic(self) -> bool:
        return self.vector is not None


def score(
    question: Question, visible: QuerySet[Any], *, owner: str = "entry_id", assets: Sequence[int] = ()
) -> list[Candidate]:
    """The candidates among the visible owners of wordings, one each with its best wording, unordered.

    `visible` are entries or requests, and a part of the statement; `owner` names the column of a wording. Nothing is
    read when nothing is visible.
    """
    try:
        ids, params = visible.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return []
    own = {f"v{place}": value for place, value in enumerate(params)}
    named = ids % tuple(f"%({key})s" for key in own)
    statement = STATEMENT.format(owner=owner, visible=named, facts=FACTS[owner])
    vector = None if question.vector is None else "[" + ",".join(f"{x:.7g}" for x in question.vector) + "]"
    given = {"text": question.text, "vector": vector, "assets": list(assets)}
    with connection.cursor() as cursor:
        cursor.execute(statement, given | own)
        rows = cursor.fetchall()
    return best_wordings(Candidate(row[0], row[1], row[2], row[3], is_about=row[4], is_stale=row[5]) for row in rows)
