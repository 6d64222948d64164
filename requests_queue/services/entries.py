"""What every write of an entry shares: its lock, its version, its wordings' publicity and its audit row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.accounts.services.follows import tell_followers
from portal.core.errors import Stale
from portal.core.services.audit import record_audit
from portal.engine.domain.subjects import subject_of
from requests_queue.answer_policies import require_visible, require_write
from requests_queue.domain.answering import EntryState, Visibility
from requests_queue.models import FaqEntry
from requests_queue.services.phrases import set_public

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


def locked_entry(*, actor: Any, entry: FaqEntry, version: int | None = None, at: datetime) -> FaqEntry:
    """The entry under its row lock, if the actor may change it; raises `NotVisible`, `NotAllowed` or `Stale`."""
    standing = FaqEntry.objects.select_for_update(of=("self",)).select_related("current", "team").get(pk=entry.pk)
    require_visible(standing, actor, at)
    if actor is not None:
        require_write(actor, standing, at)
    if version is not None and standing.version != version:
        raise Stale("faq.stale_version", "Somebody changed this answer meanwhile. Look at it again.")
    return standing


def save_entry(entry: FaqEntry, columns: Sequence[str], at: datetime) -> None:
    """Write the columns of a locked entry and count its version up."""
    entry.version += 1
    entry.updated_at = at
    entry.save(update_fields=[*columns, "version", "updated_at"])


def sync_public(entry: FaqEntry) -> None:
    """The wordings count in N and df exactly while everybody may find them."""
    is_public = entry.state == EntryState.PUBLISHED and entry.visibility == Visibility.ALL
    set_public(entry.phrases.all(), is_public=is_public)


def audit_entry(*, actor: Any, verb: str, entry: FaqEntry, at: datetime, **facts: Any) -> None:
    """The audit row, and word to who follows; the row of an answer for members only stands in their compartment."""
    inside = entry.created_from if entry.visibility == Visibility.MEMBERS else None
    record_audit(
        actor=actor, verb=verb, subject=entry, compartment=inside.number if inside else "", at=at, **facts
    )  # fmt: skip
    tell_followers(actor=actor, subject=subject_of(entry), at=at)
