"""How an asset stands: late or not, since when, and what is promised (spec additions, "status of an asset")."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q

from ownership.domain.freshness import FAILURES, FRESHNESS, LANDED, RUN, Standing, Word, promise_of, standing
from ownership.models import Asset, AssetStatus, StatusEntry
from ownership.policies import assets as policy
from portal.core.registries import contributions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

RECENT = timedelta(days=90)
COUNTED = (RUN, FRESHNESS)


@dataclass(frozen=True)
class AssetStanding:
    """The standing of one asset; `on_time` is the share of good results of 90 days, None without any."""

    asset: Asset
    standing: Standing
    on_time: float | None
    incident: str | None = None


def standing_of(asset: Asset, viewer: Any, at: datetime) -> AssetStanding:
    """How it stands now, in two queries and what other rooms add."""
    found = standing(_words([asset.pk])[asset.pk], promise_of(asset.attrs), at)
    incident = _incidents([asset.pk], viewer, at).get(asset.pk)
    return AssetStanding(asset, found, _on_time(asset.pk, at), incident)


def standings_of(assets: Iterable[Asset], at: datetime) -> dict[int, Standing]:
    """How each stands now, by id; one query."""
    found = list(assets)
    words = _words([asset.pk for asset in found])
    return {asset.pk: standing(words[asset.pk], promise_of(asset.attrs), at) for asset in found}


def late_assets(viewer: Any, at: datetime, limit: int = 500) -> list[AssetStanding]:
    """Visible assets that failed, or are overdue by what is promised; tier 1 first.

    Three queries, and what other rooms add.
    """
    failed = AssetStatus.objects.filter(what__in=COUNTED, value__in=FAILURES).values("asset_id")
    promising = Q(attrs__dbt__freshness__isnull=False) | Q(attrs__odcs__sla__isnull=False)
    heard = AssetStatus.objects.filter(what__in=(RUN, LANDED)).values("asset_id")
    rows = policy.visible_to(viewer).filter(retired_at=None)
    found = rows.filter(Q(pk__in=failed) | promising & Q(pk__in=heard)).select_related("domain")
    assets = list(found.order_by("tier", "name")[: 10 * limit])
    words = _words([asset.pk for asset in assets])
    stands = ((asset, standing(words[asset.pk], promise_of(asset.attrs), at)) for asset in assets)
    late = [(asset, found) for asset, found in stands if found.is_late][:limit]
    incidents = _incidents([asset.pk for asset, _ in late], viewer, at)
    return [AssetStanding(asset, found, None, incidents.get(asset.pk)) for asset, found in late]


def _words(asset_ids: Iterable[int]) -> dict[int, dict[str, Word]]:
    found: dict[int, dict[str, Word]] = defaultdict(dict)
    for row in AssetStatus.objects.filter(asset_id__in=list(asset_ids), what__in=(RUN, FRESHNESS, LANDED)):
        found[row.asset_id][row.what] = Word(row.value, row.at)
    return found


def _on_time(asset_id: int, at: datetime) -> float | None:
    rows = StatusEntry.objects.filter(asset_id=asset_id, what__in=COUNTED, at__gt=at - RECENT, at__lte=at)
    counts = rows.aggregate(all=Count("pk"), bad=Count("pk", filter=Q(value__in=FAILURES)))
    return 1 - counts["bad"] / counts["all"] if counts["all"] else None


def _incidents(asset_ids: list[int], viewer: Any, at: datetime) -> dict[int, str]:
    """The number of the open incident on each that has one, as far as a room above knows and the viewer may see."""
    found: dict[int, str] = {}
    for provide in contributions("asset.incident"):
        found |= provide(asset_ids, viewer, at)
    return found
