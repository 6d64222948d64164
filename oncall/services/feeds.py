"""Calendar feeds: an address that shows shifts to a calendar program, until it is revoked (spec oncall 5)."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall.domain.rules import bad
from oncall.models import CalendarFeed
from portal.core.errors import NotAllowed
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person

KINDS = ("me", "rota", "team")
BYTES = 24
MOST = 20


def secret_hash(secret: str) -> str:
    """Only this is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def issue_feed(*, actor: Person, kind: str, subject: str, at: datetime) -> tuple[CalendarFeed, str]:
    """A feed of one's own shifts, of a rota or of a team, and its secret, shown once."""
    if kind not in KINDS:
        raise bad("kind", "A calendar shows me, a rota or a team.")
    if CalendarFeed.objects.filter(person=actor, revoked_at=None).count() >= MOST:
        raise bad("kind", f"At most {MOST} calendars; revoke one first.")
    secret = secrets.token_urlsafe(BYTES)
    row = CalendarFeed(person=actor, kind=kind, subject=subject, secret_hash=secret_hash(secret), created_at=at)
    row.save(force_insert=True)
    after = {"kind": kind, "subject": subject}
    record_audit(actor=actor, verb="oncall.feed_issued", subject=row, after=after, at=at)
    return row, secret


@transaction.atomic
def revoke_feed(*, actor: Any, feed: CalendarFeed, at: datetime) -> CalendarFeed:
    """The address answers 404 from now on. Idempotent; one's own alone."""
    row = CalendarFeed.objects.select_for_update().get(pk=feed.pk)
    if row.person_id != actor.pk:
        raise NotAllowed("oncall.not_yours", "This calendar is somebody else's.")
    if row.revoked_at is None:
        row.revoked_at = at
        row.save(update_fields=["revoked_at"])
        record_audit(actor=actor, verb="oncall.feed_revoked", subject=row, at=at)
    return row
