"""Where a request stands in the plans: its wish, its line, and where that was carried over to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from requests_queue.models import PlanCandidate
from requests_queue.queries.plan_chain import last_of

if TYPE_CHECKING:
    from requests_queue.models import DataRequest, PlanItem


@dataclass(frozen=True)
class Place:
    """The newest wish behind which the request stands; `line` None: beside the list, or answered with no."""

    candidate: PlanCandidate
    line: PlanItem | None


def place_of(request: DataRequest) -> Place | None:
    """None for what is private or stands in no plan; one query, more only for work that was carried over."""
    if request.is_private:
        return None
    rows = PlanCandidate.objects.filter(requests=request).select_related(
        "plan__team", "item__plan__team", "item__owner"
    )
    newest = rows.order_by("-pk").first()
    if newest is None:
        return None
    line: PlanItem | None = getattr(newest, "item", None)
    if line is not None and line.state == "carried":
        line = last_of(line)
    return Place(newest, line)
