"""Where the room's pages and API stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path, re_path

from oncall.api.agreements import AgreementViewSet
from oncall.api.comp_days import CompDayViewSet
from oncall.api.duties import ChangeViewSet, CoverViewSet, NowViewSet, SwapViewSet
from oncall.api.edits import RotaEditViewSet
from oncall.api.exports import ExportViewSet
from oncall.api.failure_rules import FailureRuleViewSet
from oncall.api.inbound import EnqueueView, HeartbeatView, InboundView
from oncall.api.incidents import IncidentViewSet
from oncall.api.keeping import PreCheckViewSet, RunbookViewSet, TicketViewSet
from oncall.api.proof import ProofViewSet
from oncall.api.quiet import (
    EscalationViewSet,
    ExpectationViewSet,
    IntegrationViewSet,
    MaintenanceViewSet,
    SilenceViewSet,
    TryingViewSet,
)
from oncall.api.resting import RestViewSet
from oncall.api.rotas import RotaViewSet
from oncall.api.seasons import MajorViewSet, PeriodViewSet
from oncall.api.strain import GuardedNightViewSet, PagesReviewViewSet, StrainViewSet
from oncall.web import (
    agreements,
    answers,
    editing,
    edits,
    failure_rules,
    feeds,
    guardrails,
    incidents,
    keeping,
    kept,
    ladders,
    night_link,
    periods,
    prechecks,
    proof,
    replay,
    reshaping,
    resting,
    rotas,
    runbooks,
    seasons,
    shift_acts,
    shift_lists,
    swaps,
    tickets,
    ties,
    trying,
)
from portal.core.api.router import Router, endpoint

if TYPE_CHECKING:
    from django.urls import URLPattern, URLResolver

_router = Router()
_router.register("rotas", RotaViewSet, basename="rota")
_router.register("oncall/now", NowViewSet, basename="oncall-now")
_router.register("shift-changes", ChangeViewSet, basename="shift-change")
_router.register("special-periods", PeriodViewSet, basename="special-period")
_router.register("major-holidays", MajorViewSet, basename="major-holiday")
_router.register("rota-edits", RotaEditViewSet, basename="rota-edit")
_router.register("swaps", SwapViewSet, basename="swap")
_router.register("comp-days", CompDayViewSet, basename="comp-day")
_router.register("covers", CoverViewSet, basename="cover")
_router.register("incidents", IncidentViewSet, basename="incident")
_router.register("failure-rules", FailureRuleViewSet, basename="failure-rule")
_router.register("agreements", AgreementViewSet, basename="agreement")
_router.register("runbooks", RunbookViewSet, basename="runbook")
_router.register("upstream", TicketViewSet, basename="ticket")
_router.register("prechecks", PreCheckViewSet, basename="precheck")
_router.register("silences", SilenceViewSet, basename="silence")
_router.register("maintenance", MaintenanceViewSet, basename="maintenance")
_router.register("expectations", ExpectationViewSet, basename="expectation")
_router.register("escalation-policies", EscalationViewSet, basename="escalation")
_router.register("integrations", IntegrationViewSet, basename="integration")
_router.register("guardrails", StrainViewSet, basename="guardrail")
_router.register("pages-reviews", PagesReviewViewSet, basename="pages-review")
_router.register("guarded-nights", GuardedNightViewSet, basename="guarded-night")
_router.register("oncall/rest", RestViewSet, basename="oncall-rest")
_router.register("oncall", TryingViewSet, basename="trying")

_night: list[URLPattern | URLResolver] = [
    path("incidents/", incidents.IncidentListView.as_view(), name="incidents_list"),
    path("incidents/export.csv", incidents.export_incidents, name="incidents_export"),
    path("incidents/new", incidents.ReportView.as_view(), name="incidents_new"),
    path("incidents/kinds/", failure_rules.FailureRulesView.as_view(), name="failure_rules"),
    path("incidents/kinds/export.csv", failure_rules.export_failure_rules, name="failure_rules_export"),
    path("incidents/kinds/<int:pk>", failure_rules.FailureRuleView.as_view(), name="failure_rule"),
    path("incidents/<str:number>", incidents.IncidentView.as_view(), name="incidents_detail"),
    path("incidents/<str:number>/do/<slug:verb>", incidents.IncidentActView.as_view(), name="incidents_act"),
    path("n/<str:token>", night_link.NightLinkView.as_view(), name="night_link"),
    path("agreements/", agreements.AgreementListView.as_view(), name="agreements_list"),
    path("agreements/export.csv", agreements.export_agreements, name="agreements_export"),
    path("agreements/new", agreements.RegisterView.as_view(), name="agreements_new"),
    path("agreements/<int:pk>", agreements.AgreementView.as_view(), name="agreements_detail"),
    path("agreements/<int:pk>/do/<slug:verb>", agreements.AgreementActView.as_view(), name="agreements_act"),
    path("runbooks/", runbooks.RunbookListView.as_view(), name="runbooks_list"),
    path("runbooks/export.csv", runbooks.export_runbooks, name="runbooks_export"),
    path("runbooks/new", runbooks.NewRunbookView.as_view(), name="runbooks_new"),
    path("runbooks/<str:slug>", runbooks.RunbookView.as_view(), name="runbooks_detail"),
    path("runbooks/<str:slug>/do/<slug:verb>", runbooks.RunbookActView.as_view(), name="runbooks_act"),
    path("upstream/", tickets.TicketListView.as_view(), name="upstream_list"),
    path("upstream/export.csv", tickets.export_tickets, name="upstream_export"),
    path("upstream/new", tickets.AskView.as_view(), name="upstream_new"),
    path("upstream/<str:number>", tickets.TicketView.as_view(), name="upstream_detail"),
    path("upstream/<str:number>/do/<slug:verb>", tickets.TicketActView.as_view(), name="upstream_act"),
    path("t/<str:token>", tickets.GuestView.as_view(), name="upstream_guest"),
    path("integrations/", keeping.IntegrationsView.as_view(), name="integrations_list"),
    path("integrations/export.csv", keeping.export_of(keeping.IntegrationsView), name="integrations_export"),
    path("integrations/<slug:slug>", kept.DoorView.as_view(), name="integration_page"),
    path("integrations/<slug:slug>/do/<slug:verb>", kept.DoorActView.as_view(), name="integration_act"),
    path("expectations/", keeping.ExpectationsView.as_view(), name="expectations_list"),
    path("expectations/export.csv", keeping.export_of(keeping.ExpectationsView), name="expectations_export"),
    path("expectations/<int:pk>", kept.ExpectationView.as_view(), name="expectation_page"),
    path("silences/", keeping.SilencesView.as_view(), name="silences_list"),
    path("silences/export.csv", keeping.export_of(keeping.SilencesView), name="silences_export"),
    path("silences/<int:pk>", kept.SilenceView.as_view(), name="silence_page"),
    path("maintenance/", keeping.MaintenanceView.as_view(), name="maintenance_list"),
    path("maintenance/export.csv", keeping.export_of(keeping.MaintenanceView), name="maintenance_export"),
    path("maintenance/<int:pk>", kept.MaintenanceOneView.as_view(), name="maintenance_page"),
    path("prechecks/", prechecks.PreChecksView.as_view(), name="prechecks_list"),
    path("prechecks/export.csv", keeping.export_of(prechecks.PreChecksView), name="prechecks_export"),
    path("prechecks/<int:pk>", prechecks.PreCheckView.as_view(), name="precheck_page"),
    path("policies/escalation/", ladders.LadderListView.as_view(), name="ladders"),
    path("policies/escalation/export.csv", ladders.export_ladders, name="ladders_export"),
    path("policies/escalation/<slug:slug>", ladders.LadderView.as_view(), name="ladder"),
    path("oncall/guardrails/", guardrails.GuardrailsView.as_view(), name="guardrails"),
    path("oncall/guardrails/export.csv", guardrails.export_guardrails, name="guardrails_export"),
    path("oncall/guardrails/<int:pk>/answer", guardrails.ReviewView.as_view(), name="guardrail_answer"),
    path("oncall/guardrails/nights/<int:pk>/decline", guardrails.DeclineView.as_view(), name="guardrail_decline"),
    path("oncall/replay", replay.ReplayView.as_view(), name="oncall_replay"),
    path("oncall/replay.csv", replay.export_replay, name="oncall_replay_export"),
    path("oncall/dry-run", trying.DryRunView.as_view(), name="dry_run"),
    path("oncall/rest", resting.RestView.as_view(), name="oncall_rest"),
]
_duty: list[URLPattern | URLResolver] = [
    path("oncall/", rotas.NowView.as_view(), name="oncall_now"),
    path("ical/<str:token>", feeds.FeedView.as_view(), name="ical"),
    path("oncall/export.csv", rotas.export_now, name="oncall_now_export"),
    path("oncall/swaps/", swaps.SwapsView.as_view(), name="oncall_swaps"),
    path("oncall/swaps/export.csv", swaps.export_swaps, name="oncall_swaps_export"),
    path("oncall/proof", proof.ProofView.as_view(), name="oncall_proof"),
    path("oncall/holidays/", seasons.PeriodsView.as_view(), name="oncall_periods"),
    path("oncall/holidays/export.csv", seasons.export_periods, name="oncall_periods_export"),
    path("oncall/majors/", seasons.MajorsView.as_view(), name="oncall_majors"),
    path("oncall/majors/export.csv", seasons.export_majors, name="oncall_majors_export"),
    path("oncall/majors/new", seasons.NewMajorView.as_view(), name="oncall_major_new"),
    path("oncall/majors/<int:pk>", seasons.MajorView.as_view(), name="oncall_major"),
    path("oncall/holidays/<slug:slug>", periods.PeriodView.as_view(), name="oncall_period"),
    path("oncall/holidays/<slug:slug>/close", periods.CloseView.as_view(), name="oncall_period_close"),
    path("oncall/holidays/<slug:slug>/cancel", seasons.CancelPeriodView.as_view(), name="oncall_period_cancel"),
    path("oncall/calendars/", feeds.FeedsView.as_view(), name="oncall_calendars"),
    path("oncall/calendars/<int:pk>/revoke", feeds.RevokeView.as_view(), name="oncall_calendar_revoke"),
    path("oncall/answers/", answers.AnswersView.as_view(), name="oncall_answers"),
    path("oncall/answers/<slug:kind>/<int:pk>/<slug:verb>", answers.AnswerView.as_view(), name="oncall_answer"),
    path("oncall/changes/", shift_lists.ChangesView.as_view(), name="oncall_changes"),
    path("oncall/changes/export.csv", shift_lists.export_changes, name="oncall_changes_export"),
    path("oncall/covers/", shift_lists.CoversView.as_view(), name="oncall_covers"),
    path("oncall/covers/export.csv", shift_lists.export_covers, name="oncall_covers_export"),
    path("oncall/edits/", edits.EditsView.as_view(), name="oncall_edits"),
    path("oncall/edits/export.csv", edits.export_edits, name="oncall_edits_export"),
    path("oncall/edits/<int:pk>", edits.EditView.as_view(), name="oncall_edit"),
    path("oncall/comp-days/<int:pk>/take", answers.TakeCompDayView.as_view(), name="oncall_comp_day_take"),
    path("oncall/rotas/new", editing.NewRotaView.as_view(), name="oncall_rota_new"),
    path("oncall/rotas/<slug:slug>", rotas.RotaView.as_view(), name="oncall_rota"),
    path("oncall/rotas/<slug:slug>/periods/new", seasons.NewPeriodView.as_view(), name="oncall_period_new"),
    path("oncall/rotas/<slug:slug>/ties", ties.TiesView.as_view(), name="oncall_rota_ties"),
    path("oncall/rotas/<slug:slug>/edit", editing.EditRotaView.as_view(), name="oncall_rota_edit"),
    path(
        "oncall/rotas/<slug:slug>/versions/<int:number>/restore",
        editing.RestoreRotaView.as_view(),
        name="oncall_rota_restore",
    ),
    path("oncall/rotas/<slug:slug>/shifts", shift_lists.ShiftsView.as_view(), name="oncall_shifts"),
    path("oncall/rotas/<slug:slug>/shifts.csv", shift_lists.export_shifts, name="oncall_shifts_export"),
    path("oncall/rotas/<slug:slug>/target", rotas.TargetView.as_view(), name="oncall_target"),
    path("oncall/rotas/<slug:slug>/what-if", reshaping.WhatIfView.as_view(), name="oncall_what_if"),
    path("oncall/rotas/<slug:slug>/note", shift_acts.NoteView.as_view(), name="oncall_note"),
    re_path(
        r"^oncall/rotas/(?P<slug>[-\w]+)/(?P<verb>override|take|cover|swap)$",
        shift_acts.ChangeView.as_view(), name="oncall_change",
    ),
]  # fmt: skip
urlpatterns: list[URLPattern | URLResolver] = [*_duty, *_night]
api_urlpatterns: list[URLPattern | URLResolver] = [
    endpoint(r"oncall/export\.md", ExportViewSet.as_view({"get": "list"}), "oncall-export"),
    endpoint("oncall/proof", ProofViewSet.as_view({"get": "list"}), "oncall-proof"),
    *_router.urls,
    endpoint("inbound/(?P<kind>[a-z]+)/(?P<slug>[a-z0-9-]+)", InboundView.as_view(), "inbound"),
    endpoint("v2/enqueue", EnqueueView.as_view(), "inbound-pagerduty"),
    endpoint("heartbeats/(?P<token>[A-Za-z0-9_-]+)", HeartbeatView.as_view(), "heartbeat"),
]
