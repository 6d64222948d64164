"""Where files come from: how much each counts, how often it comes, and when it last did (spec ownership 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, IntegerField, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from ownership.models import Claim
from portal.core.models import ImportRun, ImportSource

if TYPE_CHECKING:
    from django.db.models import QuerySet

MOST_PRECEDENCE = 99
MOST_CADENCE = 24 * 366


def listed_sources(viewer: Any) -> QuerySet[Any]:
    """Every source with its newest applied file and its open claims; everybody signed in sees them."""
    if not getattr(viewer, "is_authenticated", False):
        return ImportSource.objects.none()
    claims = Claim.objects.filter(source=OuterRef("pk"), closed_at=None).order_by().values("source")
    return ImportSource.objects.annotate(
        last_applied_at=Max("runs__applied_at", filter=Q(runs__state=ImportRun.State.APPLIED)),
        claims=Coalesce(Subquery(claims.annotate(count=Count("pk")).values("count"), output_field=IntegerField()), 0),
    )


def contested_by(source_id: int) -> list[int]:
    """Ids of the assets of which this source and another one both name an owner."""
    others = Claim.objects.filter(closed_at=None).exclude(source=source_id)
    mine = Claim.objects.filter(source=source_id, closed_at=None, asset__in=others.values("asset_id"))
    return list(mine.order_by("asset_id").values_list("asset_id", flat=True).distinct())
