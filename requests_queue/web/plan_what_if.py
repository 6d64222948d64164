"""`/plan/<team>/<quarter>/what-if`: what-ifs as lines of text that are tried, sent and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404

from portal.core import clock
from portal.core.errors import DomainError
from portal.core.policies import require
from portal.core.web.views import DomainFormMixin
from requests_queue import planning_forms as forms
from requests_queue.domain.scenarios import names_a_person, read_changes, slips
from requests_queue.policies import can_rank
from requests_queue.queries.plan_facts import require_teams, what_if
from requests_queue.queries.plans import plan_view, scenarios_of
from requests_queue.services.plan_scenarios import drop_scenario, keep_scenario
from requests_queue.web import plan_shown as shown
from requests_queue.web import plan_tables as tables
from requests_queue.web.plan import OnPlan, find_plan

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from requests_queue.queries.plans import PlanView

TRIED = "As typed"


class WhatIfView(DomainFormMixin):
    """What-ifs side by side; lines in the address are worked out and not kept, so that a link hands them on."""

    nav_key = "plan"
    template_name = "requests_queue/plan/what_if.html"
    form_class = forms.ScenarioForm
    tried: tuple[tables.Told, ...] = ()

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.plan = find_plan(request, str(kwargs["team"]), str(kwargs["quarter"]))
        self.at = clock.now()
        self.ranks = bool(can_rank(request.user, self.plan.team, self.at))

    def get_initial(self) -> dict[str, Any]:
        return {"text": self.request.GET.get("text", "")}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        text = request.GET.get("text", "").strip()
        try:
            self.tried = (self._try(text),) if text else ()
        except DomainError as error:
            form = forms.ScenarioForm({"name": TRIED, "text": text})
            form.add_error("text", error.message)
            return self.form_invalid(form, status=error.status)
        return super().get(request, *args, **kwargs)

    def _try(self, text: str) -> tables.Told:
        changes = read_changes(text[: forms.MOST_TEXT])
        if names_a_person(changes):
            require(can_rank(self.request.user, self.plan.team, self.at))
        require_teams(changes)
        return tables.Told(0, TRIED, changes, what_if(self.plan, self.view.facts, changes))

    @property
    def view(self) -> PlanView:
        return plan_view(self.plan, self.request.user, self.at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        view = self.view
        kept = [
            tables.Told(one.pk, one.name, one.changes, what_if(self.plan, view.facts, one.changes))
            for one in scenarios_of(self.plan, sees_people=self.ranks)
        ]
        return super().get_context_data(**kwargs) | shown.plan_head(self.plan) | {
            "can_rank": self.ranks, "heads": tables.scenario_heads([*self.tried, *kept]),
            "rows": tables.scenario_rows(view.outcome, [one.outcome for one in (*self.tried, *kept)]),
            "slips": [tables.slip_card(one, slips(view.outcome, one.outcome)) for one in (*self.tried, *kept)],
            "people": view.facts.members if self.ranks else (), "lines": view.lines,
        }  # fmt: skip

    def perform(self, form: Any, at: datetime) -> str:
        data = form.cleaned_data
        changes = read_changes(data["text"])
        keep_scenario(actor=self.request.user, plan=self.plan, name=data["name"], changes=changes, at=at)
        return f"{shown.plan_path(self.plan)}/what-if"


class ScenarioDropView(OnPlan):
    """`/plan/<team>/<quarter>/what-if/<pk>/drop`."""

    form_class = forms.VersionForm
    http_method_names = ("post",)

    def perform(self, form: Any, at: datetime) -> str:
        del form
        plan = self.plan
        scenario = plan.scenarios.filter(pk=self.kwargs["pk"]).select_related("plan__team").first()
        if scenario is None:
            raise Http404
        drop_scenario(actor=self.request.user, scenario=scenario, at=at)
        return f"{shown.plan_path(plan)}/what-if"
