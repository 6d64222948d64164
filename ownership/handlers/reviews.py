"""What the engine calls while a review runs: two reminders, then its end (spec ownership 12)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ownership.domain.reviews import ASKED, END_STEP
from ownership.models import ReviewCampaign
from ownership.queries.reviews import progress_by_team, waiting_by_person
from ownership.services.review_telling import ENDED_NOTICE, REMINDED_NOTICE, asked_notices
from ownership.services.reviewing import close_review
from portal.accounts.queries.teams import responsible_leads
from portal.engine.domain.drafts import FireResult

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.engine.domain.drafts import DueDeadline


class ReviewSteps:
    """Deadlines of kind `ownership.review`: who has lines left is reminded; at the end leads learn what is silent."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> dict[int, FireResult]:
        ids = [deadline.subject.id for deadline in deadlines]
        locked = ReviewCampaign.objects.select_for_update(skip_locked=True).filter(pk__in=ids)
        rows = {row.pk: row for row in locked}
        return {
            deadline.id: self._step(rows[deadline.subject.id], deadline.step, at)
            for deadline in deadlines
            if deadline.subject.id in rows
        }

    def _step(self, row: ReviewCampaign, step: int, at: datetime) -> FireResult:
        if row.closed_at is not None:
            return FireResult("nothing", "the review is over")
        if step < END_STEP:
            counts = waiting_by_person(row, ASKED, at)
            return FireResult("done", notices=asked_notices(REMINDED_NOTICE, row, counts, step))
        closed = close_review(campaign=row, at=at)
        told = asked_notices(ENDED_NOTICE, row, _silent_by_lead(row, at), step)
        return FireResult("done", f"{closed.get('silent', 0)} without an answer", notices=told)


def _silent_by_lead(row: ReviewCampaign, at: datetime) -> dict[int, int]:
    """How many lines of their teams nobody answered, by person id of each lead."""
    counts: Counter[int] = Counter()
    for team, progress in progress_by_team(row):
        if team is not None and progress.silent:
            counts.update({lead.pk: progress.silent for lead in responsible_leads(team, at.date())})
    return dict(counts)
