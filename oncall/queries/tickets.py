"""Upstream tickets as lists and pages read them, and what each team has answered (spec oncall 9)."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from oncall.domain.grouping import HOPS
from oncall.models import UpstreamTicket
from oncall.policies import is_reader
from ownership.models import Edge
from ownership.queries.parties import owning_team
from portal.accounts.models import Membership
from portal.accounts.queries.people import local_day
from portal.core.registries import contributions

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from ownership.models import Asset
    from portal.accounts.models import Team

MOST_SCORED = 2000


@dataclass(frozen=True)
class Score:
    """One upstream team: counts and medians, never persons."""

    team: str
    live: int
    overdue: int
    fixed: int
    hours_to_unblock: float | None


def open_tickets() -> QuerySet[UpstreamTicket]:
    """All but those of a private incident, and those a room above hides: `tickets.hidden` gives a condition."""
    rows = UpstreamTicket.objects.exclude(incident__is_private=True)
    for condition in contributions("tickets.hidden"):
        rows = rows.exclude(condition())
    return rows


def tickets_visible_to(user: Any) -> QuerySet[UpstreamTicket]:
    """Everybody who may read reads what is open."""
    return open_tickets() if is_reader(user) else UpstreamTicket.objects.none()


def listed_tickets(viewer: Any) -> QuerySet[UpstreamTicket]:
    """Rows with what a line shows."""
    return tickets_visible_to(viewer).select_related("team", "upstream_asset", "asking_team", "contact", "incident")


def nearest_team(asset: Asset, at: datetime) -> Team | None:
    """Whom to ask about an asset that nobody owns: the team nearest above it, else the one nearest below.

    Three steps each way; of several as near, that of the older asset.
    """
    for towards, back in (("src", "dst"), ("dst", "src")):
        frontier, seen = {asset.pk}, {asset.pk}
        for _ in range(HOPS):
            rows = Edge.objects.filter(**{f"{back}__in": frontier}, closed_at=None)
            frontier = set(rows.values_list(f"{towards}_id", flat=True)) - seen
            seen |= frontier
            owners = owning_team(sorted(frontier), at) if frontier else {}
            found = next((owners[pk] for pk in sorted(frontier) if owners[pk] is not None), None)
            if found is not None:
                return found
    return None


def tickets_of(person: Any, at: datetime) -> QuerySet[UpstreamTicket]:
    """Live tickets that wait on this person or a team they lead, the first due first."""
    led = Membership.objects.filter(person=person, role="lead", during__contains=local_day(person, at))
    mine = Q(contact=person) | Q(team__in=led.values("team"))
    return listed_tickets(person).filter(mine, state__in=["open", "unblocked"]).order_by("unblock_due", "pk")


def scoreboard(viewer: Any, at: datetime) -> list[Score]:
    """Each upstream team over its newest tickets, the busiest first."""
    by_team: dict[str, list[UpstreamTicket]] = {}
    for row in listed_tickets(viewer).order_by("-opened_at")[:MOST_SCORED]:
        by_team.setdefault(row.team.name, []).append(row)
    scores = [_score(team, rows, at) for team, rows in by_team.items()]
    return sorted(scores, key=lambda score: (-score.live, score.team))


def _score(team: str, rows: list[UpstreamTicket], at: datetime) -> Score:
    live = [row for row in rows if row.is_live]
    overdue = sum((row.state == "open" and row.unblock_due < at) or row.fix_due < at for row in live)
    hours = [(row.unblocked_at - row.opened_at).total_seconds() / 3600 for row in rows if row.unblocked_at]
    fixed = sum(row.state == "fixed" for row in rows)
    return Score(team, len(live), overdue, fixed, round(median(hours), 1) if hours else None)
