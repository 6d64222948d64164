"""Planned work that may give way to ad-hoc work this quarter (spec budget 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.core.errors import DomainError
from requests_queue.models import PlanItem
from requests_queue.queries.capacity import team_quarter

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from portal.accounts.models import Team

LIVE = ("planned", "started")


def bumpable_items(team: Team, at: datetime) -> QuerySet[PlanItem]:
    """The items of today's plan that a plan says may give way, the lowest rank first."""
    quarter = team_quarter(team, at)
    rows = PlanItem.objects.filter(
        plan__team=team, plan__quarter_start=quarter.starts_on, plan__locked_at__isnull=False, is_bumpable=True
    )
    return rows.filter(state__in=LIVE).order_by("-rank", "pk")


def bumpable_item(team: Team, key: str, at: datetime) -> PlanItem | None:
    """The item of this id, None for no id; raises `DomainError` naming `gives_way` for one that cannot give way."""
    if not key:
        return None
    found = bumpable_items(team, at).filter(pk=int(key)).first() if key.isdecimal() and len(key) < 19 else None  # noqa: PLR2004 (digits)
    if found is None:
        raise DomainError("budget.unknown_item", "This is no planned item that may give way.", "gives_way")
    return found
