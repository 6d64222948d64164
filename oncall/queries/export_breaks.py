"""What happens if a pipeline breaks, and which runbooks there are, for the exported plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall.domain.markdown import section, table
from oncall.models import AssetDuty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ownership.models import Asset
    from portal.accounts.models import Team

STEPS = (
    "A page goes to the primary; after 15 minutes to the secondary, after 15 more to the next of the cascade, after"
    " 30 to the lead, after 60 to the organization's fallback. It never stops at somebody who cannot be reached."
)


def breaks_of(team: Team, assets: Sequence[Asset]) -> list[str]:
    """The sections "If it breaks" and "Runbooks"."""
    del team
    investors = set(
        AssetDuty.objects.filter(asset__in=assets, is_investor_facing=True).values_list("asset_id", flat=True)
    )
    rows = [[asset.name, "yes" if asset.pk in investors else "no"] for asset in assets]
    said = (
        "No pipeline has a published runbook yet." if not assets else "Published runbooks are listed at `/runbooks/`."
    )
    return [
        section("If it breaks", STEPS, table(["Pipeline", "Reported to investors"], rows)),
        section("Runbooks", said),
    ]
