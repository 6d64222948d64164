"""Domains and what stands in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q

from ownership.models import Asset, Domain
from ownership.policies import domains as policy
from ownership.queries.assets import has_primary

if TYPE_CHECKING:
    from django.db.models import QuerySet

MOST_LEVELS = 20


def listed_domains(viewer: Any) -> QuerySet[Domain]:
    """Every visible domain with its teams and the number of its live assets."""
    live = Count("assets", filter=Q(assets__retired_at=None))
    rows = policy.visible_to(viewer).select_related("parent", "lead_team", "default_team")
    return rows.annotate(asset_count=live).order_by("name", "pk")


def domain_by_slug(slug: str, viewer: Any) -> Domain | None:
    """The visible domain of this address, or None."""
    return listed_domains(viewer).filter(slug=slug).first()


def figures_of(domain: Domain) -> dict[str, Any]:
    """Live assets by kind, and how many nobody owns: one query each."""
    rows = Asset.objects.filter(domain=domain, retired_at=None)
    kinds = dict(rows.values_list("kind").annotate(n=Count("pk")).order_by("kind"))
    return {"kinds": kinds, "without_owner": rows.filter(~Q(has_primary()), unowned_until=None).count()}


def ancestors_of(domain: Domain) -> list[int]:
    """The ids of the domains above, nearest first; ends after 20 levels whatever the rows say."""
    parents = dict(Domain.objects.values_list("pk", "parent_id"))
    found: list[int] = []
    above = parents.get(domain.pk)
    while above is not None and above not in found and len(found) < MOST_LEVELS:
        found.append(above)
        above = parents.get(above)
    return found
