"""Whether data is late now, as the room of on-call tells it (spec resolutions 3.9)."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from oncall.models import IncidentUpdate
from oncall.queries.impact import impact_counts
from oncall.queries.incidents import open_incidents

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from oncall.models import Incident
    from portal.accounts.models import Team
    from portal.core.domain.quarter import Quarter


def late_assets(asset_ids: Sequence[int], viewer: Any) -> list[str]:
    """What the open incidents on these assets, as this person may see them, are about; in order, each once."""
    found = open_incidents(asset_ids, viewer)
    return list(dict.fromkeys(one.root_asset.name if one.root_asset else str(one) for one in found))


def what_mattered(team: Team, quarter: Quarter) -> dict[str, int]:
    """How often the team's waiting incidents of the quarter did nothing, were inconvenient or did harm; one query."""
    zone = ZoneInfo(team.zone)
    start, end = (datetime.combine(day, time(), zone) for day in (quarter.starts_on, quarter.ends_on))
    return impact_counts(team, start, end)


def next_words(incidents: Collection[Incident], at: datetime) -> dict[int, datetime]:
    """When the next word on each incident was promised, as far as one was and it is still to come; one query."""
    rows = IncidentUpdate.objects.filter(incident__in=incidents, state="sent", next_update_at__gt=at)
    told = rows.order_by("sent_at").values_list("incident_id", "next_update_at")
    return {incident: due for incident, due in told if due is not None}
