"""The page of a line or a wish: what it is, who waits, votes, commitments, and what may be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect

from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.web.presentation import Badge, Fact, Row, when
from portal.core.web.views import DomainFormMixin, PageView
from requests_queue import planning_forms as forms
from requests_queue.policies import can_rank
from requests_queue.queries.partners import partner_teams
from requests_queue.queries.plan_chain import wish_behind
from requests_queue.queries.plans import candidate_called, line_called, need_called
from requests_queue.queries.upkeep import line_effects
from requests_queue.rows import request_rows
from requests_queue.services.plan_needs import answer_need
from requests_queue.web import plan_shown as shown
from requests_queue.web.plan_acts import CANDIDATE_ACTS, LINE_ACTS, act_called

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.forms import Form
    from django.http import HttpRequest

    from requests_queue.models import PlanCandidate, PlanItem, PlanNeed, QuarterPlan
    from requests_queue.web.plan_acts import Act

RUNNING = ("remaining", "ship", "resize", "month", "drop")
NEEDS = {"asked": ("Asked", "warn"), "accepted": ("Accepted", "ok"), "declined": ("Declined", "bad")}


def _found(find: Any, request: HttpRequest, pk: int) -> Any:
    try:
        return find(request.user, pk)
    except NotVisible:
        raise Http404 from None


class LineView(PageView):
    """`/plan/lines/<pk>`."""

    nav_key = "plan"
    template_name = "requests_queue/plan/line_page.html"

    def context(self, at: datetime) -> dict[str, Any]:
        item = _found(line_called, self.request, int(self.kwargs["pk"]))
        return line_context(item, self.request.user, at)


class CandidateView(PageView):
    """`/plan/candidates/<pk>`: a wish beside the list; one on the list leads to its line."""

    nav_key = "plan"
    template_name = "requests_queue/plan/line_page.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        candidate = _found(candidate_called, request, int(self.kwargs["pk"]))
        if hasattr(candidate, "item"):
            return HttpResponseRedirect(f"/plan/lines/{candidate.item.pk}")
        return super().get(request, *args, **kwargs)

    def context(self, at: datetime) -> dict[str, Any]:
        candidate = _found(candidate_called, self.request, int(self.kwargs["pk"]))
        return candidate_context(candidate, self.request.user, at)


def line_context(item: PlanItem, viewer: Any, at: datetime) -> dict[str, Any]:
    """Everything on the page of a line."""
    plan = item.plan
    ranks = bool(can_rank(viewer, plan.team, at))
    base = _base(plan, item.title, viewer, at, wish_behind(item))
    needs = list(item.needs.select_related("team", "answered_by").order_by("pk"))
    acts = _line_acts(item, viewer, ranks=ranks)
    return base | {
        "item": item, "can_rank": ranks, "line_acts": acts,
        "facts": _line_facts(item, line_effects(plan.team, [item], at)),
        "needs": [_need_row(need, viewer, at) for need in needs],
        "need_form": forms.NeedForm() if ranks and plan.state != "closed" else None,
        "may_shift": ranks and plan.is_open,
    }  # fmt: skip


def candidate_context(candidate: PlanCandidate, viewer: Any, at: datetime) -> dict[str, Any]:
    """Everything on the page of a wish that is no line."""
    ranks = bool(can_rank(viewer, candidate.plan.team, at))
    base = _base(candidate.plan, candidate.title, viewer, at, candidate)
    is_open = candidate.status == "open" and candidate.plan.is_open
    estimate = _shown_act("estimate", CANDIDATE_ACTS["estimate"]) if ranks and is_open else None
    return base | {"can_rank": ranks, "facts": [], "line_acts": [estimate] if estimate else []}


def _base(plan: QuarterPlan, title: str, viewer: Any, at: datetime, candidate: PlanCandidate | None) -> dict[str, Any]:
    zone = getattr(viewer, "zone", "UTC")
    path = shown.plan_path(plan)
    context: dict[str, Any] = {
        "plan": plan, "page_title": title, "path": path,
        "crumbs": (("Planning", "/plan/"), (f"{plan.team.name}, {shown.quarter_name(plan)}", path)),
        "plan_badge": shown.STATES[plan.state],
    }  # fmt: skip
    if candidate is None:
        return context
    votes = list(candidate.votes.select_related("team").order_by("-points"))
    own = [team for team in partner_teams(plan, at, viewer) if team.is_mine] if plan.is_open else []
    given = {vote.team_id: vote.points for vote in votes}
    return context | {
        "candidate": candidate, "candidate_facts": shown.candidate_facts(candidate, zone, at),
        "behind": request_rows(candidate.requests.select_related("team", "assignee").prefetch_related("assets__asset")
                               .order_by("filed_at")[:20], zone, at),
        "assets": list(candidate.assets.order_by("name")[:10]),
        "votes": [Row(title=vote.team.name, url="", icon="users", side=str(vote.points)) for vote in votes],
        "ballots": [
            (team, forms.PointsForm(initial={"points": given.get(team.pk, 0), "team": team.slug}, prefix=None))
            for team in own
        ] if at < plan.input_closes_at and candidate.status == "open" else [],
        "delay_form": _delay_form(candidate, viewer, at), "invite_form": _invite_form(candidate, viewer, at),
    }  # fmt: skip


def _delay_form(candidate: PlanCandidate, viewer: Any, at: datetime) -> Form | None:
    if candidate.status != "open" or not candidate.plan.is_open:
        return None
    mine = candidate.sponsor_id == viewer.pk or candidate.requests.filter(requester=viewer.pk).exists()
    if not mine and not can_rank(viewer, candidate.plan.team, at):
        return None
    return forms.DelayForm(initial={"cost": candidate.cost_of_delay, "why": candidate.why})


def _invite_form(candidate: PlanCandidate, viewer: Any, at: datetime) -> Form | None:
    """For the lead, while points count."""
    is_open = candidate.status == "open" and candidate.plan.is_open and at < candidate.plan.input_closes_at
    return forms.InviteForm(auto_id="invite_%s") if is_open and can_rank(viewer, candidate.plan.team, at) else None


def _line_facts(item: PlanItem, effects: Mapping[int, tuple[int, int]]) -> list[Fact]:
    facts = [Fact("Size", shown.days(item.minutes)), Fact("Give or take", shown.days(item.spread_minutes))]
    if item.remaining_minutes is not None:
        facts.append(Fact("Left", shown.days(item.remaining_minutes)))
    facts += [
        Fact("Owner", item.owner.name if item.owner else "nobody yet", "" if item.owner else "text-warn"),
        Fact("State", item.state.capitalize()),
        Fact("Gives way", "yes" if item.is_bumpable else "no"),
    ]
    if item.expected_month is not None:
        facts.append(Fact("Expected in", f"{item.expected_month:%B %Y}"))
    if item.pk in effects:
        facts.append(Fact("Upkeep", shown.effect_words(effects[item.pk])))
    return facts


def _line_acts(item: PlanItem, viewer: Any, *, ranks: bool) -> list[dict[str, Any]]:
    """What may be done with a line now: edited while the plan is open, carried out while it runs."""
    if item.plan.is_open:
        return [_shown_act("edit", LINE_ACTS["edit"], _edit_initial(item))] if ranks else []
    if item.plan.state != "locked" or item.state not in {"planned", "started"}:
        return []
    verbs = (*(("start",) if item.state == "planned" else ()), *RUNNING, *(("bump",) if item.is_bumpable else ()))
    owned = item.owner_id == viewer.pk
    allowed = verbs if ranks else [verb for verb in verbs if verb in {"start", "remaining", "ship"}] if owned else ()
    return [_shown_act(verb, LINE_ACTS[verb]) for verb in allowed]


def _edit_initial(item: PlanItem) -> dict[str, Any]:
    return {
        "title": item.title, "days": round(item.minutes / shown.DAY_MINUTES, 2), "version": item.plan.version,
        "spread": round(item.spread_minutes / shown.DAY_MINUTES, 2), "owner": item.owner.handle if item.owner else "",
        "month": item.expected_month, "tiers": " ".join(str(tier) for tier in item.adds_pipelines),
        "is_bumpable": item.is_bumpable, "retires": " ".join(asset.slug for asset in item.retires.order_by("slug")),
    }  # fmt: skip


def _shown_act(verb: str, act: Act, initial: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"verb": verb, "label": act.label, "icon": act.icon, "form": act.form(initial=initial, auto_id=f"{verb}_%s")}


def _need_row(need: PlanNeed, viewer: Any, at: datetime) -> dict[str, Any]:
    words, css = NEEDS[need.state]
    facts = [need.what, *([need.answer] if need.answer else [])]
    zone = getattr(viewer, "zone", "UTC")
    row = Row(title=need.team.name, url="", icon="users", badges=[Badge(words, css)], facts=facts,
              side=when(need.answered_at or need.asked_at, zone, at).text)  # fmt: skip
    answers = need.state == "asked" and bool(can_rank(viewer, need.team, at))
    return {"row": row, "key": need.pk, "may_answer": answers}


class _OnLine(DomainFormMixin):
    """A form of a line; a refusal is shown on its page."""

    nav_key = "plan"
    template_name = "requests_queue/plan/line_page.html"
    http_method_names = ("post",)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | self.shown_context(clock.now())
        refused, verb = kwargs["form"], str(self.kwargs.get("verb", ""))
        for act in context["line_acts"]:
            act["form"] = refused if act["verb"] == verb else act["form"]
        kept = {"need": "need_form", "delay": "delay_form", "invite": "invite_form"}
        typed = {kept[verb]: refused} if verb in kept else {}
        return context | typed | {"refusals": shown.refusals_of(refused)}

    def shown_context(self, at: datetime) -> dict[str, Any]:
        raise NotImplementedError


class LineActView(_OnLine):
    """`/plan/lines/<pk>/do/<verb>`."""

    def get_form_class(self) -> Any:
        return act_called(LINE_ACTS, str(self.kwargs["verb"])).form

    def shown_context(self, at: datetime) -> dict[str, Any]:
        return line_context(_found(line_called, self.request, int(self.kwargs["pk"])), self.request.user, at)

    def perform(self, form: Any, at: datetime) -> str:
        item = _found(line_called, self.request, int(self.kwargs["pk"]))
        verb = str(self.kwargs["verb"])
        LINE_ACTS[verb].run(self.request.user, item, form.cleaned_data, at)
        return shown.plan_path(item.plan) if verb == "aside" else f"/plan/lines/{item.pk}"


class CandidateActView(_OnLine):
    """`/plan/candidates/<pk>/do/<verb>`."""

    def get_form_class(self) -> Any:
        return act_called(CANDIDATE_ACTS, str(self.kwargs["verb"])).form

    def shown_context(self, at: datetime) -> dict[str, Any]:
        candidate = _found(candidate_called, self.request, int(self.kwargs["pk"]))
        if hasattr(candidate, "item"):
            return line_context(candidate.item, self.request.user, at)
        return candidate_context(candidate, self.request.user, at)

    def perform(self, form: Any, at: datetime) -> str:
        candidate = _found(candidate_called, self.request, int(self.kwargs["pk"]))
        CANDIDATE_ACTS[str(self.kwargs["verb"])].run(self.request.user, candidate, form.cleaned_data, at)
        return f"/plan/candidates/{candidate.pk}"


class NeedView(_OnLine):
    """`/plan/needs/<pk>/<answer>`: yes or no of the asked team's lead."""

    form_class = forms.AnswerForm

    def shown_context(self, at: datetime) -> dict[str, Any]:
        need = _found(need_called, self.request, int(self.kwargs["pk"]))
        return line_context(_found(line_called, self.request, need.item_id), self.request.user, at)

    def perform(self, form: Any, at: datetime) -> str:
        need = _found(need_called, self.request, int(self.kwargs["pk"]))
        is_accepted = str(self.kwargs["answer"]) == "accept"
        answer_need(
            actor=self.request.user, need=need, is_accepted=is_accepted, answer=form.cleaned_data["answer"], at=at
        )
        return f"/plan/lines/{need.item_id}"
