"""Where a file names another owner than people do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F, OuterRef, Q, Subquery

from ownership.domain.states import Outcome, State
from ownership.models import Claim, Ownership
from ownership.policies import assets as policy

if TYPE_CHECKING:
    from django.db.models import QuerySet


def open_conflicts(viewer: Any) -> QuerySet[Claim]:
    """Conflicting claims that nobody has decided for the owner of today, oldest first; `held_by` is that party."""
    held = Ownership.objects.filter(
        asset=OuterRef("asset"), duty=OuterRef("duty"), state=State.ACCEPTED.value, valid__upper_inf=True
    ).order_by("rank")
    rows = Claim.objects.filter(
        asset__in=policy.visible_to(viewer).filter(retired_at=None), outcome=Outcome.CONFLICT.value, closed_at=None
    )
    decided = Q(kept_for=F("held_by"))
    return (
        rows.annotate(held_by=Subquery(held.values("party_key")[:1]))
        .exclude(decided & Q(kept_for__isnull=False))
        .select_related("asset", "source", "person", "team")
        .order_by("first_seen", "pk")
    )
