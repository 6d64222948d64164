"""What is asked often and not answered yet, out of the clusters of questions (spec budget 6, faq 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, Q

from requests_queue.models import RequestCluster
from requests_queue.policies import visible_to

if TYPE_CHECKING:
    from datetime import datetime

RECURRING = 3
WITHIN = timedelta(days=90)
SHOWN = 5


@dataclass(frozen=True)
class Asked:
    """A theme with how often and by how many teams it was asked in 90 days."""

    id: int
    name: str
    times: int
    teams: int
    newest: str


def unanswered_themes(viewer: Any, at: datetime) -> list[Asked]:
    """Live themes asked three times or more in 90 days, most asked first; private requests are in none."""
    recent = Q(members__is_live=True, members__request__filed_at__gte=at - WITHIN)
    seen = Q(members__request__in=visible_to(viewer).filter(is_private=False))
    rows = (
        RequestCluster.objects.filter(state="live")
        .annotate(
            times=Count("members", filter=recent & seen, distinct=True),
            teams=Count("members__request__requester_team", filter=recent & seen, distinct=True),
            newest=Max("members__request__number", filter=recent & seen),
        )
        .filter(times__gte=RECURRING)
        .order_by("-times", "pk")[:SHOWN]
    )
    return [Asked(row.pk, row.name, row.times, row.teams, row.newest or "") for row in rows]
