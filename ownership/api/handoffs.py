"""`/api/v1/handoffs`: bulk handovers for programs; the same rules and answers as on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from ownership.api.parties import party_called
from ownership.domain.handoffs import MOST_ITEMS
from ownership.handoff_filters import HandoffFilter
from ownership.models import Asset, Handoff
from ownership.queries.handoffs import handoff_called, handoffs_of
from ownership.services.handoffs import (
    HandoffDraft,
    complete_check,
    decide_items,
    draft_handoff,
    offer_handoff,
    withdraw_handoff,
)
from portal.core.api.viewsets import PortalViewSet
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request


class HandoffInput(serializers.Serializer[Any]):
    """`giver` and `taker` are handles or team slugs, `assets` slugs."""

    giver = serializers.CharField(max_length=60)
    taker = serializers.CharField(max_length=60)
    assets = serializers.ListField(child=serializers.CharField(max_length=200), min_length=1, max_length=MOST_ITEMS)
    effective_at = serializers.DateTimeField(required=False, default=None, allow_null=True)
    shadow_days = serializers.IntegerField(min_value=0, max_value=30, required=False, default=0)
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class DeclineInput(serializers.Serializer[Any]):
    item = serializers.IntegerField()
    reason = serializers.CharField(max_length=500)


class HandoffDecision(serializers.Serializer[Any]):
    """Item ids to accept; items to decline, each with a reason."""

    accept = serializers.ListField(
        child=serializers.IntegerField(), required=False, default=list, max_length=MOST_ITEMS
    )
    decline = DeclineInput(many=True, required=False, default=list)


class HandoffCheckInput(serializers.Serializer[Any]):
    """A line of the checklist is done, or waived by a lead of the recipient."""

    check = serializers.IntegerField(min_value=1)
    state = serializers.ChoiceField(choices=["done", "waived"], required=False, default="done")
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class HandoffCheckShown(serializers.Serializer[Any]):
    check = serializers.IntegerField(source="pk")
    asset = serializers.CharField(source="asset.slug", default=None, allow_null=True)
    code = serializers.CharField()
    line = serializers.CharField(source="label")
    is_required = serializers.BooleanField()
    state = serializers.CharField()
    by = serializers.CharField(source="by.handle", default=None, allow_null=True)
    at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()


class HandoffShown(serializers.Serializer[Handoff]):
    code = serializers.CharField()
    state = serializers.CharField()
    giver = serializers.SerializerMethodField()
    taker = serializers.SerializerMethodField()
    effective_at = serializers.DateTimeField()
    shadow_days = serializers.IntegerField()
    offered_at = serializers.DateTimeField(allow_null=True)
    total = serializers.IntegerField(default=0)
    accepted = serializers.IntegerField(default=0)
    waiting = serializers.IntegerField(default=0)
    version = serializers.IntegerField()

    def get_giver(self, row: Handoff) -> str:
        return row.from_person.handle if row.from_person else row.from_team.slug if row.from_team else ""

    def get_taker(self, row: Handoff) -> str:
        return row.to_person.handle if row.to_person else row.to_team.slug if row.to_team else ""


class HandoffItemShown(serializers.Serializer[Any]):
    item = serializers.IntegerField(source="pk")
    asset = serializers.CharField(source="asset.slug")
    duty = serializers.IntegerField()
    rank = serializers.IntegerField()
    state = serializers.CharField()
    reason = serializers.CharField()
    in_force_at = serializers.DateTimeField(allow_null=True)


class HandoffViewSet(PortalViewSet):
    """Handovers by code; POST writes a draft, `offer` asks the recipient, `decide` answers item by item."""

    serializer_class = HandoffShown
    filterset_class = HandoffFilter
    order = ("-id",)
    lookup_field = "pk"
    lookup_url_kwarg = "code"
    scopes = {"read": "ownership:read", "write": "ownership:write"}
    inputs = {
        "create": HandoffInput, "offer": None, "decide": HandoffDecision, "check": HandoffCheckInput, "withdraw": None,
    }  # fmt: skip

    def get_queryset(self) -> QuerySet[Handoff]:
        return handoffs_of(self.request.user)

    def find(self, key: str) -> Handoff:
        row = handoff_called(key, self.request.user)
        if row is None:
            raise Http404
        return row

    def create(self, request: Request) -> Response:
        """Write a draft with its items and its checklist."""
        given, actor = self.read(HandoffInput), request.user
        assets = dict(Asset.objects.filter(slug__in=given["assets"]).values_list("slug", "pk"))
        unknown = [slug for slug in given["assets"] if slug not in assets]
        if unknown:
            raise DomainError("ownership.unknown_asset", f"There is no asset {unknown[0][:80]}.", "assets")
        draft = HandoffDraft(
            giver=party_called(given["giver"], "giver"), taker=party_called(given["taker"], "taker"),
            asset_ids=list(assets.values()), effective_at=given["effective_at"] or self.at,
            shadow_days=given["shadow_days"], reason=given["reason"], note=given["note"],
        )  # fmt: skip
        made = draft_handoff(actor=actor, draft=draft, at=self.at)  # type: ignore[arg-type] # let in by the permission
        return self.created(self.find(made.code), f"/api/v1/handoffs/{made.code}")

    @action(detail=True, methods=["get"])
    def items(self, request: Request, code: str) -> Response:
        """Every item with its state."""
        del request, code
        rows = self.paginate_queryset(self.get_object().items.select_related("asset").order_by("pk")) or []
        return self.get_paginated_response(HandoffItemShown(rows, many=True).data)

    @action(detail=True, methods=["post"])
    def offer(self, request: Request, code: str) -> Response:
        """Ask the recipient."""
        return self._done(offer_handoff(actor=_actor(request), handoff=self.get_object(), at=self.at), code)

    @action(detail=True, methods=["post"])
    def decide(self, request: Request, code: str) -> Response:
        """Yes and no, in one transaction; 409 when somebody decided one of them first."""
        given = self.read(HandoffDecision)
        decline = {each["item"]: each["reason"] for each in given["decline"]}
        done = decide_items(
            actor=_actor(request), handoff=self.get_object(), accept=given["accept"], decline=decline, at=self.at
        )
        return self._done(done, code)

    @extend_schema(responses=HandoffCheckShown(many=True))
    @action(detail=True, methods=["get"])
    def checks(self, request: Request, code: str) -> Response:
        """The checklist: what is to be done before the handover takes effect."""
        del request, code
        rows = self.paginate_queryset(self.get_object().checks.select_related("asset", "by").order_by("pk")) or []
        return self.get_paginated_response(HandoffCheckShown(rows, many=True).data)

    @extend_schema(responses=HandoffCheckShown)
    @action(detail=True, methods=["post"])
    def check(self, request: Request, code: str) -> Response:
        """Tick a line off, or waive it; with the last one a handover that is due begins."""
        del code
        row, given = self.get_object(), self.read(HandoffCheckInput)
        found = row.checks.filter(pk=given["check"]).first()
        if found is None:
            raise DomainError("ownership.unknown_check", "There is no such line.", "check")
        done = complete_check(actor=_actor(request), check=found, state=given["state"], note=given["note"], at=self.at)
        return Response(HandoffCheckShown(done).data)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, code: str) -> Response:
        """Take back what has not begun."""
        return self._done(withdraw_handoff(actor=_actor(request), handoff=self.get_object(), at=self.at), code)

    def _done(self, row: Handoff, code: str) -> Response:
        del row
        return self.shown(self.find(code))


def _actor(request: Request) -> Any:
    return request.user
