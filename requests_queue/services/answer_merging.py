"""Two entries become one: wordings are kept, events follow, the old address leads on (spec faq 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import DomainError
from portal.engine.domain.subjects import subject_of
from portal.engine.services.arming import cancel_deadlines
from requests_queue.answer_policies import require_open
from requests_queue.domain.answering import EntryState, Visibility
from requests_queue.models import FaqEntry, FaqEvent, FaqPhrase
from requests_queue.services.entries import audit_entry, locked_entry, save_entry, sync_public
from requests_queue.services.phrases import remove_phrases, set_public

if TYPE_CHECKING:
    from datetime import datetime


@transaction.atomic
def merge_entries(*, actor: Any, survivor: FaqEntry, merged: FaqEntry, at: datetime) -> FaqEntry:
    """Move every wording of `merged` to `survivor` as aliases, its events too; its address leads to the survivor.

    Both are locked in id order. Refused (`faq.merge_refused`) into itself, into an archived one, and from narrower
    readers to wider ones: a wording must not become visible to more people by a merge.
    """
    first, second = sorted((survivor, merged), key=lambda one: one.pk)
    held = {one.pk: locked_entry(actor=actor, entry=one, at=at) for one in (first, second)}
    target, source = held[survivor.pk], held[merged.pk]
    if target.pk == source.pk:
        raise DomainError("faq.merge_refused", "An answer cannot become part of itself.", "survivor")
    require_open(target)
    require_open(source)
    narrow = source.visibility not in (Visibility.ALL, target.visibility)
    if narrow or Visibility.MEMBERS in (source.visibility, target.visibility):
        raise DomainError("faq.merge_refused", "These two have different readers; merge what all may read.", "survivor")
    moved = _move_wordings(source, target)
    FaqEvent.objects.filter(entry=source).update(entry=target)
    FaqEntry.objects.filter(merged_into=source).update(merged_into=target)
    source.state, source.merged_into = EntryState.ARCHIVED.value, target
    target.helped += source.helped
    save_entry(source, ["state", "merged_into"], at)
    save_entry(target, ["helped"], at)
    sync_public(target)
    cancel_deadlines(actor=actor, subject=subject_of(source), reason="merged", at=at)
    audit_entry(actor=actor, verb="faq.merged", entry=source, at=at, after={"into": target.slug, "wordings": moved})
    return target


def _move_wordings(source: FaqEntry, target: FaqEntry) -> int:
    """Wordings the target has already are dropped; a moved question becomes an alias."""
    known = set(target.phrases.values_list("normal", flat=True))
    phrases = list(source.phrases.all())
    remove_phrases(phrase for phrase in phrases if phrase.normal in known)
    moving = [phrase for phrase in phrases if phrase.normal not in known]
    set_public(moving, is_public=False)
    return FaqPhrase.objects.filter(pk__in=[phrase.pk for phrase in moving]).update(
        entry=target, is_canonical=False, source="merge"
    )
