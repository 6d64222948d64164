"""Where the room's pages and API stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from portal.core.api.router import Router
from requests_queue.api.budget import BudgetViewSet
from requests_queue.api.clocks import ClockViewSet, PreviewViewSet
from requests_queue.api.requests import RequestViewSet
from requests_queue.planning_urls import api_urlpatterns as planning_api
from requests_queue.planning_urls import urlpatterns as planning_patterns
from requests_queue.web import budget, details, filing, lists

if TYPE_CHECKING:
    from django.urls import URLPattern, URLResolver

_router = Router()
_router.register("requests", RequestViewSet, basename="request")
_router.register("sla/clocks", ClockViewSet, basename="sla-clock")
_router.register(r"budget/(?P<team>[a-z0-9-]{1,60})", BudgetViewSet, basename="budget")
_router.register("sla/preview", PreviewViewSet, basename="sla-preview")

urlpatterns: list[URLPattern | URLResolver] = [
    path("requests/", lists.RequestListView.as_view(), name="requests_list"),
    path("requests/export.csv", lists.export_requests, name="requests_export"),
    path("requests/new", filing.NewRequestView.as_view(), name="requests_new"),
    path("requests/expected", filing.expected, name="requests_expected"),
    path("requests/similar", filing.similar, name="requests_similar"),
    path("requests/assets", filing.asset_hits, name="requests_assets"),
    path("requests/draft", filing.keep_draft, name="requests_draft"),
    path("requests/<str:number>", details.RequestDetailView.as_view(), name="requests_detail"),
    path("requests/<str:number>/clock", details.ClockView.as_view(), name="requests_clock"),
    path("requests/<str:number>/messages", details.MessageView.as_view(), name="requests_message"),
    path("requests/<str:number>/join", details.JoinView.as_view(), name="requests_join"),
    path("requests/<str:number>/do/<slug:verb>", details.ActView.as_view(), name="requests_act"),
    path("requests/<str:number>/time", budget.TimeView.as_view(), name="requests_time"),
    path("budget/", budget.own_budget, name="budget_own"),
    path("budget/entries/<int:pk>/reverse", budget.ReverseView.as_view(), name="budget_reverse"),
    path("budget/<slug:slug>/", budget.BudgetPage.as_view(), name="budget"),
    path("budget/<slug:slug>/export.csv", budget.export_budget, name="budget_export"),
    path("budget/<slug:slug>/capacity", budget.CapacityView.as_view(), name="budget_capacity"),
    *planning_patterns,
    path("triage/", lists.TriageView.as_view(), name="triage"),
]
api_urlpatterns: list[URLPattern | URLResolver] = [*_router.urls, *planning_api]
