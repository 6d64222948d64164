"""The pages that combine rooms."""

from __future__ import annotations

from django.urls import path

from portal.site import changes_api, checks_api, events_api, health, imports, imports_api, needs_api, reports_api
from portal.site.web import (
    acknowledge,
    changes,
    endpoints,
    home,
    inbox,
    later,
    load,
    reports,
    search,
    setup,
    status,
    styleguide,
    undoing,
    welcome,
)

urlpatterns = [
    path("", home.HomeView.as_view(), name="home"),
    path("more/", home.MoreView.as_view(), name="more"),
    path("search", search.SearchView.as_view(), name="search"),
    path("palette", search.palette, name="palette"),
    path("changes/", changes.ChangesView.as_view(), name="changes"),
    path("changes.csv", changes.export_changes, name="changes_export"),
    path("changes/groups/<uuid:group>/undo", changes.UndoGroupView.as_view(), name="changes_undo_group"),
    path("changes/<int:pk>/undo", undoing.UndoView.as_view(), name="changes_undo"),
    path("later/", later.LaterListView.as_view(), name="later"),
    path("later/<str:key>", later.LaterView.as_view(), name="later_day"),
    path("later/<str:key>/back", later.LaterBackView.as_view(), name="later_back"),
    path("inbox/", inbox.InboxView.as_view(), name="inbox"),
    path("inbox/read", inbox.MarkReadView.as_view(), name="inbox_read"),
    path("inbox/<uuid:notice_id>/acknowledge", inbox.AcknowledgeView.as_view(), name="inbox_acknowledge"),
    path("a/<str:token>", acknowledge.AcknowledgeByLinkView.as_view(), name="acknowledge"),
    path("imports/", imports.ImportListView.as_view(), name="imports_list"),
    path("imports/<int:pk>", imports.ImportDetailView.as_view(), name="imports_detail"),
    path("imports/<int:pk>/apply", imports.ImportApplyView.as_view(), name="imports_apply"),
    path("imports/<int:pk>/discard", imports.ImportDiscardView.as_view(), name="imports_discard"),
    path("admin-setup/", setup.SetupView.as_view(), name="setup"),
    path("admin-setup/test-page", setup.SetupTestView.as_view(), name="setup_test"),
    path("endpoints/", endpoints.EndpointsView.as_view(), name="endpoints"),
    path("endpoints/<slug:slug>", endpoints.EndpointView.as_view(), name="endpoint_page"),
    path("endpoints/<slug:slug>/<slug:verb>", endpoints.EndpointActView.as_view(), name="endpoint_act"),
    path("styleguide/", styleguide.StyleGuideView.as_view(), name="styleguide"),
    path("welcome/next/", welcome.NextView.as_view(), name="welcome_next"),
    path("welcome/team/", welcome.TeamStep.as_view(), name="welcome_team"),
    path("welcome/<slug:slug>/assets/", welcome.AssetsStep.as_view(), name="welcome_assets"),
    path("welcome/<slug:slug>/oncall/", welcome.RotaStep.as_view(), name="welcome_oncall"),
    path("welcome/<slug:slug>/promises/", welcome.PromisesStep.as_view(), name="welcome_promises"),
    path("welcome/<slug:slug>/test/", welcome.TestStep.as_view(), name="welcome_test"),
    path("welcome/<slug:slug>/<slug:step>/undo", welcome.UndoStepView.as_view(), name="welcome_undo"),
    path("reports/", reports.ReportsView.as_view(), name="reports"),
    path("reports/<slug:key>.csv", reports.export_report, name="report_export"),
    path("reports/<slug:key>", reports.ReportView.as_view(), name="report"),
    path("load/", load.LoadView.as_view(), name="load"),
    path("teams/<slug:slug>/health", load.TeamHealthView.as_view(), name="team_health"),
    path("status/", status.StatusView.as_view(), name="status"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("health/engine", health.engine, name="health_engine"),
    path("metrics", health.metrics_page, name="metrics"),
    path("csp-report", health.csp_report, name="csp_report"),
]
api_urlpatterns = [
    *imports_api.router.urls, *checks_api.router.urls, *reports_api.router.urls, reports_api.own_load,
    *needs_api.router.urls,
    *changes_api.router.urls, *events_api.urlpatterns,
]  # fmt: skip
