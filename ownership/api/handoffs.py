"""`/api/v1/handoffs`: bulk handovers for programs; the same rules and answers as on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from rest_framework import serializers
from rest_framework.decorators import action

from ownership.domain.handoffs import MOST_ITEMS
from ownership.models import Asset, Handoff
from ownership.queries.handoffs import handoff_called, handoffs_of
from ownership.services.handoffs import HandoffDraft, decide_items, draft_handoff, offer_handoff, withdraw_handoff
from portal.accounts.models import Person, Team
from portal.core.api.viewsets import PortalViewSet
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response


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
    order = ("-id",)
    lookup_field = "pk"
    lookup_url_kwarg = "code"
    scopes = {"read": "ownership:read", "write": "ownership:write"}
    inputs = {"create": HandoffInput, "offer": None, "decide": HandoffDecision, "withdraw": None}

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
            giver=_party(given["giver"], "giver"), taker=_party(given["taker"], "taker"),
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

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, code: str) -> Response:
        """Take back what has not begun."""
        return self._done(withdraw_handoff(actor=_actor(request), handoff=self.get_object(), at=self.at), code)

    def _done(self, row: Handoff, code: str) -> Response:
        del row
        return self.shown(self.find(code))


def _actor(request: Request) -> Any:
    return request.user


def _party(name: str, field: str) -> Person | Team:
    found = Person.objects.filter(handle=name).first() or Team.objects.filter(slug=name, archived_at=None).first()
    if found is None:
        raise DomainError("ownership.unknown_party", f"Nobody here is called {name[:40]}.", field)
    return found
