"""Whoever follows something hears of every act on it, in whichever room: the audit is read once for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.accounts.services.follows import tell_followers
from portal.core import clock
from portal.core.models import Setting
from portal.engine.domain.subjects import Subject
from portal.site.queries.events import followed_after, newest_position

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

FOLLOW_JOB = "site.follow_watch"
CURSOR = "follows.cursor"
BATCH = 500


def run_follow_watch(args: Mapping[str, Any], progress: Any) -> dict[str, Any]:
    """Every half minute; what a person is told is gathered for ten minutes anyway. Repeatable."""
    del args, progress
    return {"acts": watch_followed(at=clock.now())}


@transaction.atomic
def watch_followed(*, at: datetime) -> int:
    """Arm the digests of those who follow what was acted on since the last look; says how many acts that were.

    Under the cursor's lock, in an order that skips no late commit. Acts in a compartment are passed over.
    """
    row, is_new = Setting.objects.select_for_update().get_or_create(key=CURSOR, defaults={"value": [0, 0]})
    end = newest_position()
    entries = [] if is_new else list(followed_after(tuple(row.value))[:BATCH])
    for entry in entries:
        tell_followers(actor=entry.actor, subject=Subject(entry.object_type, int(entry.object_id)), act=entry.pk, at=at)
    last = (entries[-1].transaction_number, entries[-1].pk) if len(entries) == BATCH else end
    if list(last) != row.value:
        row.value = list(last)
        row.save(update_fields=["value"])
    return len(entries)
