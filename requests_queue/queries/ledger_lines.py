"""The ledger as somebody may read it: private work folded into sums, minutes of persons for themselves and their lead.

Spec resolutions 1.36, requests 9: outsiders see of private work its share of the sums alone, and nothing of a sum with
fewer than three requests behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from portal.accounts.policies import may
from requests_queue.domain.kinds import KINDS
from requests_queue.domain.unseen import folded
from requests_queue.models import BudgetEntry, BudgetPeriod
from requests_queue.policies import visible_to

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from portal.accounts.models import Team
    from requests_queue.queries.budget import BudgetView

UNKNOWN, PRIVATE = "No team", "Private work, as a sum"
CACHED = {"spent": "d_spent", "reserved": "d_reserved", "exempt": "d_exempt", "adjusted": "d_capacity"}


@dataclass(frozen=True)
class Share:
    """Minutes of one kind or one asking team: spent and reserved together."""

    label: str
    minutes: int


def visible_entries(period: BudgetPeriod | None, viewer: Any) -> QuerySet[BudgetEntry]:
    """The entries of a period that the viewer may see, with what a line shows."""
    rows = BudgetEntry.objects.filter(period=period).filter(
        Q(request=None) | Q(request__in=visible_to(viewer).values("pk"))
    )
    return rows.select_related("request", "person", "approver", "gives_way")


def shares_by_kind(view: BudgetView, viewer: Any) -> list[Share]:
    """Used minutes by kind of request; private ones that the viewer does not know of stand in no kind."""
    found = _shares(view, viewer, "request__kind")
    return [Share(KINDS[kind].label if kind in KINDS else str(kind), minutes) for kind, minutes in found]


def shares_by_asking_team(view: BudgetView, viewer: Any) -> list[Share]:
    """Used minutes by the team that asked."""
    found = _shares(view, viewer, "request__requester_team__name")
    return [Share(str(team or UNKNOWN), minutes) for team, minutes in found]


def may_see_people(viewer: Any, team: Team, at: datetime) -> bool:
    """Whose minutes a line names: the lead sees all of the team, everybody else only their own."""
    return may(viewer, "read_load", team, at).allowed


def _shares(view: BudgetView, viewer: Any, by: str) -> list[tuple[Any, int]]:
    """Largest first, and last the private work as a sum, so that the cells add up to the total."""
    rows = BudgetEntry.objects.filter(period=view.period, request__in=visible_to(viewer).values("pk"))
    sums = rows.values_list(by).annotate(used=Sum(F("d_spent") + F("d_reserved"))).order_by()
    ordered = sorted(((label, int(used)) for label, used in sums if used), key=lambda cell: (-cell[1], str(cell[0])))
    hidden = folded(view.unseen)
    return [*ordered, (PRIVATE, hidden.used)] if hidden is not None and hidden.used else ordered


def drifted_periods(at: datetime) -> int:
    """How many periods hold balances that are not the sum of their entries; anything but 0 is an alarm."""
    del at
    total = {name: Coalesce(Sum(f"entries__{column}"), 0) for name, column in CACHED.items()}
    rows = BudgetPeriod.objects.annotate(**{f"sum_{name}": value for name, value in total.items()})
    differs = Q()
    for name in CACHED:
        differs |= ~Q(**{name: F(f"sum_{name}")})
    return rows.filter(differs).count()
