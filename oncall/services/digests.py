"""The readiness digest: in the morning, to the leads, and only if something is wrong (spec oncall 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction

from oncall.queries.duties import duty_of
from oncall.queries.readiness import teams_to_tell
from oncall.services.shift_news import LEAD, tell_leads

if TYPE_CHECKING:
    from datetime import datetime

MOST_SENTENCES = 8


@transaction.atomic
def send_digests(*, at: datetime) -> int:
    """Tell each team's leads once a day from the team's hour on; returns how many teams have something wrong."""
    found = teams_to_tell(at)
    for team, findings in found.items():
        local = at.astimezone(ZoneInfo(team.zone))
        if local.time() < duty_of(team).digest_at:
            continue
        said = [finding.sentence for finding in findings[:MOST_SENTENCES]]
        more = len(findings) - MOST_SENTENCES
        line = " ".join([*said, *([f"And {more} more."] if more > 0 else [])])
        tell_leads(findings[0].rota, line[:1500], key=f"digest.{team.pk}:{local.date().isoformat()}", at=at, kind=LEAD)
    return len(found)
