"""Lists that people kept under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from portal.accounts.models import Membership
from portal.core.models import SavedView

if TYPE_CHECKING:
    from django.db.models import QuerySet

SHOWN = 12


def kept_views(person: Any) -> QuerySet[SavedView]:
    """One's own, and those that colleagues of one's teams share."""
    teams = Membership.objects.filter(person=person, during__upper_inf=True).values("team_id")
    colleagues = Membership.objects.filter(team__in=teams, during__upper_inf=True).values("person_id")
    return SavedView.objects.filter(Q(owner=person) | Q(is_shared=True, owner__in=colleagues))


def views_of(person: Any, page: str) -> list[tuple[str, str]]:
    """(name, query) of the first twelve that stand above a list, pinned ones first."""
    rows = kept_views(person).filter(page=page).order_by("-is_pinned", "name", "pk")
    return list(rows.values_list("name", "query")[:SHOWN])
