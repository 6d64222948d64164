"""What people hear of a review: one digest each, and the leads at the end (spec ownership 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ownership.queries.reviews import quarter_label, quarter_name
from portal.core.web.presentation import count_words, date_words
from portal.engine.domain.drafts import NoticeDraft, Recipient, dedup_key
from portal.engine.domain.subjects import subject_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ownership.models import ReviewCampaign

ASKED_NOTICE, REMINDED_NOTICE = "ownership.review_asked", "ownership.review_reminded"
ENDED_NOTICE = "ownership.review_ended"


def asked_notices(
    kind: str, campaign: ReviewCampaign, counts: Mapping[int, int], step: int = 0
) -> tuple[NoticeDraft, ...]:
    """One line for each person id with a count of lines."""
    subject = subject_of(campaign)
    label = quarter_label(campaign)
    context = {
        "quarter": quarter_name(campaign), "due": date_words(campaign.due_at.date()),
        "url": f"/reviews/{label}?mine=true",
    }  # fmt: skip
    return tuple(
        NoticeDraft(
            kind=kind,
            dedup_key=dedup_key(kind, subject, step, Recipient(person_id=person_id)),
            subject=subject,
            to=Recipient(person_id=person_id),
            severity="info",
            context=context | {"count": count_words(count, "asset")},
        )
        for person_id, count in sorted(counts.items())
    )
