"""The ledger as somebody may read it: private work folded into sums, minutes of persons for themselves and their lead.

Spec resolutions 1.36, requests 9: outsiders see of private work its share of the sums alone, and nothing of a sum with
fewer than three requests behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from portal.accounts.policies import may
from requests_queue.domain.kinds import KINDS
from requests_queue.models import BudgetEntry, BudgetPeriod
from requests_queue.policies import visible_to

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from portal.accounts.models import Team

LEAST_FOLDED = 3
UNKNOWN = "No team"
CACHED = {"spent": "d_spent", "reserved": "d_reserved", "exempt": "d_exempt", "adjusted": "d_capacity"}


@dataclass(frozen=True)
class Share:
    """Minutes of one kind or one asking team: spent and reserved together."""

    label: str
    minutes: int


@dataclass(frozen=True)
class Folded:
    """The private work of a period that a viewer may not see, as one sum over at least three requests."""

    spent: int
    reserved: int
    exempt: int


def visible_entries(period: BudgetPeriod | None, viewer: Any) -> QuerySet[BudgetEntry]:
    """The entries of a period that the viewer may see, with what a line shows."""
    rows = BudgetEntry.objects.filter(period=period).filter(
        Q(request=None) | Q(request__in=visible_to(viewer).values("pk"))
    )
    return rows.select_related("request", "person", "approver", "gives_way")


def folded_entries(period: BudgetPeriod | None, viewer: Any) -> Folded | None:
    """What the viewer may not see, as a sum; None below three requests, whose minutes stand in the totals alone."""
    rows = BudgetEntry.objects.filter(period=period, request__isnull=False)
    sums = rows.exclude(request__in=visible_to(viewer).values("pk")).aggregate(
        n=Count("request", distinct=True), spent=Sum("d_spent"), reserved=Sum("d_reserved"), exempt=Sum("d_exempt")
    )
    if sums["n"] < LEAST_FOLDED:
        return None
    return Folded(int(sums["spent"] or 0), int(sums["reserved"] or 0), int(sums["exempt"] or 0))


def shares_by_kind(period: BudgetPeriod | None) -> list[Share]:
    """Used minutes by kind of request; private ones stand in no cell of their own."""
    found = _shares(period, "request__kind")
    return [Share(KINDS[kind].label if kind in KINDS else str(kind), minutes) for kind, minutes in found]


def shares_by_asking_team(period: BudgetPeriod | None) -> list[Share]:
    """Used minutes by the team that asked."""
    return [Share(str(team or UNKNOWN), minutes) for team, minutes in _shares(period, "request__requester_team__name")]


def may_see_people(viewer: Any, team: Team, at: datetime) -> bool:
    """Whose minutes a line names: the lead sees all of the team, everybody else only their own."""
    return may(viewer, "read_load", team, at).allowed


def _shares(period: BudgetPeriod | None, by: str) -> list[tuple[Any, int]]:
    """Largest first. Private minutes join the largest cell, so that the cells add up to the total."""
    rows = BudgetEntry.objects.filter(period=period, request__isnull=False)
    sums = rows.values_list(by, "request__is_private").annotate(used=Sum(F("d_spent") + F("d_reserved"))).order_by()
    cells: dict[Any, int] = {}
    hidden = 0
    for label, is_private, used in sums:
        if is_private:
            hidden += int(used or 0)
        else:
            cells[label] = cells.get(label, 0) + int(used or 0)
    filled = [(label, used) for label, used in cells.items() if used]
    ordered = sorted(filled, key=lambda cell: (-cell[1], str(cell[0])))
    if hidden and ordered:
        ordered[0] = (ordered[0][0], ordered[0][1] + hidden)
    return ordered


def drifted_periods(at: datetime) -> int:
    """How many periods hold balances that are not the sum of their entries; anything but 0 is an alarm."""
    del at
    total = {name: Coalesce(Sum(f"entries__{column}"), 0) for name, column in CACHED.items()}
    rows = BudgetPeriod.objects.annotate(**{f"sum_{name}": value for name, value in total.items()})
    differs = Q()
    for name in CACHED:
        differs |= ~Q(**{name: F(f"sum_{name}")})
    return rows.filter(differs).count()
