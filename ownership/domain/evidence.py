"""What each trace of work weighs, and when a backup is real (spec ownership 5, 8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

WEIGHTS = {
    "declared": 1.0,
    "page_acked": 0.8,
    "incident_resolved": 0.8,
    "codeowners": 0.7,
    "question_answered": 0.7,
    "faq_authored": 0.7,
    "commit": 0.6,
    "review": 0.6,
    "pipeline_owner": 0.6,
    "backfill_done": 0.6,
}
# A declaration and a line of CODEOWNERS are words; the rest is work.
BEHAVIOUR = frozenset(WEIGHTS) - {"declared", "codeowners"}
NEW_FOR = timedelta(days=30)
SEEN_WITHIN = timedelta(days=180)


@dataclass(frozen=True)
class BackupFacts:
    """A backup and the newest work on the asset: by that party, and by anybody."""

    accepted_at: datetime
    own_last: datetime | None
    any_last: datetime | None


def backup_state(facts: BackupFacts, at: datetime) -> str:
    """`real`, `paper` (others worked on the asset, this party did not) or `untested` (nobody did).

    A backup of less than 30 days is real: there was no time to work yet.
    """
    since = at - SEEN_WITHIN
    if facts.accepted_at > at - NEW_FOR or (facts.own_last is not None and facts.own_last >= since):
        return "real"
    return "paper" if facts.any_last is not None and facts.any_last >= since else "untested"
