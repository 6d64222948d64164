"""The wordings of an entry: the question itself and its aliases (spec faq 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import Conflict, DomainError
from requests_queue.answer_policies import require_open
from requests_queue.domain.answering import MOST_ALIASES, MOST_QUESTION
from requests_queue.domain.matching import normal_form
from requests_queue.domain.texts import checked_line
from requests_queue.models import FaqEntry, FaqPhrase
from requests_queue.services.entries import audit_entry, locked_entry, save_entry, sync_public
from requests_queue.services.phrases import add_phrases, remove_phrases

if TYPE_CHECKING:
    from datetime import datetime


@transaction.atomic
def add_alias(*, actor: Any, entry: FaqEntry, text: str, source: str = "alias", at: datetime) -> FaqPhrase:
    """Another wording of the question; the same words in another case or with other accents are none.

    At most 50 an entry. Raises `DomainError` naming `text`. Locks the entry.
    """
    standing = locked_entry(actor=actor, entry=entry, at=at)
    require_open(standing)
    line = checked_line(text, "text", most=MOST_QUESTION)
    own = list(standing.phrases.values_list("normal", flat=True))
    if normal_form(line)[:MOST_QUESTION] in own:
        raise DomainError("faq.duplicate", "This wording is here already.", "text")
    if len(own) > MOST_ALIASES:
        raise DomainError("faq.too_many_aliases", f"At most {MOST_ALIASES} aliases belong to one answer.", "text")
    made = add_phrases([FaqPhrase(entry=standing, text=line, source=source)], at=at)[0]
    save_entry(standing, [], at)
    sync_public(standing)
    audit_entry(actor=actor, verb="faq.alias_added", entry=standing, at=at, after={"alias": line[:200]})
    made.refresh_from_db()
    return made


@transaction.atomic
def remove_alias(*, actor: Any, entry: FaqEntry, phrase: FaqPhrase, at: datetime) -> str:
    """Forget a wording; returns it, so that adding it again undoes this. The question itself stays. Locks the entry."""
    standing = locked_entry(actor=actor, entry=entry, at=at)
    held = standing.phrases.filter(pk=phrase.pk).first()
    if held is None or held.is_canonical:
        raise Conflict("faq.no_alias", "This is not an alias of this answer.")
    remove_phrases([held])
    save_entry(standing, [], at)
    audit_entry(actor=actor, verb="faq.alias_removed", entry=standing, at=at, before={"alias": held.text[:200]})
    return held.text


def change_question(entry: FaqEntry, question: str, *, at: datetime) -> None:
    """Put another question on a locked entry; the old one stays as an alias, so that it is still found."""
    old = entry.phrases.get(is_canonical=True)
    if old.text == question:
        return
    same = entry.phrases.filter(normal=normal_form(question)[:MOST_QUESTION])
    remove_phrases(same)
    if not same.model.objects.filter(pk=old.pk).exists():
        add_phrases([FaqPhrase(entry=entry, text=question, is_canonical=True)], at=at)
        return
    FaqPhrase.objects.filter(pk=old.pk).update(is_canonical=False, source="alias")
    add_phrases([FaqPhrase(entry=entry, text=question, is_canonical=True)], at=at)
