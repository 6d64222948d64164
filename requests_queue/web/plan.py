"""`/plan/`: the ranked list of a quarter, its lock, its what-ifs."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import main_team
from portal.core import clock
from portal.core.domain.quarter import quarter_called
from portal.core.errors import DomainError, NotVisible
from portal.core.web.csv_export import csv_response
from portal.core.web.presentation import Badge, Banner, Empty, Link, Row, Tab, count_words, when
from portal.core.web.views import DomainFormMixin, PageView
from requests_queue import planning_forms as forms
from requests_queue.domain.plan import POINTS
from requests_queue.domain.scenarios import write_change
from requests_queue.policies import can_rank, can_reopen
from requests_queue.queries.plan_facts import what_if
from requests_queue.queries.plans import (
    adhoc_shares,
    plan_called,
    plan_teams,
    plan_to_show,
    plan_view,
    scenarios_of,
    team_named,
    theme_counts,
)
from requests_queue.queries.upkeep import line_effects
from requests_queue.services.plan_locking import LockChoices, lock_plan
from requests_queue.services.plan_sharing import start_plan
from requests_queue.web import plan_shown as shown
from requests_queue.web import plan_tables as tables
from requests_queue.web.plan_acts import PLAN_ACTS, act_called

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.http import HttpRequest, StreamingHttpResponse

    from requests_queue.models import QuarterPlan
    from requests_queue.queries.plans import PlanView

HEADER = ("rank", "title", "minutes", "spread_minutes", "side", "state", "points", "owner", "source", "bumpable")
CRUMBS = (("Planning", "/plan/"),)
MOST_MISSING = 8


def find_plan(request: HttpRequest, slug: str, quarter: str) -> QuarterPlan:
    """The visible plan, else 404."""
    try:
        return plan_called(request.user, slug, quarter)
    except NotVisible:
        raise Http404 from None


class PlanHomeView(PageView):
    """`/plan/` leads to the plan that concerns the viewer most; without any it says so."""

    page_title = "Planning"
    nav_key = "plan"
    template_name = "requests_queue/plan/none.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        viewer: Any = request.user
        at = clock.now()
        plan = plan_to_show(viewer, main_team(viewer, local_day(viewer, at)), at)
        if plan is not None:
            return HttpResponseRedirect(shown.plan_path(plan))
        return super().get(request, *args, **kwargs)

    def context(self, at: datetime) -> dict[str, Any]:
        del at
        line = "A lead drafts the first quarter from the page of the team."
        return {"empty": Empty("No plan yet", line, "layout-dashboard", Link("Teams", "/teams/"))}


class _Quarter(PageView):
    """A page of a team and a quarter."""

    nav_key = "plan"
    crumbs = CRUMBS

    @property
    def place(self) -> tuple[str, str]:
        return str(self.kwargs["team"]), str(self.kwargs["quarter"])


class PlanQuarterView(_Quarter):
    """`/plan/<team>/<quarter>`; a quarter without a plan offers to draft it."""

    template_name = "requests_queue/plan/plan.html"

    def context(self, at: datetime) -> dict[str, Any]:
        slug, label = self.place
        quarter = quarter_called(label)
        try:
            plan = plan_called(self.request.user, slug, label)
        except NotVisible:
            return self._without(slug, quarter, at)
        return plan_context(plan, self.request.user, self.request.GET.get("scenario", ""), at)

    def _without(self, slug: str, quarter: Any, at: datetime) -> dict[str, Any]:
        team = _team_or_404(slug)
        self.template_name = "requests_queue/plan/none.html"
        viewer: Any = self.request.user
        line = f"{quarter.name} of {team.name} has no plan yet."
        return {
            "page_title": f"{quarter.name} plan", "empty": Empty("No plan yet", line, "layout-dashboard"),
            "draft_url": f"/plan/{slug}/{quarter.label}/draft" if can_rank(viewer, team, at) else "",
            "plans": _choices(viewer),
        }  # fmt: skip


def _team_or_404(slug: str) -> Any:
    try:
        return team_named(slug, "team")
    except DomainError:
        raise Http404 from None


def plan_context(plan: QuarterPlan, viewer: Any, scenario: str, at: datetime) -> dict[str, Any]:
    """Everything on the page of a plan."""
    view = plan_view(plan, viewer, at)
    ranks = bool(can_rank(viewer, plan.team, at))
    scenarios = scenarios_of(plan, sees_people=ranks)
    chosen = next((one for one in scenarios if str(one.pk) == scenario), None)
    outcome = view.outcome if chosen is None else what_if(plan, view.facts, chosen.changes)
    zone = getattr(viewer, "zone", "UTC")
    shares = adhoc_shares(plan.team, plan.quarter_start, viewer)
    path = shown.plan_path(plan)
    over = view.overbooked(outcome, sees_all=ranks)
    may_vote = bool(view.own_teams) and plan.is_open and at < plan.input_closes_at
    may_move = ranks and plan.is_open
    given = sum(view.points_by_team.get(team.pk, 0) for team in view.own_teams)
    tabs = [Tab("Plan" if not plan.is_open else "Draft", path, chosen is None)]
    tabs += [Tab(one.name, f"{path}?scenario={one.pk}", one is chosen) for one in scenarios[:4]]
    return {
        "plan": plan, "path": path, "page_title": f"{shown.quarter_name(plan)} plan", "badge": shown.STATES[plan.state],
        "crumbs": (*CRUMBS, (plan.team.name, f"/teams/{plan.team.slug}")),
        "lead": shown.lead_of(view, zone, at), "origin": shown.origin_words(plan),
        "scenarios": tabs if scenarios else (),
        "segments": shown.segments_of(outcome.uses), "bar_label": shown.bar_label(outcome.uses),
        "notes": shown.notes_of(view, outcome), "may_vote": may_vote,
        "entries": shown.entries_of(view, outcome, over, at, may_vote=may_vote, may_move=may_move),
        "unranked": _unranked(view, zone, at), "changes": _changes(plan, zone, at), "banners": _banners(view, chosen),
        "can_rank": ranks, "own_teams": view.own_teams,
        "points_left": max(0, POINTS * len(view.own_teams) - given),
        "columns": shown.columns_of(shares), "chart_label": shown.chart_label(shares),
        "themes": _themes(plan) if chosen is None else (),
        "empty": Empty("Nothing is asked for yet", "Deferred requests and proposals stand here.", "inbox",
                       Link("Propose something", f"/plan/proposals/new?team={plan.team.slug}")),
    } | _input(view)  # fmt: skip


def _input(view: PlanView) -> dict[str, Any]:
    missing = [team for team in view.partners if not view.points_by_team.get(team.pk)]
    count = len(view.partners)
    return {
        "voted_words": f"{view.voted} of {count_words(count, 'team')} voted" if count else "no partner teams yet",
        "voted_share": view.voted / count if count else 0.0,
        "missing": missing[:MOST_MISSING],
    }


def _unranked(view: PlanView, zone: str, at: datetime) -> list[Row]:
    return [
        Row(
            title=one.title, url=f"/plan/candidates/{one.pk}", icon="inbox", number=one.number,
            badges=[shown.source_badge(one)],
            facts=[one.sponsor.name if one.sponsor else one.why or "by the team", when(one.created_at, zone, at)],
            side=shown.days(one.estimate_minutes) if one.estimate_minutes else "no estimate",
        )
        for one in view.unranked
    ]  # fmt: skip


def _changes(plan: QuarterPlan, zone: str, at: datetime) -> list[Row]:
    if plan.is_open:
        return []
    words = {"add": "came in", "drop": "dropped", "resize": "resized", "bump": "gave way", "month": "moved"}
    rows = plan.changes.select_related("item", "approver").order_by("-seq")[:20]
    return [
        Row(
            title=change.item.title, url=f"/plan/lines/{change.item_id}", icon="pencil",
            badges=[Badge(words[change.kind], "info")],
            facts=[change.reason, f"approved by {change.approver.name}", when(change.at, zone, at)],
            side=f"{shown.days(change.minutes_before)} → {shown.days(change.minutes_after)}"
            if change.minutes_before and change.minutes_after else "",
        )
        for change in rows
    ]  # fmt: skip


def _themes(plan: QuarterPlan) -> list[Row]:
    return [
        Row(
            title=cluster.name, url=f"/plan/proposals/new?cluster={cluster.pk}", badges=[Badge(f"{asks}×", "info")],  # noqa: RUF001 (times)
            facts=[f"{shown.days(minutes)} spent answering" if minutes else "nothing logged yet"],
        )
        for cluster, asks, minutes in theme_counts(plan.team)
    ]  # fmt: skip


def _banners(view: PlanView, chosen: Any) -> list[Banner]:
    banners = []
    if chosen is not None:
        text = "; ".join(write_change(change) for change in chosen.changes)
        banners.append(Banner(f"What if: {chosen.name}", text, "note", "git-compare-arrows"))
    if view.plan.state == "locked":
        snapshot = view.plan.snapshot
        locked = sum(line["minutes"] for line in snapshot.get("lines", []))
        line = f"Locked with {count_words(len(snapshot.get('lines', [])), 'line')}, {shown.days(locked)} of work."
        banners.append(Banner("This plan is a promise", line, "note", "lock"))
    return banners


@require_safe
def export_plan(request: HttpRequest, team: str, quarter: str) -> StreamingHttpResponse:
    """The ranked list as CSV."""
    view = plan_view(find_plan(request, team, quarter), request.user, clock.now())
    lines = [
        (
            line.item.rank, line.item.title, line.item.minutes, line.item.spread_minutes, line.placed.side,
            line.item.state, line.points, line.item.owner.handle if line.item.owner else "",
            line.item.candidate.source_type if line.item.candidate else "carried", line.item.is_bumpable,
        )
        for line in view.lines
    ]  # fmt: skip
    return csv_response(f"plan-{team}-{quarter}", HEADER, lines, count=len(lines))


class DraftView(DomainFormMixin):
    """`/plan/<team>/<quarter>/draft`: the first step of a quarter."""

    nav_key = "plan"
    template_name = "requests_queue/plan/none.html"
    form_class = forms.VersionForm
    http_method_names = ("post",)

    def perform(self, form: Any, at: datetime) -> str:
        del form
        team = _team_or_404(str(self.kwargs["team"]))
        quarter = quarter_called(str(self.kwargs["quarter"]))
        return shown.plan_path(start_plan(actor=self.request.user, team=team, quarter=quarter, at=at))


class OnPlan(DomainFormMixin):
    """A form of a plan; a refusal is shown on the page it stands on, with what was typed."""

    nav_key = "plan"
    template_name = "requests_queue/plan/plan.html"

    @cached_property
    def plan(self) -> QuarterPlan:
        return find_plan(self.request, str(self.kwargs["team"]), str(self.kwargs["quarter"]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | plan_context(self.plan, self.request.user, "", clock.now())
        return context | {"refusals": shown.refusals_of(kwargs.get("form"))}


class PlanActView(OnPlan):
    """`/plan/<team>/<quarter>/do/<verb>`."""

    http_method_names = ("post",)

    def get_form_class(self) -> Any:
        return act_called(PLAN_ACTS, str(self.kwargs["verb"])).form

    def perform(self, form: Any, at: datetime) -> str:
        plan = self.plan
        PLAN_ACTS[str(self.kwargs["verb"])].run(self.request.user, plan, form.cleaned_data, at)
        return shown.plan_path(plan)


class LockView(DomainFormMixin):
    """`/plan/<team>/<quarter>/lock`: the checklist, and the promise."""

    nav_key = "plan"
    template_name = "requests_queue/plan/lock.html"
    form_class = forms.LockForm

    @cached_property
    def plan(self) -> QuarterPlan:
        return find_plan(self.request, str(self.kwargs["team"]), str(self.kwargs["quarter"]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan, viewer, at = self.plan, self.request.user, clock.now()
        view, ranks = plan_view(plan, viewer, at), bool(can_rank(viewer, plan.team, at))
        over = view.overbooked(view.outcome, sees_all=ranks)
        return super().get_context_data(**kwargs) | shown.plan_head(plan) | {
            "can_rank": ranks, "refusable": tables.aside_of(view),
            "checks": [*tables.checks_of(view), *tables.over_of(view, over)],
            "effects": tables.effects_of(view, line_effects(plan.team, [line.item for line in view.lines], at)),
        }  # fmt: skip

    def get_initial(self) -> dict[str, Any]:
        return {"set_below_aside": True, "mark_at_risk": True, "version": self.plan.version}

    def perform(self, form: Any, at: datetime) -> str:
        data = form.cleaned_data
        refusals = _refusals(self.request.POST)
        choices = LockChoices(data["set_below_aside"], data["mark_at_risk"], refusals)
        plan = lock_plan(actor=self.request.user, plan=self.plan, choices=choices, version=data["version"], at=at)
        messages.success(self.request, "The plan is locked. Everybody who wanted something is told.")
        return shown.plan_path(plan)


def _refusals(posted: Mapping[str, Any]) -> dict[int, str]:
    """Fields `no-<wish>` of the lock form, as far as something was typed."""
    found = {}
    for name, text in posted.items():
        if name.startswith("no-") and name[3:].isdecimal() and str(text).strip():
            found[int(name[3:])] = str(text)
    return found


class UpkeepView(OnPlan):
    """`/plan/<team>/<quarter>/upkeep`: what the team carries, suggested and by hand."""

    template_name = "requests_queue/plan/upkeep.html"
    form_class = forms.UpkeepForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "carried": tables.upkeep_rows(plan_view(self.plan, self.request.user, clock.now())),
            "may_reopen": bool(can_reopen(self.request.user, clock.now())),
        }

    def perform(self, form: Any, at: datetime) -> str:
        plan = self.plan
        PLAN_ACTS["upkeep"].run(self.request.user, plan, form.cleaned_data, at)
        return shown.plan_path(plan)


def _choices(viewer: Any) -> list[Row]:
    return [
        Row(title=f"{plan.team.name}, {shown.quarter_name(plan)}", url=shown.plan_path(plan), icon="layout-dashboard",
            badges=[shown.STATES[plan.state]])
        for plan in plan_teams(viewer)
    ]  # fmt: skip
