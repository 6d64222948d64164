"""Upstream tickets between teams: the contribution `boundary.traffic` to the room of assets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, DateTimeField, DurationField, ExpressionWrapper, F, Sum, Value
from django.db.models.functions import Coalesce, Greatest

from oncall.queries.tickets import tickets_visible_to

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime


def tickets_between(
    team_ids: Collection[int], viewer: Any, since: datetime, at: datetime
) -> dict[tuple[int, int], tuple[int, float]]:
    """(tickets, seconds blocked) since an instant, by (asking team, asked team), as far as the viewer sees them.

    A ticket that was opened before counts while it still blocked afterwards, from that instant on. One query.
    """
    blocked = Coalesce("unblocked_at", "fixed_at", Value(at, DateTimeField()))
    began = Greatest("opened_at", Value(since, DateTimeField()))
    rows = tickets_visible_to(viewer).filter(asking_team__in=team_ids, team__in=team_ids, opened_at__lte=at)
    found = (
        rows.exclude(asking_team=F("team"))
        .annotate(ended_at=blocked)
        .filter(ended_at__gt=since)
        .annotate(stood=ExpressionWrapper(F("ended_at") - began, DurationField()))
        .order_by()
        .values_list("asking_team", "team")
        .annotate(tickets=Count("pk"), blocked=Sum("stood"))
    )
    return {(asking, asked): (tickets, stood.total_seconds()) for asking, asked, tickets, stood in found if asking}
