"""An answer as a line of a list, for pages and for blocks on other rooms' pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.core.web.presentation import Badge, Row, When, when
from requests_queue.domain.answering import STALE_WORDS, EntryState, Stale, Visibility

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from requests_queue.models import FaqAnswer, FaqEntry

DOTS = {"ok": "ok", "warn": "warn", "gray": "gray"}


def truth_badge(entry: FaqEntry) -> Badge:
    """Whether the answer still claims to be true, as a colour and a word."""
    answer = entry.current
    if entry.state == EntryState.ARCHIVED:
        return Badge("Put away", "gray", "eye-off")
    if entry.state == EntryState.DRAFT or answer is None:
        return Badge("Draft", "gray", "pencil")
    if answer.is_stale:
        return Badge("Stale", "warn", "clock-alert")
    if answer.verified_at is None:
        return Badge("Not checked yet", "gray", "circle-question-mark")
    return Badge("Checked", "ok", "badge-check")


def truth_words(answer: FaqAnswer | None, zone: str, at: datetime) -> list[str | When]:
    """Who checked it, until when it holds, or why it does not; each a short fact."""
    if answer is None:
        return []
    if answer.is_stale and answer.stale_since is not None:
        words = STALE_WORDS[Stale(answer.stale_reason)]
        return [f"{words}, since {when(answer.stale_since, zone, at).text}"]
    if answer.verified_at is None or answer.verified_until is None:
        return ["nobody has checked it"]
    who = answer.verified_by.name if answer.verified_by else "somebody"
    return [
        f"checked by {who} {when(answer.verified_at, zone, at, is_relative=True).text}",
        f"holds until {when(answer.verified_until, zone, at).text}",
    ]


def plain(facts: Iterable[str | When]) -> list[str]:
    """Facts as text alone."""
    return [fact if isinstance(fact, str) else fact.text for fact in facts]


def helped_words(count: int) -> list[str]:
    """How often it helped; nothing while it did not."""
    return [f"helped {count:,}"] if count else []


def answer_row(entry: Any, zone: str, at: datetime) -> Row:
    """`entry` carries its question (`with_question`)."""
    badge = truth_badge(entry)
    readers = [Badge(entry.team.name + " only", "line", "lock")] if entry.visibility == Visibility.TEAM else []
    inside = [Badge("Private", "line", "lock")] if entry.visibility == Visibility.MEMBERS else []
    facts: list[str | When] = [entry.team.name, *helped_words(entry.helped), *truth_words(entry.current, zone, at)]
    return Row(
        title=entry.question or "A question that is not written yet", url=entry.get_absolute_url(),
        dot=DOTS.get(badge.css, "gray"), badges=[badge, *readers, *inside], facts=facts,
    )  # fmt: skip


def answer_rows(entries: Iterable[Any], zone: str, at: datetime) -> list[Row]:
    """Many of them."""
    return [answer_row(entry, zone, at) for entry in entries]
