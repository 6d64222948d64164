"""What a plan is worked out from: people's time, what the team carries, its lines, its band (spec budget 4, 5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db.models import FilteredRelation, Q

from portal.accounts.models import Team
from portal.core.domain.quarter import quarter_of
from portal.core.errors import DomainError
from requests_queue.domain.budget import Balance, Terms
from requests_queue.domain.capacity import capacity_of_person
from requests_queue.domain.plan import SYSTEM_KINDS, Work
from requests_queue.domain.scenarios import Facts, Line, Member, changed, evaluate, teams_named
from requests_queue.domain.upkeep import WEEK_DAYS, WEEK_MINUTES
from requests_queue.models import PlanItem
from requests_queue.queries.budget import balance_of, recent_periods, seen_balance
from requests_queue.queries.capacity import team_times

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from requests_queue.domain.scenarios import Outcome
    from requests_queue.models import BudgetPeriod, QuarterPlan

GONE = "dropped"


def facts_of(plan: QuarterPlan, at: datetime, items: Sequence[PlanItem] | None = None, *, viewer: Any = None) -> Facts:
    """Everything the arithmetic needs; a locked plan stands on its frozen capacity and what was adjusted since.

    With a viewer, what is used is what they may see. At most five queries, one less with `items` at hand.
    """
    del at
    quarter = quarter_of(plan.quarter_start)
    people = team_times(plan.team, quarter)
    rows = list(plan.items.order_by("rank")) if items is None else items
    carried = {item.kind: item.minutes for item in rows if item.kind in SYSTEM_KINDS}
    newest = recent_periods(plan.team_id, plan.quarter_start)[:1]
    period = next((one for one in newest if one.quarter_start == plan.quarter_start), None)
    weeks = round((quarter.ends_on - quarter.starts_on).days / WEEK_DAYS)
    oncall = carried.get("oncall", 0)
    facts = Facts(
        quarter,
        tuple(Member(row.person.handle, row.person.name, row.time) for row in people.members),
        tuple(people.team_days),
        carried.get("maintenance", 0), oncall, oncall // weeks if oncall else WEEK_MINUTES,
        tuple(
            Line(Work(item.pk, item.minutes, item.is_bumpable), item.title)
            for item in rows
            if item.rank is not None and item.state != GONE
        ),
        Terms(plan.floor_bp, plan.cap_bp), Balance(0),
    )  # fmt: skip
    if period is None:
        return facts
    return _with_books(facts, period, balance_of(period) if viewer is None else seen_balance(period, viewer))


def what_if(plan: QuarterPlan, facts: Facts, changes: Sequence[Mapping[str, Any]]) -> Outcome:
    """The plan after some changes; one query, and only for a change that asks who asked for the lines.

    Raises `DomainError` (`plan.bad_scenario`) naming the change.
    """
    known = _with_askers(plan, facts) if teams_named(changes) else facts
    return evaluate(changed(known, changes))


def require_teams(changes: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a what-if that names a team which does not exist; one query where it names any."""
    named = teams_named(changes)
    known = (
        set(Team.objects.filter(slug__in={slug for _, slug in named}).values_list("slug", flat=True)) if named else ()
    )
    for field, slug in named:
        if slug not in known:
            raise DomainError("plan.bad_scenario", f"There is no team called {slug[:60]!r}.", field)


def _with_askers(plan: QuarterPlan, facts: Facts) -> Facts:
    """Each line with the teams behind it: who sponsors the wish, and who asks by public requests."""
    rows = PlanItem.objects.filter(plan=plan).exclude(candidate=None)
    public = FilteredRelation("candidate__requests", condition=Q(candidate__requests__is_private=False))
    pairs = rows.annotate(public=public).values_list(
        "pk", "candidate__sponsor_team__slug", "public__requester_team__slug"
    )
    askers: dict[int, set[str]] = {}
    for key, sponsor, asker in pairs:
        askers.setdefault(key, set()).update(slug for slug in (sponsor, asker) if slug)
    lines = tuple(replace(line, asked_by=frozenset(askers.get(line.work.key, ()))) for line in facts.lines)
    return replace(facts, lines=lines)


def _with_books(facts: Facts, period: BudgetPeriod, balance: Balance) -> Facts:
    """The band, the overdraft and the spend of the period; the frozen capacity where the plan is locked."""
    terms = Terms(period.floor_bp, period.cap_bp, period.small_max, period.medium_max, period.overdraft_minutes)
    extra = period.adjusted
    if period.locked_at is not None:
        live = sum(capacity_of_person(member.time, facts.quarter).minutes for member in facts.members)
        extra = balance.capacity - live
    return replace(facts, terms=terms, balance=balance, extra=extra)
