"""A test page: the whole way out and back, on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.core.errors import Conflict
from portal.core.services.rates import take
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.domain.subjects import Subject
from portal.engine.services.notices import raise_notice

if TYPE_CHECKING:
    from datetime import datetime

    from portal.engine.models import Notice

TRIES, HOUR = 3, 3600


def send_test_page(*, actor: Any, at: datetime) -> Notice:
    """Raise `engine.test` to `actor`; three an hour. Raises `Conflict` if no way leads to them."""
    take(key=f"test-page:{actor.pk}", capacity=TRIES, per_seconds=HOUR, at=at)
    draft = NoticeDraft(
        kind="engine.test",
        dedup_key=f"engine.test:user.{actor.pk}:{at.isoformat()}",
        subject=Subject("engine.test", actor.pk),
        to=Recipient(person_id=actor.pk),
        severity="page",
        context={"name": actor.name},
    )
    notice = raise_notice(actor=actor, draft=draft, at=at)
    if notice is None:
        raise Conflict("engine.no_way", "No message can reach you. Add a way on your notifications page.")
    return notice
