"""Answers of the demo, written, checked and used through the services of their room."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from ownership.models import Asset
from portal.accounts.models import Person, Team
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import settle_notices
from portal.site.demo.answers import ANSWERS, DemoAnswer
from requests_queue.domain.answering import Stale
from requests_queue.models import DataRequest, FaqEntry
from requests_queue.services.answers import AnswerDraft, EntryDraft, create_entry, publish_answer
from requests_queue.services.asks import Ask, record_event
from requests_queue.services.checking import mark_stale, verify_answer

if TYPE_CHECKING:
    from requests_queue.models import FaqAnswer

REASON = "demo"
HOUR = timedelta(hours=1)
# Features of a sure ask, as the development sets spread them.
SURE = (0.84, 0.61, 0.24, 0.38, 0.4)


def write_answers(*, at: datetime) -> None:
    """All fourteen at past instants; what was told on the way is settled."""
    for place, story in enumerate(ANSWERS, 1):
        entry = _write(story, at)
        for number, handle in enumerate(story.helped_by, 1):
            _help(entry, handle, UUID(int=place << 32 | number), at - timedelta(days=number * 4))
        settle_notices(actor=None, subject=subject_of(entry), reason=REASON, at=at)


def _write(story: DemoAnswer, at: datetime) -> FaqEntry:
    then = at - timedelta(days=story.days_ago)
    writer = Person.objects.get(handle=story.writer)
    source = DataRequest.objects.filter(title=story.from_title).first() if story.from_title else None
    draft = EntryDraft(
        story.question, Team.objects.get(slug=story.team), tier=story.tier, tags=story.tags, aliases=story.aliases,
        created_from=source, owner=None if story.assets or story.sql else writer,
    )  # fmt: skip
    entry = create_entry(actor=writer, draft=draft, at=then)
    assets = list(Asset.objects.filter(name__in=story.assets).order_by("pk"))
    said = AnswerDraft(
        story.body, story.sql, "postgres" if story.sql else "", story.parameters, story.limits, assets
    )  # fmt: skip
    made = publish_answer(actor=writer, entry=entry, answer=said, at=then)
    _check(story, made, then + HOUR)
    if story.stale:
        mark_stale(answer=made, reason=Stale(story.stale), lines=[story.line], at=at - timedelta(days=2))
    entry.refresh_from_db()
    return entry


def _check(story: DemoAnswer, made: FaqAnswer, at: datetime) -> None:
    """By the named checker, else by the owner."""
    entry = FaqEntry.objects.select_related("owner").get(pk=made.entry_id)
    if story.checker:
        FaqEntry.objects.filter(pk=entry.pk).update(verifier=Person.objects.get(handle=story.checker))
        verify_answer(actor=Person.objects.get(handle=story.checker), answer=made, at=at)
    elif entry.owner is not None:
        verify_answer(actor=entry.owner, answer=made, at=at)


def _help(entry: FaqEntry, handle: str, ask_id: UUID, at: datetime) -> None:
    """Somebody was about to ask and found it."""
    person = Person.objects.get(handle=handle)
    question = entry.phrases.get(is_canonical=True).text
    ask = Ask(ask_id, person.pk, question, 0.91, "upper", SURE, 0, (entry.pk,), ())
    record_event(actor=person, ask=ask, kind="solved", entry=entry, at=at)
