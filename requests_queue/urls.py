"""Where the room's pages and API stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from portal.core.api.router import Router, endpoint
from requests_queue.api import plan_lines as lines_api
from requests_queue.api.answers import AnswerViewSet, SuggestViewSet
from requests_queue.api.asking import TeamAskingViewSet
from requests_queue.api.budget import BudgetViewSet
from requests_queue.api.clocks import ClockViewSet, PreviewViewSet
from requests_queue.api.plans import PlanViewSet
from requests_queue.api.requests import RequestViewSet
from requests_queue.api.sla import AttainmentViewSet, PolicyViewSet
from requests_queue.api.urgency import UrgencyViewSet
from requests_queue.web import (
    answer_acts,
    answer_figures,
    answer_pages,
    answer_writing,
    budget,
    clock,
    compartments,
    cycles,
    desk,
    details,
    editing,
    files,
    filing,
    lists,
    plan,
    plan_lines,
    plan_models,
    plan_voters,
    plan_what_if,
    rules,
    sla,
    suggesting,
    views,
)

if TYPE_CHECKING:
    from django.urls import URLPattern, URLResolver

_router = Router()
_router.register("requests", RequestViewSet, basename="request")
_router.register("faq", AnswerViewSet, basename="faq")
_router.register("suggest", SuggestViewSet, basename="suggest")
_router.register("sla/clocks", ClockViewSet, basename="sla-clock")
_router.register(r"budget/(?P<team>[a-z0-9-]{1,60})", BudgetViewSet, basename="budget")
_router.register(r"urgency/(?P<team>[a-z0-9-]{1,60})", UrgencyViewSet, basename="urgency")
_router.register("sla/attainment", AttainmentViewSet, basename="sla-attainment")
_router.register("sla/policies", PolicyViewSet, basename="sla-policy")
_router.register("sla/preview", PreviewViewSet, basename="sla-preview")
_router.register(r"plans/(?P<team>[a-z0-9-]{1,60})", PlanViewSet, basename="quarter-plan")
_router.register("plan-lines", lines_api.LineViewSet, basename="plan-line")
_router.register("plan-candidates", lines_api.CandidateViewSet, basename="plan-candidate")
_router.register("plan-needs", lines_api.NeedViewSet, basename="plan-need")
_router.register("clusters", lines_api.ClusterViewSet, basename="cluster")
_router.register("models/outcomes", lines_api.OutcomeViewSet, basename="model-outcome")

PLACE = "plan/<slug:team>/<str:quarter>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("requests/", lists.RequestListView.as_view(), name="requests_list"),
    path("requests/export.csv", lists.export_requests, name="requests_export"),
    path("requests/new", filing.NewRequestView.as_view(), name="requests_new"),
    path("requests/expected", filing.expected, name="requests_expected"),
    path("requests/suggest", suggesting.suggestions, name="requests_suggest"),
    path("requests/assets", filing.asset_hits, name="requests_assets"),
    path("requests/draft", filing.keep_draft, name="requests_draft"),
    path("requests/bulk", views.BulkView.as_view(), name="requests_bulk"),
    path("requests/undo", views.UndoBulkView.as_view(), name="requests_undo"),
    path("requests/files/<uuid:key>", files.download, name="requests_file"),
    path("requests/<str:number>", details.RequestDetailView.as_view(), name="requests_detail"),
    path("requests/<str:number>/clock", clock.ClockView.as_view(), name="requests_clock"),
    path("requests/<str:number>/messages", details.MessageView.as_view(), name="requests_message"),
    path("requests/<str:number>/messages/<int:pk>", editing.MessageEditView.as_view(), name="requests_message_edit"),
    path("requests/<str:number>/links", details.LinkView.as_view(), name="requests_links"),
    path("requests/<str:number>/split", details.SplitView.as_view(), name="requests_split"),
    path("requests/<str:number>/join", details.JoinView.as_view(), name="requests_join"),
    path("requests/<str:number>/do/<slug:verb>", details.ActView.as_view(), name="requests_act"),
    path("requests/<str:number>/time", budget.TimeView.as_view(), name="requests_time"),
    path("requests/<str:number>/files", files.AttachView.as_view(), name="requests_files"),
    path("requests/<str:number>/members", compartments.MembersView.as_view(), name="requests_members"),
    path("break-glass/", compartments.GlassListView.as_view(), name="break_glass"),
    path("break-glass/<int:pk>", compartments.GlassView.as_view(), name="break_glass_read"),
    path("budget/", budget.own_budget, name="budget_own"),
    path("budget/entries/<int:pk>/reverse", budget.ReverseView.as_view(), name="budget_reverse"),
    path("budget/<slug:slug>/", budget.BudgetPage.as_view(), name="budget"),
    path("budget/<slug:slug>/export.csv", budget.export_budget, name="budget_export"),
    path("budget/<slug:slug>/capacity", budget.CapacityView.as_view(), name="budget_capacity"),
    path("budget/<slug:slug>/desk", desk.DeskView.as_view(), name="budget_desk"),
    path("plan/", plan.PlanHomeView.as_view(), name="plan"),
    path("plan/proposals/new", plan_models.ProposalView.as_view(), name="plan_propose"),
    path("plan/proposals/<int:pk>/<slug:verb>", plan_models.ClusterActView.as_view(), name="plan_cluster_act"),
    path("plan/growth", plan_models.GrowthView.as_view(), name="plan_growth"),
    path("plan/outcomes", plan_models.OutcomesView.as_view(), name="plan_outcomes"),
    path("plan/lines/<int:pk>", plan_lines.LineView.as_view(), name="plan_line"),
    path("plan/lines/<int:pk>/do/<slug:verb>", plan_lines.LineActView.as_view(), name="plan_line_act"),
    path("plan/candidates/<int:pk>", plan_lines.CandidateView.as_view(), name="plan_candidate"),
    path("plan/candidates/<int:pk>/do/<slug:verb>", plan_lines.CandidateActView.as_view(), name="plan_candidate_act"),
    path("plan/needs/<int:pk>/<slug:answer>", plan_lines.NeedView.as_view(), name="plan_need"),
    path(PLACE, plan.PlanQuarterView.as_view(), name="plan_quarter"),
    path(f"{PLACE}/export.csv", plan.export_plan, name="plan_export"),
    path(f"{PLACE}/draft", plan.DraftView.as_view(), name="plan_draft"),
    path(f"{PLACE}/do/<slug:verb>", plan.PlanActView.as_view(), name="plan_act"),
    path(f"{PLACE}/lock", plan.LockView.as_view(), name="plan_lock"),
    path(f"{PLACE}/upkeep", plan.UpkeepView.as_view(), name="plan_upkeep"),
    path(f"{PLACE}/voters", plan_voters.VotersView.as_view(), name="plan_voters"),
    path(f"{PLACE}/voters.csv", plan_voters.export_voters, name="plan_voters_export"),
    path(f"{PLACE}/what-if", plan_what_if.WhatIfView.as_view(), name="plan_what_if"),
    path(f"{PLACE}/what-if/<int:pk>/drop", plan_what_if.ScenarioDropView.as_view(), name="plan_scenario_drop"),
    path("requests/<str:number>/clock/pause", clock.LatePauseView.as_view(), name="requests_pause"),
    path("requests/<str:number>/clock/target", clock.TargetView.as_view(), name="requests_target"),
    path("requests/<str:number>/clock/excuse", clock.ExcuseView.as_view(), name="requests_excuse"),
    path("sla/", sla.SlaView.as_view(), name="sla"),
    path("sla/cycles/", cycles.CyclesView.as_view(), name="sla_cycles"),
    path("sla/cycles.csv", cycles.export_cycles, name="sla_cycles_export"),
    path("sla/policies/new", rules.NewPolicyView.as_view(), name="sla_policy_new"),
    path("sla/exempt-kinds/", rules.ExemptKindsView.as_view(), name="exempt_kinds"),
    path("sla/policies/<int:pk>", sla.PolicyView.as_view(), name="sla_policy"),
    path("sla/calendars/<int:pk>", sla.CalendarView.as_view(), name="sla_calendar"),
    path("triage/", lists.TriageView.as_view(), name="triage"),
    path("faq/", answer_pages.AnswerListView.as_view(), name="faq_list"),
    path("faq/export.csv", answer_pages.export_answers, name="faq_export"),
    path("faq/new", answer_writing.NewAnswerView.as_view(), name="faq_new"),
    path("faq/assets", answer_writing.asset_hits, name="faq_assets"),
    path("faq/alike", answer_writing.alike, name="faq_alike"),
    path("faq/ask", suggesting.ask_event, name="faq_ask"),
    path("faq/for/<str:number>", suggesting.library, name="faq_library"),
    path("faq/review/", answer_pages.ReviewView.as_view(), name="faq_review"),
    path("faq/figures/", answer_figures.FiguresView.as_view(), name="faq_figures"),
    path("faq/figures/do/<slug:verb>", answer_figures.FitView.as_view(), name="faq_fit"),
    path("faq/<slug:slug>", answer_pages.AnswerView.as_view(), name="faq_detail"),
    path("faq/<slug:slug>/version", answer_acts.NewVersionView.as_view(), name="faq_version"),
    path("faq/<slug:slug>/edit", answer_acts.EditAnswerView.as_view(), name="faq_edit"),
    path("faq/<slug:slug>/do/<slug:verb>", answer_acts.AnswerActView.as_view(), name="faq_act"),
]
api_urlpatterns: list[URLPattern | URLResolver] = [
    *_router.urls,
    endpoint(r"teams/(?P<slug>[^/]+)/asking", TeamAskingViewSet.as_view({"get": "retrieve"}), name="team-asking"),
]
