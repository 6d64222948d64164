"""The desk of a team: what was asked lately, and what another band would have decided (spec additions, budget 3)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Min, Q

from portal.core.domain.quarter import quarter_of
from requests_queue.domain.budget import Work
from requests_queue.domain.desk import rulings
from requests_queue.models import DataRequest, RequestCluster, TeamDesk
from requests_queue.policies import QUESTION
from requests_queue.queries.budget import desk_terms
from requests_queue.queries.capacity import capacity_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from portal.accounts.models import Team
    from requests_queue.domain.budget import Ruling, Terms

LOOK_BACK = timedelta(days=91)
MOST_WORKS = 2000
MOST_THEMES = 3
LEAST_ASKS = 2
DECIDED = ("accepted", "awaiting_approval", "queued", "deferred")


def desk_of_team(team: Team) -> TeamDesk:
    """The desk as it stands; one that was never kept has the defaults."""
    return TeamDesk.objects.select_related("partner").filter(team=team).first() or TeamDesk(team=team)


def asked_lately(team: Team, since: datetime, until: datetime) -> int:
    """How many questions a desk got in `[since, until)`; private ones are not among them."""
    rows = DataRequest.objects.filter(team=team, kind=QUESTION, is_private=False, filed_at__gte=since)
    return rows.filter(filed_at__lt=until).count()


def themes_lately(team: Team, at: datetime) -> list[tuple[str, int]]:
    """The themes of a desk that were asked at least twice in a week, the most frequent first."""
    asked = Q(members__request__filed_at__gte=at - timedelta(days=7), members__request__filed_at__lt=at)
    live = RequestCluster.objects.filter(team=team, state__in=["live", "proposed"])
    rows = live.annotate(times=Count("members", filter=asked & Q(members__is_live=True)))
    return list(rows.filter(times__gte=LEAST_ASKS).order_by("-times", "pk").values_list("name", "times")[:MOST_THEMES])


def judged_again(team: Team, terms: Terms, at: datetime) -> tuple[Mapping[Ruling, int], Mapping[Ruling, int]]:
    """What the desk's terms of today and other terms make of the work judged in the last 13 weeks, in its order.

    Both begin with empty books of one quarter's capacity; exempt work stays outside.
    """
    rows = DataRequest.objects.filter(team=team, exemption=None, estimate_minutes__isnull=False)
    decided = rows.annotate(
        decided_at=Min("events__at", filter=Q(events__kind="moved", events__to_state__in=DECIDED))
    ).filter(decided_at__gte=at - LOOK_BACK, decided_at__lt=at)
    facts = decided.order_by("decided_at", "pk").values_list("estimate_minutes", "is_structural")[:MOST_WORKS]
    works = [Work(minutes or 0, is_structural) for minutes, is_structural in facts]
    capacity = capacity_of(team, quarter_of(at.date()))
    return rulings(works, capacity, desk_terms(team)), rulings(works, capacity, terms)
