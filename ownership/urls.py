"""Pages and API of the ownership room."""

from __future__ import annotations

from django.urls import path

from ownership.api.assets import AssetViewSet, OwnershipViewSet
from ownership.web.acts import AnswerView, NominateView
from ownership.web.details import AssetDetailView
from ownership.web.graph import LineageStartView, LineageView
from ownership.web.lists import AssetListView, export_assets
from portal.core.api.router import Router

urlpatterns = [
    path("assets/", AssetListView.as_view(), name="assets_list"),
    path("assets/export.csv", export_assets, name="assets_export"),
    path("assets/<str:slug>", AssetDetailView.as_view(), name="assets_detail"),
    path("assets/<str:slug>/nominate", NominateView.as_view(), name="assets_nominate"),
    path("assets/<str:slug>/accept", AnswerView.as_view(verb="accept"), name="assets_accept"),
    path("assets/<str:slug>/decline", AnswerView.as_view(verb="decline"), name="assets_decline"),
    path("assets/<str:slug>/end", AnswerView.as_view(verb="end"), name="assets_end"),
    path("lineage/", LineageStartView.as_view(), name="lineage_start"),
    path("lineage/<str:slug>", LineageView.as_view(), name="lineage"),
]

router = Router()
router.register("assets", AssetViewSet, basename="asset")
router.register("ownership", OwnershipViewSet, basename="ownership")
api_urlpatterns = router.urls
