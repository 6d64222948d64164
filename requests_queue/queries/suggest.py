"""What is suggested to somebody who is about to ask: answers, and open requests to join (spec faq 6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db.models import OuterRef, Subquery

from requests_queue.answer_policies import findable_entries
from requests_queue.domain.matching import (
    LOWER,
    SHIPPED,
    SHOWN,
    SHOWN_REQUESTS,
    SIXTH,
    Judge,
    Judged,
    clean_query,
    judge,
    logistic_from,
    says_something,
)
from requests_queue.domain.states import OPEN
from requests_queue.models import FaqEntry, FaqPhrase, SuggestionModel
from requests_queue.policies import visible_to
from requests_queue.queries.embedding import NAME, vector_of
from requests_queue.queries.scoring import Question, score

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from requests_queue.models import DataRequest

OPEN_STATES = sorted(OPEN)
EXCERPT = 280
LEXICAL = "lexical"
MARKS = re.compile(r"[*_`#>\[\]]|\(https?://[^)]*\)")


@dataclass(frozen=True)
class Shown:
    """One answer as it is offered."""

    entry: FaqEntry
    question: str
    matched: str
    excerpt: str
    rank: int
    score: float
    is_stale: bool


@dataclass(frozen=True)
class Suggestions:
    """What one ask got. `ask` names it in the events that follow; nothing is stored by reading."""

    ask: UUID
    text: str
    judged: Judged
    entries: tuple[Shown, ...]
    requests: tuple[DataRequest, ...]
    model: str
    number: int

    @property
    def band(self) -> str:
        return self.judged.band


def suggest(
    *, viewer: Any, text: str, assets: Sequence[int] = (), team: int | None = None, limit: int = SHOWN, at: datetime
) -> Suggestions:
    """The answers and open requests for a text, as this person may see them; at most six queries, no write.

    Nothing below the lower band is shown. A text without words, or of one word over and over, finds nothing.
    `assets` are those of the form; `team` narrows the open requests.
    """
    line = clean_query(text)
    empty = Suggestions(uuid4(), line, Judged((), 0.0, "none", ()), (), (), "", 0)
    if not says_something(line):
        return empty
    using = active_judge()
    vector = vector_of(line)
    question = Question(line, vector)
    findable = findable_entries(viewer, at)
    judged = judged_entries(question, findable, assets=assets, using=using, limit=limit)
    shown = _shown(judged) if judged.band != "none" else ()
    requests = open_alike(question, viewer=viewer, assets=assets, team=team, using=using)
    model = NAME if vector is not None else LEXICAL
    return Suggestions(empty.ask, line, judged, shown, tuple(requests), model, using.number)


def judged_entries(
    question: Question, visible: QuerySet[FaqEntry], *, assets: Sequence[int] = (), using: Judge = SHIPPED,
    limit: int = SHOWN,
) -> Judged:  # fmt: skip
    """The visible entries for a question, ranked and judged."""
    found = score(question, visible, assets=assets)
    known = len(found) if len(found) >= SIXTH else visible.order_by()[:SIXTH].count()
    return judge(found, entries=known, is_semantic=question.is_semantic, using=using, limit=limit)


def open_alike(
    question: Question, *, viewer: Any, assets: Sequence[int] = (), team: int | None = None, using: Judge = SHIPPED,
    leave_out: int | None = None, limit: int = SHOWN_REQUESTS,
) -> list[DataRequest]:  # fmt: skip
    """Open requests that ask the same, scored by the same function; none below one half."""
    rows = visible_to(viewer).filter(state__in=OPEN_STATES)
    rows = rows if team is None else rows.filter(team=team)
    rows = rows if leave_out is None else rows.exclude(pk=leave_out)
    found = score(question, rows, owner="request_id", assets=assets)
    judged = judge(found, entries=SIXTH, is_semantic=question.is_semantic, using=using, limit=limit)
    if judged.p < LOWER:
        return []
    by_id = rows.select_related("team", "requester").in_bulk([one.id for one in judged.entries])
    best = judged.entries[0].score
    return [by_id[one.id] for one in judged.entries if one.id in by_id and one.score >= best / 2]


def active_judge() -> Judge:
    """The coefficients in use: the last that were kept, or those that are shipped."""
    row = SuggestionModel.objects.filter(is_active=True).first()
    if row is None:
        return SHIPPED
    return Judge(logistic_from(row.coefficients["hybrid"]), logistic_from(row.coefficients["lexical"]), row.n)


def question_for(text: str) -> Question:
    """A text as the scorer takes it."""
    line = clean_query(text)
    return Question(line, vector_of(line))


def _shown(judged: Judged) -> tuple[Shown, ...]:
    """The entries of the list in one query; the statement that found them has checked who may see them."""
    canonical = FaqPhrase.objects.filter(entry=OuterRef("entry"), is_canonical=True)
    rows: Any = (
        FaqPhrase.objects.filter(pk__in=[one.phrase for one in judged.entries])
        .select_related("entry__current__verified_by", "entry__team", "entry__owner")
        .annotate(question=Subquery(canonical.values("text")[:1]))
        .in_bulk()
    )
    found = [(one, rows[one.phrase]) for one in judged.entries if one.phrase in rows]
    return tuple(
        Shown(
            row.entry, row.question or "", row.text, excerpt_of(row.entry.current.body), one.rank,
            round(one.score, 4), one.is_stale,
        )
        for one, row in found
    )  # fmt: skip


def excerpt_of(body: str) -> str:
    """The beginning of an answer without its marks, cut at a word."""
    plain = " ".join(MARKS.sub("", body).split())
    return plain if len(plain) <= EXCERPT else plain[:EXCERPT].rsplit(" ", 1)[0] + "…"
