"""What announcements and plans put on other pages: needs of a person, blocks of an asset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ownership.domain.impact import CHANGE_WORDS
from ownership.queries.announcements import waiting_for
from portal.core.registries import Need

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

MOST = 50


def announcements_waiting(viewer: Any, at: datetime) -> Sequence[Need]:
    """Announcements that the person has not answered."""
    del at
    return [
        Need(
            subject=row.announcement.asset.name,
            sentence=f"{row.announcement.author.name} announces {CHANGE_WORDS[row.announcement.change]}.",
            verb="Read",
            url=f"/announcements/{row.announcement_id}",
            due_at=row.announcement.ack_due_at,
            since=row.announcement.asked_at,
        )
        for row in waiting_for(viewer)[:MOST]
    ]
