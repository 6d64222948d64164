"""Blocks of answers on other pages, hits in search and palette, and what waits for a check (spec faq 11, site)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Q

from portal.core import clock
from portal.core.registries import Check, Hit, Need
from portal.core.web.presentation import Empty, Link, count_words
from requests_queue.answer_policies import findable_entries
from requests_queue.answer_rows import answer_rows, truth_badge
from requests_queue.domain.matching import clean_query
from requests_queue.panels import RequestsBlock
from requests_queue.queries.answers import (
    of_asset,
    to_review,
    waiting_for_check,
    with_question,
    with_words,
)
from requests_queue.queries.embedding import seen_lexical

if TYPE_CHECKING:
    from datetime import datetime

SHOWN = 6
ON_MY_DAY = 4
SOON = timedelta(days=14)


def on_asset(subject: Any, viewer: Any, at: datetime) -> RequestsBlock:
    """Answers that rest on an asset; one query."""
    found = list(of_asset([subject.pk], viewer, at).select_related("team", "current__verified_by")[: SHOWN + 1])
    rows = answer_rows(found[:SHOWN], viewer.zone, at)
    more = Link("All", f"/faq/?asset={subject.slug}") if len(found) > SHOWN else Link("Write one", "/faq/new")
    empty = None if rows else Empty("No answers yet", "What people ask about it will stand here.", "book-open-check")
    return RequestsBlock("asset-answers", "Answers about this", rows, more, empty)


def my_answers(subject: Any, viewer: Any, at: datetime) -> RequestsBlock | None:
    """What the viewer should check: stale, never checked, or running out; hidden when nothing is."""
    rows = list(to_review(subject, at, SOON)[: ON_MY_DAY + 1])
    if not rows:
        return None
    stale = sum(row.current is not None and row.current.is_stale for row in rows[:ON_MY_DAY])
    headline = count_words(stale, "answer") + " to check" if stale else ""
    shown = answer_rows(rows[:ON_MY_DAY], viewer.zone, at)
    return RequestsBlock("my-answers", "Answers to check", shown, Link("All", "/faq/review/"), headline=headline)


def needs(viewer: Any, at: datetime) -> list[Need]:
    """Stale answers and answers whose data has a new owner: only those who may check them can move them."""
    waiting = Q(current__stale_since__isnull=False) | ~Q(current__notes=[])
    own = with_question(findable_entries(viewer, at)).select_related("current")
    rows: Any = waiting_for_check(own, viewer, at, SOON).filter(waiting)[:SHOWN]
    return [
        Need(
            row.question or "An answer", "It may no longer be true. Check it.", "Check", row.get_absolute_url(),
            row.current.verified_until, row.current.stale_since or row.updated_at,
        )
        for row in rows
    ]  # fmt: skip


def find_answers(query: str, viewer: Any, limit: int) -> list[Hit]:
    """For search and palette: entries of which one wording holds every word; no event is written."""
    text = clean_query(query)
    if not text:
        return []
    rows: Any = with_words(with_question(findable_entries(viewer, clock.now())), text).select_related("current", "team")
    return [
        Hit(
            f"answer:{row.slug}", row.question or "", f"{truth_badge(row).label} · {row.team.name}"
            + (f" · helped {row.helped}" if row.helped else ""),
            row.get_absolute_url(), "book-open-check", (2, 0 if row.current and row.current.is_verified else 1),
            "answers",
        )
        for row in rows.order_by("-helped", "pk")[:limit]
    ]  # fmt: skip


def semantic_check() -> Check:
    """Whether suggestions go by meaning or by words alone; the model itself is not loaded for this."""
    reason = seen_lexical()
    if not reason:
        return Check("ok", "Suggestions go by meaning and by words.")
    return Check("warn" if settings.ENV.semantic else "ok", f"Suggestions go by words alone. {reason}")
