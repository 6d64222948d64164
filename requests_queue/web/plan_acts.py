"""The acts of the plan's pages: the form of each, and the service behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import Http404

from portal.core.errors import DomainError
from requests_queue import planning_forms as forms
from requests_queue.domain.plan import moved_across, moved_by
from requests_queue.queries.plans import candidate_called, lines_of, plan_view, suggestion_for, team_named
from requests_queue.queries.targets import person_called, retired_called
from requests_queue.services.candidates import estimate_candidate, say_delay
from requests_queue.services.plan_life import (
    NewLine,
    add_line,
    drop_line,
    move_month,
    resize_line,
    set_remaining,
    ship_line,
    start_line,
)
from requests_queue.services.plan_needs import ask_need
from requests_queue.services.plan_opening import reopen_plan
from requests_queue.services.plan_ranking import LineFacts, edit_line, rank_items, set_aside, set_upkeep
from requests_queue.services.plan_sharing import share_plan
from requests_queue.services.plan_votes import cast_vote, invite_team, name_voter, remind_voters

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from decimal import Decimal

    from django.forms import Form

    from requests_queue.models import PlanCandidate, PlanItem, QuarterPlan

DAY_MINUTES = 480
Given = dict[str, Any]


@dataclass(frozen=True)
class Act:
    """A form and what it does; `run(actor, subject, data, at)`. `label` and `icon` are its button."""

    form: type[Form]
    run: Callable[[Any, Any, Given, datetime], object]
    label: str = ""
    icon: str = ""


def minutes_of(days: Decimal | None) -> int:
    """Days of work as minutes."""
    return 0 if days is None else round(days * DAY_MINUTES)


def _share(actor: Any, plan: QuarterPlan, _data: Given, at: datetime) -> None:
    share_plan(actor=actor, plan=plan, at=at)


def _suggest(actor: Any, plan: QuarterPlan, data: Given, at: datetime) -> None:
    order = suggestion_for(plan_view(plan, actor, at))
    rank_items(actor=actor, plan=plan, ordered_ids=order, plan_version=data["version"], at=at)


def _across(actor: Any, plan: QuarterPlan, data: Given, at: datetime) -> None:
    rows = plan_view(plan, actor, at).outcome.rows
    is_into = data["into"] is not None
    line = data["into"] if is_into else data["out"]
    if line not in {row.work.key for row in rows}:
        raise DomainError("plan.unknown_line", "This line is not on the list.", "into" if is_into else "out")
    order = moved_across(rows, line, into=is_into)
    rank_items(actor=actor, plan=plan, ordered_ids=order, plan_version=data["version"], at=at)


def _vote(actor: Any, plan: QuarterPlan, data: Given, at: datetime) -> None:
    wish, points = map(int, data["give"].split())
    candidate = candidate_called(actor, wish)
    if candidate.plan_id != plan.pk:
        raise DomainError("plan.unknown_line", "This wish is not in this plan.", "give")
    vote_for(actor, candidate, data["team"], points, at)


def vote_for(actor: Any, candidate: PlanCandidate, slug: str, points: int, at: datetime) -> None:
    """Give the points of the named team, else of the only team whose points the person casts."""
    if slug:
        team = team_named(slug, "team")
    else:
        own = plan_view(candidate.plan, actor, at).own_teams
        if not own:
            raise DomainError("plan.not_invited", "You cast no team's points in this plan.", "team")
        team = own[0]
    cast_vote(actor=actor, candidate=candidate, team=team, points=points, at=at)


def _remind(actor: Any, plan: QuarterPlan, _data: Given, at: datetime) -> None:
    remind_voters(actor=actor, plan=plan, at=at)


def _reopen(actor: Any, plan: QuarterPlan, data: Given, at: datetime) -> None:
    reopen_plan(actor=actor, plan=plan, reason=data["reason"], at=at)


def _upkeep(actor: Any, plan: QuarterPlan, data: Given, at: datetime) -> None:
    set_upkeep(actor=actor, plan=plan, at=at, **data)


def _add(actor: Any, plan: QuarterPlan, data: Given, at: datetime) -> None:
    line = NewLine(data["title"], minutes_of(data["days"]))
    add_line(actor=actor, plan=plan, line=line, reason=data["reason"], at=at)


def _voter(actor: Any, _plan: QuarterPlan, data: Given, at: datetime) -> None:
    team = team_named(data["team"], "team")
    name_voter(actor=actor, team=team, person=person_called(data["person"], "person"), at=at)


PLAN_ACTS = {
    "share": Act(forms.VersionForm, _share), "suggest": Act(forms.VersionForm, _suggest),
    "across": Act(forms.AcrossForm, _across), "vote": Act(forms.VoteForm, _vote),
    "remind": Act(forms.VersionForm, _remind), "reopen": Act(forms.ReasonForm, _reopen),
    "upkeep": Act(forms.UpkeepForm, _upkeep), "add": Act(forms.AddLineForm, _add),
    "voter": Act(forms.VoterForm, _voter),
}  # fmt: skip


def _edit(actor: Any, item: PlanItem, data: Given, at: datetime) -> None:
    edit_line(actor=actor, item=item, facts=line_facts(data, actor), version=data["version"], at=at)


def line_facts(data: Given, viewer: Any) -> LineFacts:
    """What the form says of a line; raises `DomainError` naming `owner`, `tiers` or `retires`."""
    tiers = data["tiers"].replace(",", " ").split()
    if not all(tier.isdecimal() and len(tier) < 3 for tier in tiers):  # noqa: PLR2004 (digits)
        raise DomainError("plan.bad_pipelines", "Tiers are 1 to 4, such as: 2 2.", "tiers")
    owner = person_called(data["owner"], "owner") if data["owner"] else None
    return LineFacts(
        data["title"], minutes_of(data["days"]), minutes_of(data["spread"]), owner, data["is_bumpable"],
        tuple(int(tier) for tier in tiers), data["month"], retired_called(data["retires"].split(), viewer),
    )  # fmt: skip


def _shift(actor: Any, item: PlanItem, data: Given, at: datetime) -> None:
    order = [line.pk for line in lines_of(item.plan) if line.rank is not None]
    ordered = moved_by(order, item.pk, data["by"])
    rank_items(actor=actor, plan=item.plan, ordered_ids=ordered, plan_version=data["version"], at=at)


def _aside(actor: Any, item: PlanItem, _data: Given, at: datetime) -> None:
    set_aside(actor=actor, items=[item], plan=item.plan, at=at)


def _need(actor: Any, item: PlanItem, data: Given, at: datetime) -> None:
    ask_need(actor=actor, item=item, team=team_named(data["team"], "team"), what=data["what"], at=at)


def _start(actor: Any, item: PlanItem, _data: Given, at: datetime) -> None:
    start_line(actor=actor, item=item, at=at)


def _remaining(actor: Any, item: PlanItem, data: Given, at: datetime) -> None:
    set_remaining(actor=actor, item=item, minutes=minutes_of(data["days"]), at=at)


def _ship(actor: Any, item: PlanItem, data: Given, at: datetime) -> None:
    ship_line(actor=actor, item=item, result=data["result"], at=at)


def _resize(actor: Any, item: PlanItem, data: Given, at: datetime) -> None:
    resize_line(actor=actor, item=item, minutes=minutes_of(data["days"]), reason=data["reason"], at=at)


def _drop(actor: Any, item: PlanItem, data: Given, at: datetime) -> None:
    drop_line(actor=actor, item=item, reason=data["reason"], at=at)


def _bump(actor: Any, item: PlanItem, data: Given, at: datetime) -> None:
    drop_line(actor=actor, item=item, reason=data["reason"], is_bumped=True, at=at)


def _month(actor: Any, item: PlanItem, data: Given, at: datetime) -> None:
    move_month(actor=actor, item=item, month=data["month"], reason=data["reason"], at=at)


LINE_ACTS = {
    "edit": Act(forms.LineForm, _edit, "Save", "check"), "shift": Act(forms.ShiftForm, _shift),
    "aside": Act(forms.VersionForm, _aside, "Set aside", "x"),
    "need": Act(forms.NeedForm, _need, "Ask the team", "send"),
    "start": Act(forms.VersionForm, _start, "Begin", "play"),
    "remaining": Act(forms.RemainingForm, _remaining, "Save what is left", "check"),
    "ship": Act(forms.ShipForm, _ship, "It is shipped", "circle-check"),
    "resize": Act(forms.ResizeForm, _resize, "Change the size", "ruler"),
    "month": Act(forms.MonthForm, _month, "Change the month", "calendar"),
    "drop": Act(forms.ReasonForm, _drop, "Move to a later quarter", "skip-forward"),
    "bump": Act(forms.ReasonForm, _bump, "Give way to ad-hoc work", "scissors"),
}  # fmt: skip


def _points(actor: Any, candidate: PlanCandidate, data: Given, at: datetime) -> None:
    vote_for(actor, candidate, data["team"], data["points"], at)


def _delay(actor: Any, candidate: PlanCandidate, data: Given, at: datetime) -> None:
    say_delay(actor=actor, candidate=candidate, cost=data["cost"], why=data["why"], at=at)


def _estimate(actor: Any, candidate: PlanCandidate, data: Given, at: datetime) -> None:
    minutes, spread = minutes_of(data["days"]), minutes_of(data["spread"])
    estimate_candidate(actor=actor, candidate=candidate, minutes=minutes, spread_minutes=spread, at=at)


def _invite(actor: Any, candidate: PlanCandidate, data: Given, at: datetime) -> None:
    invite_team(actor=actor, candidate=candidate, team=team_named(data["team"], "team"), at=at)


CANDIDATE_ACTS = {
    "vote": Act(forms.PointsForm, _points, "Give the points", "chevron-up"),
    "delay": Act(forms.DelayForm, _delay, "Say it", "hourglass"),
    "estimate": Act(forms.EstimateForm, _estimate, "Put it on the list", "plus"),
    "invite": Act(forms.InviteForm, _invite, "Ask the team for points", "send"),
}  # fmt: skip


def act_called(acts: dict[str, Act], verb: str) -> Act:
    """The act of this name, else 404."""
    if verb not in acts:
        raise Http404
    return acts[verb]
