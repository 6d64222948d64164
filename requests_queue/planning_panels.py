"""What planning puts on My day: votes, commitments, days to the lock, and the band with what wants to be a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal.core.domain.quarter import quarter_of
from portal.core.registries import Need
from portal.core.web.presentation import NO_BREAK, Link, Row, count_words, pct_class, percent_words, when
from requests_queue.panels import RequestsBlock
from requests_queue.queries.planning_day import band_for, needs_asked_of, open_plans_led_by, plans_to_vote_in

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.models import QuarterPlan

DAY_MINUTES = 480
# The meter ends at 15 percent of the team's time.
WHOLE_SCALE = 0.15


def team_decisions(subject: Any, viewer: Any, at: datetime) -> RequestsBlock | None:
    """For who leads: plans that wait for an order and a lock, soonest first."""
    plans = open_plans_led_by(subject, at)
    if not plans:
        return None
    rows = [_plan_row(plan, viewer.zone, at) for plan in plans[:6]]
    soon = [plan for plan in plans if plan.lock_due_at < at]
    headline = f"{count_words(len(soon), 'plan')} to lock" if soon else ""
    return RequestsBlock("team-decisions", "To decide in your team", rows, Link("Plan", "/plan/"), headline=headline)


def planning_needs(viewer: Any, at: datetime) -> list[Need]:
    """Points that only this person can give, and commitments that only this lead can answer."""
    votes = [
        Need(
            f"Points for the plan of {plan.team.name}", "Your team has given none yet.", "Vote", _path(plan),
            plan.input_closes_at, plan.opens_at,
        )
        for plan in plans_to_vote_in(viewer, at)
    ]  # fmt: skip
    asked = [
        Need(
            f"{need.item.plan.team.name} needs {need.team.name}", need.what, "Answer", f"/plan/lines/{need.item_id}",
            need.item.plan.lock_due_at, need.asked_at,
        )
        for need in needs_asked_of(viewer, at)
    ]  # fmt: skip
    return votes + asked


def _plan_row(plan: Any, zone: str, at: datetime) -> Row:
    name = quarter_of(plan.quarter_start).name
    is_open = plan.input_closes_at > at
    due = plan.input_closes_at if is_open else plan.lock_due_at
    words = "input closes" if is_open else "lock it by" if plan.lock_due_at > at else "was to be locked"
    late = plan.lock_due_at < at
    return Row(
        title=f"{name} plan of {plan.team.name}", url=_path(plan), dot="bad" if late else "warn",
        facts=[f"{words} {when(due, zone, at).text}"], side=count_words(plan.lines, "line"), side_css="muted",
    )  # fmt: skip


def _path(plan: QuarterPlan) -> str:
    return f"/plan/{plan.team.slug}/{quarter_of(plan.quarter_start).label}"


@dataclass(frozen=True)
class BandBlock:
    """The meter of a data team's ad-hoc band, when its plan is decided, and questions that want to be a model."""

    title: str
    share: str
    used: str
    over: bool
    label: str
    line: str
    url: str
    plan_line: str
    plan_url: str
    theme_line: str
    theme_url: str


def band(subject: Any, viewer: Any, at: datetime) -> BandBlock | None:
    """For everybody with a main team: the books of their own team, else of the team they ask."""
    found = band_for(subject, at)
    if found is None:
        return None
    share = found.used / found.capacity if found.capacity else 0.0
    left = max(0, found.cap - found.used)
    low, high = found.floor_bp / 100, found.cap_bp / 100
    words = "Below" if share * 100 < low else "Inside" if found.used < found.cap else "At or above"
    plan, theme = found.plan, found.theme
    alike = count_words(theme.asks, "question") if theme is not None else ""
    closes = when(plan.input_closes_at, viewer.zone, at).text if plan is not None else ""
    return BandBlock(
        title=f"Ad-hoc budget, {found.team.name}", share=percent_words(share), used=pct_class(share / WHOLE_SCALE),
        over=found.used >= found.cap, url=f"/budget/{found.team.slug}/",
        label=f"{percent_words(share)} used, agreed band {low:g} to {high:g} percent",
        line=f"{words} the agreed {low:g} to {high:g}{NO_BREAK}%. "
        f"{round(left / DAY_MINUTES, 1):g} person-days are left.",
        plan_line=f"Input to the next plan closes {closes}." if closes else "",
        plan_url=_path(plan) if plan is not None else "",
        theme_line=f"{alike} ask for one thing: {theme.name}" if theme is not None else "",
        theme_url=f"/plan/proposals/new?cluster={theme.pk}" if theme is not None else "",
    )  # fmt: skip
