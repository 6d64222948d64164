"""Tokens that are spent, and how honest urgency was (spec requests 8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from portal.accounts.queries.teams import organization
from portal.core.domain.quarter import quarter_of
from requests_queue.domain.urgency import UrgentRequest, honesty
from requests_queue.models import DataRequest, UrgencyToken

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from portal.accounts.models import Team
    from portal.core.domain.quarter import Quarter
    from requests_queue.domain.urgency import Honesty


@dataclass(frozen=True)
class UrgencyReport:
    """One asking team in one quarter; private requests stand in none of the counts."""

    filed: int
    urgent: int
    used: int
    returned: int
    quota: int
    exempt: tuple[tuple[str, int], ...]
    honesty: Honesty


def live_tokens(team: Team, quarter: Quarter) -> QuerySet[UrgencyToken]:
    """The tokens of a team that are spent in a quarter."""
    return UrgencyToken.objects.filter(team=team, quarter_start=quarter.starts_on, returned_at=None)


def tokens_left(team: Team | None, at: datetime) -> int:
    """How many urgent requests the team may still file this quarter."""
    if team is None:
        return 0
    quarter = quarter_of(at.astimezone(ZoneInfo(team.zone)).date())
    return max(0, organization().urgency_tokens - live_tokens(team, quarter).count())


def urgency_report(team: Team, quarter: Quarter) -> UrgencyReport:
    """Share of urgent, tokens used and returned, exempt by kind, and how soon what was urgent was opened."""
    filed = DataRequest.objects.filter(
        requester_team=team, is_private=False, filed_at__date__gte=quarter.starts_on, filed_at__date__lt=quarter.ends_on
    )
    counts = filed.aggregate(all=Count("pk"), urgent=Count("pk", filter=Q(urgency="urgent")))
    spent = UrgencyToken.objects.filter(team=team, quarter_start=quarter.starts_on, request__is_private=False)
    tokens = spent.aggregate(used=Count("pk", filter=Q(returned_at=None)), returned=Count("pk"))
    delivered = filed.filter(urgency="urgent", resolved_at__isnull=False).values_list("resolved_at", "first_opened_at")
    opened = [
        UrgentRequest(int((seen - done).total_seconds()) if seen is not None and done is not None else None)
        for done, seen in delivered
    ]
    exempt = filed.exclude(exemption=None).values_list("exemption__name").annotate(n=Count("pk")).order_by()
    return UrgencyReport(
        counts["all"], counts["urgent"], tokens["used"], tokens["returned"] - tokens["used"],
        organization().urgency_tokens, tuple(sorted(exempt)), honesty(opened),
    )  # fmt: skip
