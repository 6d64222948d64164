"""The wish behind a line, also when the line was carried over from the quarter before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests_queue.models import PlanItem

if TYPE_CHECKING:
    from requests_queue.models import PlanCandidate

MOST_QUARTERS = 12


def wish_behind(item: PlanItem) -> PlanCandidate | None:
    """The candidate a line came from, through every quarter it was carried over; None for work without a wish."""
    line = item
    for _ in range(MOST_QUARTERS):
        if line.candidate is not None or line.carried_from_id is None:
            return line.candidate
        rows = PlanItem.objects.select_related("candidate__cluster", "candidate__sponsor", "candidate__plan__team")
        line = rows.get(pk=line.carried_from_id)
    return None


def last_of(item: PlanItem) -> PlanItem:
    """Where the work of a line stands now: the last line it was carried over to."""
    line = item
    for _ in range(MOST_QUARTERS):
        following = PlanItem.objects.filter(carried_from=line).select_related("plan__team").first()
        if following is None:
            return line
        line = following
    return line
