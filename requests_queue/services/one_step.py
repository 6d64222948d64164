"""From a question, or an answered request, to a published answer in one act (spec faq 2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import DomainError, NotAllowed, NotVisible
from requests_queue.domain.matching import LOWER
from requests_queue.queries.answers import prefill_from
from requests_queue.queries.suggest import judged_entries, question_for
from requests_queue.services.answers import AnswerDraft, EntryDraft, create_entry, publish_answer
from requests_queue.services.checking import verify_answer

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from portal.accounts.models import Team
    from requests_queue.models import DataRequest, FaqEntry

ANSWERED = ("answered", "resolved", "closed")


@transaction.atomic
def write_entry(
    *, actor: Any, draft: EntryDraft, answer: AnswerDraft | None, is_checked: bool = False, at: datetime
) -> FaqEntry:
    """The entry with its first version, checked at once when its author may check it.

    Without an answer it stays a draft. Raises `DomainError` naming `is_checked` for somebody who may not check it.
    """
    entry = create_entry(actor=actor, draft=draft, at=at)
    if answer is None:
        return entry
    made = publish_answer(actor=actor, entry=entry, answer=answer, at=at)
    if is_checked:
        try:
            verify_answer(actor=actor, answer=made, at=at)
        except NotAllowed as refusal:
            raise DomainError(refusal.code, refusal.message, "is_checked") from None
    entry.refresh_from_db()
    return entry


@transaction.atomic
def answer_from_request(
    *, actor: Any, request: DataRequest, question: str = "", body: str = "", tier: int = 2, at: datetime
) -> FaqEntry:
    """A published entry out of an answered request: its title, result and assets, joiners' words as aliases.

    One that is private gives nothing of itself: question and answer are written anew, and the entry stays a draft of
    its members. Raises `NotVisible`, `NotAllowed`, `DomainError` (`faq.not_answered`, or naming the missing field).
    """
    known = prefill_from(request, actor)
    if known is None:
        raise NotVisible
    if request.state not in ANSWERED:
        raise DomainError("faq.not_answered", "Answer or resolve the request first.", "request")
    draft = EntryDraft(
        question or known.question, request.team, tier=tier, aliases=known.aliases, created_from=request
    )  # fmt: skip
    text = body or known.body
    if request.is_private or not text:
        return create_entry(actor=actor, draft=replace(draft, aliases=()), at=at)
    answer = AnswerDraft(text, assets=known.assets)
    return write_entry(actor=actor, draft=draft, answer=answer, at=at)


def twins_of(question: str, visible: QuerySet[FaqEntry]) -> list[int]:
    """Entries that probably ask the same, best first: a new one is warned about from p of one half on."""
    judged = judged_entries(question_for(question), visible)
    return [one.id for one in judged.entries[:3]] if judged.p >= LOWER else []


def team_of_answer(request: DataRequest | None, own: list[Team]) -> Team | None:
    """Whose answer a new one most likely is: of the request's team, else of the writer's own."""
    if request is not None:
        return request.team
    return own[0] if own else None
