"""Where plans, proposals and reports stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from portal.core.api.router import Router
from requests_queue.api import plan_lines as lines_api
from requests_queue.api.plans import PlanViewSet
from requests_queue.web import plan, plan_lines

if TYPE_CHECKING:
    from django.urls import URLPattern, URLResolver

_router = Router()
_router.register(r"plans/(?P<team>[a-z0-9-]{1,60})", PlanViewSet, basename="quarter-plan")
_router.register("plan-lines", lines_api.LineViewSet, basename="plan-line")
_router.register("plan-candidates", lines_api.CandidateViewSet, basename="plan-candidate")
_router.register("plan-needs", lines_api.NeedViewSet, basename="plan-need")
_router.register("clusters", lines_api.ClusterViewSet, basename="cluster")
_router.register("models/outcomes", lines_api.OutcomeViewSet, basename="model-outcome")

PLACE = "plan/<slug:team>/<str:quarter>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("plan/", plan.PlanHomeView.as_view(), name="plan"),
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
    path(f"{PLACE}/what-if", plan.WhatIfView.as_view(), name="plan_what_if"),
    path(f"{PLACE}/what-if/<int:pk>/drop", plan.ScenarioDropView.as_view(), name="plan_scenario_drop"),
]
api_urlpatterns: list[URLPattern | URLResolver] = [*_router.urls]
