"""What a team gives in a quarter and to whom: central or embedded is told by the same figures (spec additions)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

from requests_queue.domain.capacity import NOMINAL_DAY_MINUTES
from requests_queue.models import DataRequest, PlanItem
from requests_queue.queries.budget import recent_periods
from requests_queue.queries.capacity import team_quarter

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Team

SEEN, MOST = timedelta(days=90), 5000
OWN = "The team itself"
UNKNOWN = "People without a team"
DROPPED = "dropped"


@dataclass(frozen=True)
class Asking:
    """One asking team: public requests resolved in 90 days, the median days they took, its share of the plan."""

    team: str
    resolved: int
    median_days: float | None
    plan_share: float


@dataclass(frozen=True)
class Given:
    """`people_days` of the quarter as the budget has them, None before there is one; askers by their share."""

    people_days: float | None
    askers: tuple[Asking, ...]


def given_by(team: Team, at: datetime) -> Given:
    """Three queries. Private requests stand in none of the figures; a line of several askers is split evenly."""
    quarter = team_quarter(team, at)
    newest = recent_periods(team.pk, quarter.starts_on)[:1]
    period = next((one for one in newest if one.quarter_start == quarter.starts_on), None)
    minutes = period.opening_capacity_minutes + period.adjusted if period else 0
    waits, shares = _waits(team, at), _shares(team, at)
    askers = [
        Asking(name, len(waits.get(name, ())), _days(waits.get(name)), shares.get(name, 0.0))
        for name in sorted({*waits, *shares}, key=lambda name: (-shares.get(name, 0.0), name))
    ]
    return Given(minutes / NOMINAL_DAY_MINUTES if minutes else None, tuple(askers))


def _waits(team: Team, at: datetime) -> dict[str, list[float]]:
    rows = DataRequest.objects.filter(
        team=team, is_private=False, resolved_at__gt=at - SEEN, resolved_at__lte=at
    ).order_by("-resolved_at")  # fmt: skip
    found: dict[str, list[float]] = defaultdict(list)
    for name, filed, resolved in rows.values_list("requester_team__name", "filed_at", "resolved_at")[:MOST]:
        if resolved is not None:
            found[name or UNKNOWN].append((resolved - filed) / timedelta(days=1))
    return found


def _shares(team: Team, at: datetime) -> dict[str, float]:
    """Of the ranked lines of the quarter's plan, by who asked for them: its requests' teams, else who sponsors it."""
    rows = PlanItem.objects.filter(
        plan__team=team, plan__quarter_start=team_quarter(team, at).starts_on, rank__isnull=False
    ).exclude(state=DROPPED)  # fmt: skip
    minutes: dict[int, int] = {}
    askers: dict[int, set[str]] = defaultdict(set)
    for pk, given, sponsor, asked, is_private in rows.values_list(
        "pk", "minutes", "candidate__sponsor_team__name", "candidate__requests__requester_team__name",
        "candidate__requests__is_private",
    ):  # fmt: skip
        minutes[pk] = given
        if asked and not is_private:
            askers[pk].add(asked)
        elif sponsor and is_private is None:
            askers[pk].add(sponsor)
    total = sum(minutes.values())
    found: dict[str, float] = defaultdict(float)
    for pk, given in minutes.items():
        names = askers[pk] or {OWN}
        for name in names:
            found[OWN if name == team.name else name] += given / len(names) / total if total else 0.0
    return {name: share for name, share in found.items() if share}


def _days(waits: list[float] | None) -> float | None:
    return median(waits) if waits else None
