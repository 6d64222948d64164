"""Proposals out of questions, how upkeep grows, and whether the models helped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404

from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import main_team
from portal.core import clock
from portal.core.domain.quarter import quarter_of
from portal.core.errors import DomainError, NotVisible
from portal.core.web.presentation import NO_BREAK, Badge, Empty, Link, Row, count_words, percent_words, when
from portal.core.web.views import DomainFormMixin, PageView
from requests_queue import planning_forms as forms
from requests_queue.policies import can_rank, taking_teams, visible_to
from requests_queue.queries.clusters import open_clusters, themes_of
from requests_queue.queries.plans import (
    cluster_called,
    newest_outcomes,
    plan_to_show,
    shipped_models,
    team_named,
)
from requests_queue.queries.upkeep import growth_of, upkeep_of
from requests_queue.services.candidates import Wish, add_candidate
from requests_queue.services.clusters import cluster_by_hand, propose_model, reject_cluster, rename_cluster
from requests_queue.web import plan_shown as shown
from requests_queue.web.plan_acts import minutes_of

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.models import ModelOutcome, PlanCandidate
    from requests_queue.queries.clusters import Theme

MOST_THEMES = 12
VERDICTS = {
    "fell": Badge("Fell", "ok", "trending-down"), "not_shown": Badge("No difference shown yet", "gray"),
    "too_early": Badge("Too early to say", "gray", "hourglass"),
}  # fmt: skip
CRUMBS = (("Planning", "/plan/"),)


class ProposalView(DomainFormMixin):
    """`/plan/proposals/new`: choose a theme or questions, or say what should be there."""

    page_title = "Propose something for the plan"
    nav_key = "plan"
    crumbs = CRUMBS
    template_name = "requests_queue/plan/propose.html"
    form_class = forms.ProposalForm

    def get_form_kwargs(self) -> dict[str, Any]:
        teams = [(team.slug, team.name) for team in taking_teams().order_by("name")]
        return super().get_form_kwargs() | {"teams": teams}

    def get_initial(self) -> dict[str, Any]:
        theme = self._chosen()
        if theme is None:
            return {"team": self.request.GET.get("team", "")}
        return {"team": theme.cluster.team.slug, "cluster": theme.cluster.pk, "title": theme.cluster.name}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        at = clock.now()
        theme, viewer = self._chosen(), self.request.user
        themes = themes_of(open_clusters()[:MOST_THEMES], at)
        return super().get_context_data(**kwargs) | {
            "themes": [theme_row(one) for one in themes], "chosen": theme_row(theme) if theme else None,
            "questions": [_question_row(one, viewer, at) for one in theme.requests[:20]] if theme else [],
            "may_decide": bool(theme and can_rank(viewer, theme.cluster.team, at)),
            "cluster": theme.cluster if theme else None,
        }  # fmt: skip

    def perform(self, form: Any, at: datetime) -> str:
        candidate = self._proposed(form.cleaned_data, at)
        messages.success(self.request, f"{candidate.number} stands on the list of the next plan.")
        return f"/plan/candidates/{candidate.pk}"

    def _proposed(self, data: dict[str, Any], at: datetime) -> PlanCandidate:
        actor, minutes = self.request.user, minutes_of(data["days"]) or None
        numbers = data["numbers"].replace(",", " ").split()
        if data["cluster"]:
            cluster = cluster_called(actor, data["cluster"])
            return propose_model(actor=actor, cluster=cluster, title=data["title"], minutes=minutes, at=at)
        if len(numbers) > 1:
            rows = list(visible_to(actor).filter(number__in=numbers).select_related("team"))
            cluster = cluster_by_hand(actor=actor, requests=rows, name=data["title"], at=at)
            return propose_model(actor=actor, cluster=cluster, title=data["title"], minutes=minutes, at=at)
        wish = Wish(data["title"], data["why"], minutes)
        return add_candidate(actor=actor, team=team_named(data["team"], "team"), wish=wish, at=at)

    def _chosen(self) -> Theme | None:
        given = self.request.GET.get("cluster", "") or self.request.POST.get("cluster", "")
        if not given.isdecimal() or len(given) > 18:  # noqa: PLR2004 (digits)
            return None
        try:
            return next(iter(themes_of([cluster_called(self.request.user, int(given))], clock.now())), None)
        except NotVisible:
            raise Http404 from None


class ClusterActView(DomainFormMixin):
    """`/plan/proposals/<pk>/<verb>`: the lead renames a theme, or says that it is no model."""

    nav_key = "plan"
    template_name = "requests_queue/plan/none.html"
    form_class = forms.ClusterForm
    http_method_names = ("post",)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        empty = Empty(
            "This was not done", "Go back and say why.", "triangle-alert", Link("Themes", "/plan/proposals/new")
        )
        return super().get_context_data(**kwargs) | {"page_title": "Questions", "empty": empty}

    def perform(self, form: Any, at: datetime) -> str:
        try:
            cluster = cluster_called(self.request.user, int(self.kwargs["pk"]))
        except NotVisible:
            raise Http404 from None
        if self.kwargs["verb"] == "rename":
            rename_cluster(actor=self.request.user, cluster=cluster, name=form.cleaned_data["name"], at=at)
            return f"/plan/proposals/new?cluster={cluster.pk}"
        reject_cluster(actor=self.request.user, cluster=cluster, reason=form.cleaned_data["reason"], at=at)
        return "/plan/proposals/new"


class GrowthView(PageView):
    """`/plan/growth?team=`: whether upkeep eats us."""

    page_title = "How upkeep grows"
    nav_key = "plan"
    crumbs = CRUMBS
    template_name = "requests_queue/plan/growth.html"

    def context(self, at: datetime) -> dict[str, Any]:
        team = chosen_team(self.request.GET.get("team", ""), self.request.user, at)
        if team is None:
            return {"empty": Empty("No team to look at", "Choose a team with pipelines.", "trending-up")}
        quarter = quarter_of(local_day(self.request.user, at))  # type: ignore[arg-type]  # the middleware's person
        seen, now = growth_of(team, quarter, at), upkeep_of(team, quarter, at)
        return {
            "team": team, "said": growth_words(seen), "heads": (("Quarter", False), ("Upkeep", True), ("Share", True)),
            "table": [
                ((f"{one.label}, projected" if one.is_ahead else one.label, False),
                 (f"{one.maintenance:,}{NO_BREAK}min", True), (percent_words(one.share), True))
                for one in seen.line
            ],
            "pipelines": [_pipeline_row(share) for share in now.shares[:30]],
            "empty": Empty("No pipelines yet", "What the team owns with a tier counts.", "workflow"),
        }  # fmt: skip


class OutcomesView(PageView):
    """`/plan/outcomes`: whether the questions stopped."""

    page_title = "Did the models help?"
    nav_key = "plan"
    crumbs = CRUMBS
    template_name = "requests_queue/plan/outcomes.html"

    def context(self, at: datetime) -> dict[str, Any]:
        zone = getattr(self.request.user, "zone", "UTC")
        looks = newest_outcomes(self.request.GET.get("team", ""))
        seen = {look.item_id for look in looks}
        waiting = [item for item in shipped_models(self.request.GET.get("team", "")) if item.pk not in seen]
        return {
            "rows": [outcome_row(look, zone, at) for look in looks],
            "waiting": [
                Row(title=item.title, url=f"/plan/lines/{item.pk}", icon="hourglass",
                    facts=["shipped", when(item.ended_at, zone, at), "counted from two weeks after"])
                for item in waiting if item.ended_at is not None
            ],
            "empty": Empty("No model has shipped yet", "It takes two quarters until the figures say something.",
                           "combine", Link("Questions asked again and again", "/plan/proposals/new")),
        }  # fmt: skip


def chosen_team(slug: str, viewer: Any, at: datetime) -> Any:
    """The team of the address, else that of the plan that concerns the viewer most."""
    if slug:
        try:
            return team_named(slug, "team")
        except DomainError:
            raise Http404 from None
    home = main_team(viewer, local_day(viewer, at))
    plan = plan_to_show(viewer, home, at)
    return plan.team if plan is not None else home


def growth_words(seen: Any) -> str:
    """The line in one sentence."""
    now = next(point for point in reversed(seen.line) if not point.is_ahead)
    text = f"Upkeep takes {percent_words(now.share)} now and {percent_words(seen.line[-1].share)} in two years"
    text += f" at {seen.net_pipelines:g} pipelines more each quarter."
    return (
        f"{text} From {seen.squeezed_in} on, less than half of the time is left for plans."
        if seen.squeezed_in
        else text
    )


def theme_row(theme: Theme) -> Row:
    """A theme as a line: how often, by how many teams, about what."""
    standing = theme.standing
    facts = [f"{count_words(len(theme.teams), 'team')}, {standing.minutes} min of answering in 90 days"]
    facts += [asset.name for asset in theme.assets]
    badges = [Badge(f"{len(theme.requests)} questions", "info")]
    if standing.is_candidate:
        badges.append(Badge("Wants to be a model", "ok", "combine"))
    if theme.cluster.state == "proposed":
        badges.append(Badge("Proposed", "gray", "check"))
    return Row(
        title=theme.cluster.name, url=f"/plan/proposals/new?cluster={theme.cluster.pk}", badges=badges, facts=facts
    )


def outcome_row(look: ModelOutcome, zone: str, at: datetime) -> Row:
    """A verdict with both counts, days and the probability."""
    change = ""
    if look.before and look.before_days and look.after_days:
        rate = look.after / look.after_days / (look.before / look.before_days) - 1
        change = f"{abs(rate) * 100:.0f}{NO_BREAK}% {'fewer' if rate < 0 else 'more'} a day"
    saved = look.minutes_saved
    facts: list[Any] = [
        f"{look.before} in {look.before_days} days before, {look.after} in {look.after_days} days after",
        *([change] if change else []), f"p = {look.probability:.3f}",
        f"{abs(saved):,} min {'saved' if saved >= 0 else 'more than before'}",
        f"counted {when(look.looked_at, zone, at).text}",
    ]  # fmt: skip
    return Row(title=look.item.title, url=f"/plan/lines/{look.item_id}", badges=[VERDICTS[look.verdict]], facts=facts)


def _question_row(request: Any, viewer: Any, at: datetime) -> Row:
    team = request.requester_team.name if request.requester_team else "no team"
    zone = getattr(viewer, "zone", "UTC")
    return Row(title=request.title, url=request.get_absolute_url(), number=request.number,
               facts=[team, when(request.filed_at, zone, at)])  # fmt: skip


def _pipeline_row(share: Any) -> Row:
    origin = "from your last quarters" if share.rate.is_measured else "default of its tier"
    facts = [f"{share.rate.minutes:,} min a quarter, {origin}"]
    if share.is_first:
        facts.append("its first full quarter counts half as much again")
    tier = f"tier {share.pipeline.tier}" if share.pipeline.tier else "no tier"
    return Row(title=share.pipeline.name, url="", icon="workflow", badges=[Badge(tier, "line")], facts=facts,
               side=shown.days(share.minutes))  # fmt: skip
