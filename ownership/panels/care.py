"""Reviews, load and who in fact takes care, on the pages of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from ownership.queries.reviews import mine, quarter_label, quarter_name, review_items
from portal.core.registries import Need
from portal.core.web.presentation import count_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.accounts.models import Person


def reviews_to_answer(viewer: Person, at: datetime) -> Sequence[Need]:
    """One line a review that runs: how many assets wait for this person's word."""
    waiting: dict[int, list[object]] = {}
    found = mine(review_items(viewer).filter(campaign__closed_at=None, state="asked"), viewer, at).order_by("pk")[:500]
    for row in found:
        waiting.setdefault(row.campaign_id, []).append(row)
    campaigns = {row.campaign_id: row.campaign for row in found}
    return [
        Need(
            subject=f"Review of {quarter_name(campaigns[pk])}",
            sentence=f"{count_words(len(rows), 'asset')}: still yours?",
            verb="Answer",
            url=f"{reverse('reviews_detail', args=[quarter_label(campaigns[pk])])}?mine=true",
            due_at=campaigns[pk].due_at,
            since=campaigns[pk].started_at,
        )
        for pk, rows in waiting.items()
    ]
