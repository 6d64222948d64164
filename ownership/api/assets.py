"""`/api/v1/assets` and `/api/v1/ownership`: the register for programs (spec ownership 19)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.http import Http404
from rest_framework.decorators import action
from rest_framework.response import Response

from ownership.api import announcements, shown
from ownership.api.care import AssetCare
from ownership.api.keeping import AssetKeeping, CorrectionInput
from ownership.api.parties import person_of, team_of
from ownership.api.times import day_of, instant_of
from ownership.api.triggers import AssetCalling, PipelineTriggerInput
from ownership.filters import AssetFilter
from ownership.models import Ownership
from ownership.queries.assets import asset_by_key, listed_assets
from ownership.queries.impact import impact_of
from ownership.queries.lineage_page import neighbourhood, read_ask
from ownership.queries.owners import (
    current_owners,
    day_bounds,
    history_of,
    owners_at,
    owners_on,
    with_inherited,
)
from ownership.queries.parties import parties_of, resolve_contact
from ownership.services.assets import AssetDraft, create_asset, update_asset
from ownership.services.keeping import Correction, correct_history
from ownership.services.owning import Nomination, accept_ownership, decline_ownership, end_ownership, propose_owner
from portal.core.api.viewsets import PortalViewSet

if TYPE_CHECKING:
    import builtins

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from ownership.models import Asset

DAY = 10


class AssetViewSet(AssetKeeping, AssetCalling, AssetCare, PortalViewSet):
    """Assets by public id, slug, earlier slug or `alias:<system>:<key>`."""

    serializer_class = shown.AssetShown
    filterset_class = AssetFilter
    order = ("name",)
    lookup_field = "slug"
    lookup_url_kwarg = "key"
    scopes = {"read": "ownership:read", "write": "ownership:write"}
    inputs = AssetKeeping.inputs | {
        "create": shown.AssetInput, "partial_update": shown.AssetChange, "ownership": shown.NominationInput,
        "trigger": PipelineTriggerInput,
    }  # fmt: skip

    def get_queryset(self) -> QuerySet[Asset]:
        return listed_assets(self.request.user).select_related("domain__default_team", "documents")

    def find(self, key: str) -> Asset:
        asset = asset_by_key(key, self.request.user)
        if asset is None:
            raise Http404
        return asset

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Assets by name, with who owns them now."""
        del request, args, kwargs
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(self._shown_rows(rows))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        del request, args
        asset = self.get_object()
        return self.moved(kwargs["key"], asset) or self._shown_one(asset)

    def create(self, request: Request) -> Response:
        """Add an asset by hand."""
        draft = AssetDraft(**self.read(shown.AssetInput))
        asset = create_asset(actor=_actor(request), draft=draft, at=self.at)
        return self._shown_one(asset, status=201, Location=f"/api/v1/assets/{asset.slug}")

    def partial_update(self, request: Request, key: str) -> Response:
        """Change what people may change; a new name gets a new slug, the old one stays a name of it."""
        changes = self.read(shown.AssetChange, partial=True)
        asset = self.get_object()
        if moved := self.moved(key, asset):
            return moved
        done = update_asset(actor=_actor(request), asset=asset, changes=changes, version=self.if_match, at=self.at)
        return self._shown_one(done)

    @action(detail=True, methods=["get"])
    def owners(self, request: Request, key: str) -> Response:
        """Who holds it: now, at an instant (`?at=2026-03-12T10:00+01:00`), or all of a day (`?at=2026-03-12`)."""
        del key
        asset = self.get_object()
        given = request.query_params.get("at", "")
        if len(given) == DAY:
            start, end = day_bounds(day_of(given), ZoneInfo(getattr(request.user, "zone", "") or "UTC"))
            return Response({"at": given, "owners": shown.holders(owners_on(asset.pk, start, end))})
        at = instant_of(given) if given else self.at
        owners = with_inherited(asset, owners_at([asset.pk], at)[asset.pk])
        inherited = owners.inherited.slug if owners.inherited else None
        found = {"at": at, "basis": owners.basis, "inherited_team": inherited}
        return Response(found | {"owners": shown.holders(owners.holders)})

    @action(detail=True, methods=["get"])
    def history(self, request: Request, key: str) -> Response:
        """Everybody who ever held it, newest first."""
        del request, key
        return Response({"owners": shown.holders(history_of(self.get_object().pk))})

    @action(detail=True, methods=["get"])
    def contact(self, request: Request, key: str) -> Response:
        """Whom to write to now: the present primary, else the present backup, else the lead."""
        del request, key
        person = resolve_contact(self.get_object(), self.at)
        return Response({"handle": person.handle, "name": person.name} if person else None)

    @action(detail=True, methods=["get"])
    def lineage(self, request: Request, key: str) -> Response:
        """What it needs and what it feeds: `up`, `down` 0 to 5, `limit` up to 2,000, and the filters of the page."""
        del key
        ask = read_ask(request.query_params)
        parties = parties_of(_actor(request), self.at) if ask.mine else frozenset()
        found = neighbourhood(self.get_object(), ask, parties)
        return Response(shown.lineage(found))

    @action(detail=True, methods=["get"])
    def impact(self, request: Request, key: str) -> Response:
        """What a `change` touches, `depth` 1 to 5 steps below, and who answers for it."""
        del key
        change, depth = request.query_params.get("change", "breaking"), request.query_params.get("depth", "3")
        steps = int(depth) if depth.isascii() and depth.isdecimal() and len(depth) < DAY else 0
        return Response(announcements.impact(impact_of(self.get_object(), change, self.at, steps)))

    @action(detail=True, methods=["post"])
    def ownership(self, request: Request, key: str) -> Response:
        """Claim for oneself or one's team, or nominate somebody; 409 names the row in the way."""
        del key
        given = self.read(shown.NominationInput)
        nomination = Nomination(
            person=person_of(given["person"]),
            team=team_of(given["team"]),
            duty=given["duty"],
            rank=given["rank"],
            note=given["note"],
        )
        row = propose_owner(actor=_actor(request), asset=self.get_object(), nomination=nomination, at=self.at)
        return Response(shown.RowShown(row).data, status=201)

    def shown_asset(self, asset: Asset) -> Response:
        return self._shown_one(asset)

    def _shown_rows(self, rows: builtins.list[Asset]) -> builtins.list[Any]:
        owners = current_owners([asset.pk for asset in rows])
        inherited = {asset.pk: with_inherited(asset, owners[asset.pk]) for asset in rows}
        context = dict(self.get_serializer_context()) | {"owners": inherited}
        return list(self.get_serializer(rows, many=True, context=context).data)

    def _shown_one(self, asset: Asset, status: int = 200, **headers: str) -> Response:
        self.version = asset.version
        return Response(self._shown_rows([asset])[0], status=status, headers=headers)


class OwnershipViewSet(PortalViewSet):
    """One row of ownership: accept, decline, end."""

    serializer_class = shown.RowShown
    order = ("-id",)
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"
    scopes = {"read": "ownership:read", "write": "ownership:write"}
    inputs = {
        "accept": None, "decline": shown.ReasonInput, "end": shown.ReasonInput, "correct": CorrectionInput,
    }  # fmt: skip

    def get_queryset(self) -> QuerySet[Ownership]:
        return Ownership.objects.select_related("asset", "person", "team")

    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Yes to a proposal; or confirm what a file declared."""
        del pk
        return self.shown(accept_ownership(actor=_actor(request), row=self.get_object(), at=self.at))

    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str) -> Response:
        """No; a row that a file declared ends and stays away."""
        del pk
        reason = self.read(shown.ReasonInput)["reason"]
        return self.shown(decline_ownership(actor=_actor(request), row=self.get_object(), reason=reason, at=self.at))

    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """End it now, with a reason."""
        del pk
        reason = self.read(shown.ReasonInput)["reason"]
        return self.shown(end_ownership(actor=_actor(request), row=self.get_object(), reason=reason, at=self.at))

    @action(detail=True, methods=["post"])
    def correct(self, request: Request, pk: str) -> Response:
        """Mend when it really held, with a reason; admins only. 409 says who held it then."""
        del pk
        correction = Correction(**self.read(CorrectionInput))
        row = correct_history(actor=_actor(request), row=self.get_object(), correction=correction, at=self.at)
        return self.shown(row)


def _actor(request: Request) -> Any:
    """The person behind the session or token; the permission class has let nobody else in."""
    return request.user
