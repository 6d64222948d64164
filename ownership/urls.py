"""Pages and API of the ownership room."""

from __future__ import annotations

from django.urls import path

from ownership.api.announcements import AnnouncementViewSet
from ownership.api.assets import AssetViewSet, OwnershipViewSet
from ownership.api.backfills import PlanViewSet
from ownership.api.boundaries import BoundaryViewSet, CrossingViewSet, GapViewSet
from ownership.api.conflicts import ConflictViewSet
from ownership.api.domains import DomainViewSet
from ownership.api.handoffs import HandoffViewSet
from ownership.api.identities import IdentityViewSet
from ownership.api.lineage import LineageViewSet
from ownership.api.owners import OwnersViewSet
from ownership.api.patterns import PatternViewSet
from ownership.api.proposals import ProposalViewSet
from ownership.api.reviews import ReviewLineViewSet, ReviewViewSet
from ownership.api.risks import RiskViewSet
from ownership.api.shapes import BusTestViewSet, TeamShapeViewSet
from ownership.api.sources import ImportSourceViewSet
from ownership.api.status import StatusViewSet
from ownership.api.suggested import SuggestedOwnersViewSet
from ownership.api.unclear import UnclearRoleViewSet
from ownership.web.acts import AnswerView, NominateView
from ownership.web.announcements import (
    AnnouncementListView,
    AnnouncementView,
    AnnounceView,
    ReplyView,
    export_announcements,
)
from ownership.web.announcements import AnswerView as AnnouncementAnswerView
from ownership.web.boundaries import (
    AcceptCrossingView,
    BoundaryBoardView,
    BoundaryPairView,
    CrossingView,
    DismissCrossingView,
    TalkStartView,
    export_boundaries,
)
from ownership.web.closures import AskClosureView, ClosureView, export_closure
from ownership.web.conflicts import ConflictListView
from ownership.web.contracts import export_contract
from ownership.web.details import AssetDetailView
from ownership.web.domains import DomainEditView, DomainListView, DomainNewView, DomainView
from ownership.web.editing import AssetEditView, AssetManageView, AssetNewView
from ownership.web.gaps import GapListView, export_gaps
from ownership.web.graph import LineageStartView, LineageView
from ownership.web.handoff_files import export_handoffs, export_items
from ownership.web.handoff_new import HandoffNewView
from ownership.web.handoffs import HandoffActView, HandoffListView, HandoffView
from ownership.web.identities import IdentityListView
from ownership.web.lists import AssetListView, export_assets
from ownership.web.patterns import CellView, DomainPatternView, PatternListView, PatternView
from ownership.web.plan_acts import (
    AddReferenceView,
    AssignReferenceView,
    FailView,
    ReferenceView,
    SendAllView,
    StateView,
    StepView,
    TriggerView,
)
from ownership.web.plan_detail import PlanView
from ownership.web.plan_files import export_references
from ownership.web.plans import NewPlanView, PlanListView, export_plans
from ownership.web.proposals import ProposalListView, export_proposals
from ownership.web.register_files import export_conflicts, export_domains, export_names
from ownership.web.reviews import ReviewListView, ReviewView, export_review
from ownership.web.risks import RiskListView, export_risks
from ownership.web.sources import SourceEditView, SourceListView, export_sources
from ownership.web.suggested import SuggestedOwnersView, export_suggested
from ownership.web.talks import CloseTalkView, TalkView, talk_calendar
from ownership.web.team_shape import BusTestView, TeamShapeView, export_bus_test
from ownership.web.triggers import PipelineTriggerView, RemoveTriggerView
from ownership.web.unclear import UnclearListView, export_unclear
from portal.core.api.router import Router, endpoint

urlpatterns = [
    path("assets/", AssetListView.as_view(), name="assets_list"),
    path("assets/export.csv", export_assets, name="assets_export"),
    path("assets/new", AssetNewView.as_view(), name="assets_new"),
    path("assets/<str:slug>/edit", AssetEditView.as_view(), name="assets_edit"),
    path("assets/<str:slug>/manage", AssetManageView.as_view(http_method_names=["get", "head"]), name="assets_manage"),
    path("assets/<str:slug>/merge", AssetManageView.as_view(verb="merge"), name="assets_merge"),
    path("assets/<str:slug>/retire", AssetManageView.as_view(verb="retire"), name="assets_retire"),
    path("assets/<str:slug>/unowned", AssetManageView.as_view(verb="unowned"), name="assets_unowned"),
    path("assets/<str:slug>/alias", AssetManageView.as_view(verb="alias"), name="assets_alias"),
    path("assets/<str:slug>/split", AssetManageView.as_view(verb="split"), name="assets_split"),
    path("assets/<str:slug>/experiment", AssetManageView.as_view(verb="experiment"), name="assets_experiment"),
    path("assets/<str:slug>/correct", AssetManageView.as_view(verb="correct"), name="assets_correct"),
    path("domains/", DomainListView.as_view(), name="domains_list"),
    path("domains/export.csv", export_domains, name="domains_export"),
    path("domains/new", DomainNewView.as_view(), name="domains_new"),
    path("domains/<slug:slug>", DomainView.as_view(), name="domains_detail"),
    path("domains/<slug:slug>/edit", DomainEditView.as_view(), name="domains_edit"),
    path("identities/", IdentityListView.as_view(), name="identities_list"),
    path("identities/export.csv", export_names, name="identities_export"),
    path("proposals/", ProposalListView.as_view(), name="proposals_list"),
    path("proposals/export.csv", export_proposals, name="proposals_export"),
    path("conflicts/", ConflictListView.as_view(), name="conflicts_list"),
    path("conflicts/export.csv", export_conflicts, name="conflicts_export"),
    path("assets/<str:slug>", AssetDetailView.as_view(), name="assets_detail"),
    path("assets/<str:slug>/contract.yaml", export_contract, name="assets_contract"),
    path("assets/<str:slug>/trigger", PipelineTriggerView.as_view(), name="assets_trigger"),
    path("assets/<str:slug>/trigger/remove", RemoveTriggerView.as_view(), name="assets_trigger_remove"),
    path("assets/<str:slug>/nominate", NominateView.as_view(), name="assets_nominate"),
    path("assets/<str:slug>/accept", AnswerView.as_view(verb="accept"), name="assets_accept"),
    path("assets/<str:slug>/decline", AnswerView.as_view(verb="decline"), name="assets_decline"),
    path("assets/<str:slug>/end", AnswerView.as_view(verb="end"), name="assets_end"),
    path("assets/<str:slug>/announce", AnnounceView.as_view(), name="announcements_new"),
    path("announcements/", AnnouncementListView.as_view(), name="announcements_list"),
    path("announcements/export.csv", export_announcements, name="announcements_export"),
    path("announcements/<int:pk>", AnnouncementView.as_view(), name="announcements_detail"),
    path("announcements/<int:pk>/answer", AnnouncementAnswerView.as_view(), name="announcements_answer"),
    path("announcements/<int:pk>/reply", ReplyView.as_view(), name="announcements_reply"),
    path("lineage/", LineageStartView.as_view(), name="lineage_start"),
    path("lineage/closures/<int:pk>", ClosureView.as_view(), name="closures_detail"),
    path("lineage/closures/<int:pk>/export.csv", export_closure, name="closures_export"),
    path("lineage/<str:slug>/closure", AskClosureView.as_view(), name="closures_ask"),
    path("lineage/<str:slug>", LineageView.as_view(), name="lineage"),
    path("boundaries/", BoundaryBoardView.as_view(), name="boundaries_list"),
    path("boundaries/export.csv", export_boundaries, name="boundaries_export"),
    path("boundaries/roles", UnclearListView.as_view(), name="boundaries_roles"),
    path("boundaries/roles.csv", export_unclear, name="boundaries_roles_export"),
    path("boundaries/pairs/<str:key>", BoundaryPairView.as_view(), name="boundaries_pair"),
    path("boundaries/pairs/<str:key>/talk", TalkStartView.as_view(), name="boundaries_talk"),
    path("boundaries/crossings/<int:pk>", CrossingView.as_view(), name="boundaries_crossing"),
    path("boundaries/crossings/<int:pk>/accept", AcceptCrossingView.as_view(), name="boundaries_accept"),
    path("boundaries/crossings/<int:pk>/dismiss", DismissCrossingView.as_view(), name="boundaries_dismiss"),
    path("boundaries/talks/<int:pk>", TalkView.as_view(), name="talks_detail"),
    path("boundaries/talks/<int:pk>/close", CloseTalkView.as_view(), name="talks_close"),
    path("boundaries/talks/<int:pk>/calendar.ics", talk_calendar, name="talks_calendar"),
    path("sources/", SourceListView.as_view(), name="sources_list"),
    path("sources/export.csv", export_sources, name="sources_export"),
    path("sources/<int:pk>/edit", SourceEditView.as_view(), name="sources_edit"),
    path("gaps/", GapListView.as_view(), name="gaps_list"),
    path("gaps/export.csv", export_gaps, name="gaps_export"),
    path("patterns/", PatternListView.as_view(), name="patterns_list"),
    path("patterns/<slug:slug>", PatternView.as_view(), name="patterns_detail"),
    path("patterns/<slug:slug>/cell", CellView.as_view(), name="patterns_cell"),
    path("domains/<slug:slug>/pattern", DomainPatternView.as_view(), name="patterns_domain"),
    path("handoffs/", HandoffListView.as_view(), name="handoffs_list"),
    path("handoffs/export.csv", export_handoffs, name="handoffs_export"),
    path("handoffs/new", HandoffNewView.as_view(), name="handoffs_new"),
    path("handoffs/<str:code>", HandoffView.as_view(), name="handoffs_detail"),
    path("handoffs/<str:code>/export.csv", export_items, name="handoffs_items_export"),
    path("handoffs/<str:code>/offer", HandoffActView.as_view(verb="offer"), name="handoffs_offer"),
    path("handoffs/<str:code>/decide", HandoffActView.as_view(verb="decide"), name="handoffs_decide"),
    path("handoffs/<str:code>/check", HandoffActView.as_view(verb="check"), name="handoffs_check"),
    path("handoffs/<str:code>/withdraw", HandoffActView.as_view(verb="withdraw"), name="handoffs_withdraw"),
]

urlpatterns += [
    path("backfills/", PlanListView.as_view(), name="backfills_list"),
    path("backfills/export.csv", export_plans, name="backfills_export"),
    path("backfills/new", NewPlanView.as_view(), name="backfills_new"),
    path("backfills/<str:code>", PlanView.as_view(), name="backfills_detail"),
    path("backfills/<str:code>/steps/<int:n>", StepView.as_view(), name="backfills_step"),
    path("backfills/<str:code>/steps/<int:n>/fail", FailView.as_view(), name="backfills_fail"),
    path("backfills/<str:code>/pause", StateView.as_view(verb="pause"), name="backfills_pause"),
    path("backfills/<str:code>/resume", StateView.as_view(verb="resume"), name="backfills_resume"),
    path("backfills/<str:code>/abandon", StateView.as_view(verb="abandon"), name="backfills_abandon"),
    path("backfills/<str:code>/rollback", StateView.as_view(verb="rollback"), name="backfills_rollback"),
    path("backfills/<str:code>/references", AddReferenceView.as_view(), name="backfills_reference"),
    path("backfills/<str:code>/references.csv", export_references, name="backfills_references_export"),
    path("backfills/<str:code>/references/<int:pk>/assign", AssignReferenceView.as_view(), name="backfills_assign"),
    path("backfills/<str:code>/references/<int:pk>/move", ReferenceView.as_view(), name="backfills_move"),
    path("backfills/<str:code>/references/<int:pk>/waive", ReferenceView.as_view(verb="waive"), name="backfills_waive"),
    path("backfills/<str:code>/run", SendAllView.as_view(), name="backfills_run"),
    path("backfills/<str:code>/triggers/<int:pk>/send", TriggerView.as_view(), name="backfills_send"),
    path("backfills/<str:code>/triggers/<int:pk>/done", TriggerView.as_view(verb="done"), name="backfills_ran"),
    path("backfills/<str:code>/triggers/<int:pk>/failed", TriggerView.as_view(verb="failed"), name="backfills_failed"),
]

urlpatterns += [
    path("reviews/", ReviewListView.as_view(), name="reviews_list"),
    path("reviews/<str:quarter>", ReviewView.as_view(), name="reviews_detail"),
    path("reviews/<str:quarter>/export.csv", export_review, name="reviews_export"),
]

urlpatterns += [
    path("people/<str:handle>/ownership/without", BusTestView.as_view(), name="bus_test"),
    path("people/<str:handle>/ownership/without.csv", export_bus_test, name="bus_test_export"),
    path("risks/", RiskListView.as_view(), name="risks_list"),
    path("risks/export.csv", export_risks, name="risks_export"),
    path("teams/<slug:slug>/shape", TeamShapeView.as_view(), name="team_shape"),
    path("teams/<slug:slug>/suggested-owners", SuggestedOwnersView.as_view(), name="suggested_owners"),
    path("teams/<slug:slug>/suggested-owners.csv", export_suggested, name="suggested_owners_export"),
]

router = Router()
router.register("backfills", PlanViewSet, basename="backfill")
router.register("assets", AssetViewSet, basename="asset")
router.register("announcements", AnnouncementViewSet, basename="announcement")
router.register("ownership", OwnershipViewSet, basename="ownership")
router.register("owners", OwnersViewSet, basename="owners")
router.register("domains", DomainViewSet, basename="domain")
router.register("status", StatusViewSet, basename="status")
router.register("lineage", LineageViewSet, basename="lineage-event")
router.register("identities", IdentityViewSet, basename="identity")
router.register("conflicts", ConflictViewSet, basename="conflict")
router.register("boundaries", BoundaryViewSet, basename="boundary")
router.register("crossings", CrossingViewSet, basename="crossing")
router.register("patterns", PatternViewSet, basename="pattern")
router.register("handoffs", HandoffViewSet, basename="handoff")
router.register("proposals", ProposalViewSet, basename="proposal")
router.register("reviews", ReviewViewSet, basename="review")
router.register("review-lines", ReviewLineViewSet, basename="review-line")
router.register("gaps", GapViewSet, basename="gap")
router.register("sources", ImportSourceViewSet, basename="source")
router.register("risks", RiskViewSet, basename="risk")
api_urlpatterns = [
    endpoint("unclear-roles", UnclearRoleViewSet.as_view({"get": "list"}), name="unclear-role-list"),
    *router.urls,
    endpoint(r"people/(?P<handle>[^/]+)/bus-test", BusTestViewSet.as_view({"get": "retrieve"}), name="bus-test"),
    endpoint(r"teams/(?P<slug>[^/]+)/shape", TeamShapeViewSet.as_view({"get": "retrieve"}), name="team-shape"),
    endpoint(
        r"teams/(?P<slug>[^/]+)/suggested-owners",
        SuggestedOwnersViewSet.as_view({"get": "retrieve", "post": "ask"}, detail=True),
        name="suggested-owners",
    ),
]
