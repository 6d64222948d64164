"""On Mondays the leads hear which incidents ended somebody's sleep and are still open (spec oncall 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction

from oncall.domain.incident_states import OPEN
from oncall.models import Incident
from oncall.queries.duties import duty_of
from oncall.services.shift_news import tell_leads

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.models import Rota

MONDAY = 0
MOST = 20


@transaction.atomic
def list_unfinished_nights(*, at: datetime) -> int:
    """Tell the leads once a week, from the hour of their digest on; returns how many rotas have such incidents."""
    rows = Incident.objects.filter(has_woken=True, state__in=sorted(OPEN), rota__isnull=False)
    by_rota: dict[Rota, list[Incident]] = {}
    for row in rows.select_related("rota__team").order_by("opened_at", "pk"):
        if row.rota is not None:
            by_rota.setdefault(row.rota, []).append(row)
    for rota, incidents in by_rota.items():
        local = at.astimezone(ZoneInfo(rota.team.zone))
        if local.weekday() != MONDAY or local.time() < duty_of(rota.team).digest_at:
            continue
        lines = "; ".join(str(each) for each in incidents[:MOST])
        key = f"unfinished.{rota.pk}:{local.date().isoformat()}"
        tell_leads(rota, f"They ended somebody's sleep and are still open: {lines}."[:1500], key=key, at=at)
    return len(by_rota)
