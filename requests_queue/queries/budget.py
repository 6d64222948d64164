"""The budget as pages, API, triage and letters read it: one function for all of them (spec budget 9)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import Sum

from portal.core.context import once
from requests_queue.domain import budget
from requests_queue.domain.budget import FORECAST_DAYS, Balance, Forecast, Terms
from requests_queue.domain.states import State
from requests_queue.domain.unseen import as_seen, spent_unseen
from requests_queue.models import BudgetEntry, BudgetPeriod, DataRequest, TeamDesk
from requests_queue.queries.capacity import capacity_of, team_quarter, working_days_of
from requests_queue.queries.unseen import unseen_in, with_private

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.db.models import QuerySet

    from portal.accounts.models import Team
    from portal.core.domain.quarter import Quarter
    from requests_queue.domain.unseen import Piece

MOST_PERIODS = 8
SPENT_KINDS = ("SPEND", "REVERSE")


@dataclass(frozen=True)
class BudgetView:
    """A team's quarter at one instant; minutes, and shares of capacity.

    For a viewer the balance holds what they may see; `unseen` is the private work they do not know of.
    """

    team: Team
    quarter: Quarter
    period: BudgetPeriod | None
    terms: Terms
    balance: Balance
    unseen: tuple[Piece, ...] = ()

    @property
    def floor(self) -> int:
        return budget.floor_of(self.balance.capacity, self.terms)

    @property
    def cap(self) -> int:
        return budget.cap_of(self.balance.capacity, self.terms)

    @property
    def state(self) -> str:
        return budget.state_of(self.balance, self.terms)

    @property
    def is_locked(self) -> bool:
        return self.period is not None and self.period.locked_at is not None

    @property
    def left(self) -> int:
        """Minutes up to the cap; never below nothing."""
        return max(0, self.cap - self.balance.used)

    def share(self, minutes: int) -> float:
        """Minutes as a share of capacity."""
        return minutes / self.balance.capacity if self.balance.capacity else 0.0


@dataclass(frozen=True)
class Outlook:
    """Where the quarter is going: the forecast, the day on which the cap is passed, and who stands in line."""

    forecast: Forecast
    cap_reached_on: date | None
    queue_length: int


def terms_of(period: BudgetPeriod) -> Terms:
    """The terms of a period."""
    return Terms(period.floor_bp, period.cap_bp, period.small_max, period.medium_max, period.overdraft_minutes)


def balance_of(period: BudgetPeriod) -> Balance:
    """The cached balance of a period; equal to the sum of its entries."""
    capacity = period.opening_capacity_minutes + period.adjusted
    return Balance(max(0, capacity), period.spent, period.reserved, period.exempt)


def recent_periods(team_id: int, quarter_start: date) -> list[BudgetPeriod]:
    """The periods of a team up to a quarter, the newest first, at most eight; one query, once a reading request."""
    rows = BudgetPeriod.objects.filter(team=team_id, quarter_start__lte=quarter_start)
    rows = with_private(rows).order_by("-quarter_start")
    return once(f"recent periods {team_id} {quarter_start}", lambda: list(rows[:MOST_PERIODS]))


def desk_terms(team: Team) -> Terms:
    """The band and the sizes that a new period of this team begins with."""
    desk = TeamDesk.objects.filter(team=team).first() or TeamDesk()
    return Terms(desk.floor_bp, desk.cap_bp, desk.small_max, desk.medium_max)


def budget_of(team: Team, at: datetime, quarter: Quarter | None = None) -> BudgetView:
    """The budget at `at` as it is, for who decides by it; what is shown to somebody is `budget_for`.

    Before the first act of a quarter its capacity is worked out on the spot; afterwards it stands in the period, which
    follows calendars and absences until a plan is locked (`services.provisional`).
    """
    chosen = quarter or team_quarter(team, at)
    period = with_private(BudgetPeriod.objects.filter(team=team, quarter_start=chosen.starts_on)).first()
    if period is None:
        return BudgetView(team, chosen, None, desk_terms(team), Balance(capacity_of(team, chosen)))
    return BudgetView(team, chosen, period, terms_of(period), balance_of(period))


def budget_for(viewer: Any, team: Team, at: datetime, quarter: Quarter | None = None) -> BudgetView:
    """The budget as this viewer may see it: private work they do not know of shows from three requests on."""
    view = budget_of(team, at, quarter)
    if view.period is None:
        return view
    unseen = unseen_in(view.period, viewer)
    return replace(view, balance=as_seen(view.balance, unseen), unseen=unseen)


def seen_balance(period: BudgetPeriod, viewer: Any) -> Balance:
    """The balance of a period that was read `with_private`, as this viewer may see it."""
    return as_seen(balance_of(period), unseen_in(period, viewer))


def outlook_of(view: BudgetView, at: datetime) -> Outlook:
    """The forecast of the quarter; four queries."""
    today = at.astimezone(ZoneInfo(view.team.zone)).date()
    days = working_days_of(view.team, view.quarter)
    past, ahead = [day for day in days if day <= today], [day for day in days if day > today]
    recent = _spent_on(view.period, past[-FORECAST_DAYS:], spent_unseen(view.unseen))
    told = budget.forecast(view.balance, view.cap, recent, len(ahead))
    reached = None
    if told.passes_cap_in is not None and ahead:
        reached = ahead[max(0, told.passes_cap_in - 1)]
    waiting = queued_requests(view.team).filter(is_private=False).count()
    return Outlook(told, reached, waiting)


def queued_requests(team: Team) -> QuerySet[DataRequest]:
    """Requests that wait for room, the oldest first."""
    return DataRequest.objects.filter(team=team, state=State.QUEUED).order_by("filed_at", "pk")


def reserved_of(request: DataRequest, period: BudgetPeriod) -> int:
    """What is left of the reservation of a request in a period."""
    rows = BudgetEntry.objects.filter(request=request, period=period)
    return int(rows.aggregate(left=Sum("d_reserved"))["left"] or 0)


def minutes_of(request: DataRequest) -> tuple[int, int, int]:
    """Spent, still reserved and exempt minutes of a request over all quarters."""
    sums = BudgetEntry.objects.filter(request=request).aggregate(
        spent=Sum("d_spent"), reserved=Sum("d_reserved"), exempt=Sum("d_exempt")
    )
    return int(sums["spent"] or 0), int(sums["reserved"] or 0), int(sums["exempt"] or 0)


def calibration_of(kind: str, team: Team) -> float | None:
    """The median of actual / estimate over the last 20 finished public requests of this kind; None below three."""
    done = DataRequest.objects.filter(
        team=team, kind=kind, is_private=False, state__in=[State.RESOLVED, State.CLOSED], estimate_minutes__gt=0
    )
    rows = done.annotate(worked=Sum("entries__d_spent")).filter(worked__gt=0).order_by("-resolved_at")
    ratios = sorted(row.worked / row.estimate_minutes for row in rows[:FORECAST_DAYS] if row.estimate_minutes)
    return ratios[(len(ratios) - 1) // 2] if len(ratios) >= 3 else None  # noqa: PLR2004 (a sample)


def _spent_on(period: BudgetPeriod | None, days: list[date], unseen: frozenset[int]) -> list[int]:
    if period is None or not days:
        return [0] * len(days)
    rows = BudgetEntry.objects.filter(period=period, kind__in=SPENT_KINDS, work_date__gte=days[0])
    rows = rows.exclude(request__in=unseen) if unseen else rows
    sums = dict(rows.values_list("work_date").annotate(total=Sum("d_spent")))
    totals = [int(sums.pop(day, 0)) for day in days]
    totals[-1] += sum(int(total or 0) for total in sums.values())  # the work of weekends
    return totals
