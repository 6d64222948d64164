"""Saved views that a person sees above the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from portal.accounts.models import Membership
from portal.core.models import SavedView

if TYPE_CHECKING:
    from django.db.models import QuerySet

PAGE = "requests"
SHOWN = 12


def views_of(person: Any) -> QuerySet[SavedView]:
    """One's own, and those that colleagues of one's teams share; pinned ones first."""
    teams = Membership.objects.filter(person=person, during__upper_inf=True).values("team_id")
    colleagues = Membership.objects.filter(team__in=teams, during__upper_inf=True).values("person_id")
    rows = SavedView.objects.filter(page=PAGE).filter(Q(owner=person) | Q(is_shared=True, owner__in=colleagues))
    return rows.order_by("-is_pinned", "name", "pk")[:SHOWN]
